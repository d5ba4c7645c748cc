import { coverage, declaredChecks, idsInTitles } from '../check-ids.mjs';

it('reads the ids that titles begin with, and no others', () => {
  const source = `
    it('AB-1 says so', () => {});
    test.each(rows)('AB-2 AB-3, %s', () => {});
    describe("CDE-4 with a name", () => {});
    it('says so as AB-9 does', () => {});
  `;
  expect(idsInTitles(source)).toEqual(['AB-1', 'AB-2', 'AB-3', 'CDE-4']);
});

it('reads a list of checks with where each is to be proved', () => {
  const markdown = '# Checks\n\n- AB-1 `u`: a table\n- AB-2 `a` `e`: in the browser\n- no check\n';
  expect(declaredChecks(markdown)).toEqual([
    { id: 'AB-1', text: 'a table', isInBrowser: false },
    { id: 'AB-2', text: 'in the browser', isInBrowser: true },
  ]);
});

it('tells what is proved, in part, not at all, and which ids nobody declared', () => {
  const check = (id: string, isInBrowser: boolean) => ({ id, text: '', isInBrowser });
  const checks = [check('AB-1', false), check('AB-2', true), check('AB-3', true), check('AB-4', true)];
  const tested = [
    { file: 'web/a.spec.ts', ids: ['AB-1', 'AB-2', 'AB-9'] },
    { file: 'e2e/b.spec.ts', ids: ['AB-3'] },
  ];
  const found = coverage(checks, tested, (file) => file.startsWith('e2e'));
  expect(found.covered.map(({ id }) => id)).toEqual(['AB-1', 'AB-3']);
  expect(found.inPart.map(({ id }) => id)).toEqual(['AB-2']);
  expect(found.open.map(({ id }) => id)).toEqual(['AB-4']);
  expect(found.unknown).toEqual([{ id: 'AB-9', file: 'web/a.spec.ts' }]);
});
