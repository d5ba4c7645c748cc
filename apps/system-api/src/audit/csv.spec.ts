import { csvCell, csvLine } from './csv.js';

it.each([
  ['plain', 'orders', '"orders"'],
  ['nothing', '', '""'],
  ['quotes', 'say "hi"', '"say ""hi"""'],
  ['a comma', 'a,b', '"a,b"'],
  ['two lines', 'a\r\nb', '"a\r\nb"'],
  ['a formula', '=1+1', `"'=1+1"`],
  ['a plus', '+1', `"'+1"`],
  ['a minus', '-2+3', `"'-2+3"`],
  ['an at', '@SUM(A1)', `"'@SUM(A1)"`],
  ['a tab', '\t=1', `"'\t'=1"`],
  ['a carriage return', '\r=1', `"'\r'=1"`],
  ['a line feed', '\n=1', `"'\n'=1"`],
  ['a NUL', '\0=1', `"'=1"`],
  ['a full-width sign', '＝1+1', `"'＝1+1"`],
  ['a formula behind a comma', 'a,=1+1', `"a,'=1+1"`],
  ['a formula behind a semicolon and a space', 'a; =1+1', `"a; '` + `=1+1"`],
  ['a formula on the next line', 'a\n@x', `"a\n'@x"`],
  ['a formula behind a quote', '",=cmd|x', `""",'=cmd|x"`],
  ['a minus inside a word', 'price-update', '"price-update"'],
  ['an address', 'ana@example.org', '"ana@example.org"'],
])('TB-4 %s', (_name, value, cell) => {
  expect(csvCell(value)).toBe(cell);
});

it('a line ends with CR LF, and what is absent is empty', () => {
  expect(csvLine(['a', null, 'b'])).toBe('"a","","b"\r\n');
});
