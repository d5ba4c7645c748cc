import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type Document,
  type Node,
} from 'yaml';
import type { CatalogueFile, FilePosition, Problem } from './problem.js';

const MAX_CHARACTERS = 1_048_576;
/** Nesting a catalogue never needs; deeper text is an accident or an attack on the parser's stack. */
const MAX_DEPTH = 50;

export interface YamlText {
  readonly value: unknown;
  readonly file: CatalogueFile;
  /** When not empty, `value` must not be used. */
  readonly problems: readonly Problem[];
}

/** What the YAML library's findings mean for the person who wrote the file. */
const EXPLANATIONS: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  DUPLICATE_KEY: ['"%name" is already used above', 'keep one of the two, or rename one'],
  TAB_AS_INDENT: ['the line is indented with a tab', 'indent with spaces'],
  MULTIPLE_DOCS: ['a second YAML document starts here', 'keep one document and remove the line ---'],
  TAG_RESOLVE_FAILED: ['tags such as !name are not used here', 'remove the tag'],
  BAD_INDENT: ['the indentation does not fit the lines above, or a bracket is still open', 'line it up, or close it'],
  MISSING_CHAR: ['a closing quote or bracket is missing', 'close it'],
};

/** Reads YAML into plain values and remembers where each of them stands. Never throws. */
export function readYaml(text: string, fileName: string): YamlText {
  const positions = new Map<string, FilePosition>();
  const problems: Problem[] = [];
  const lines = new LineCounter();
  const report: Report = (offset, what, fix) => {
    const { line, column } = toPosition(lines, offset);
    problems.push({ place: `${fileName}:${line}:${column}`, dataSet: null, what, fix });
  };
  const document = isReasonable(text, report) ? parseDocument(text, { lineCounter: lines, prettyErrors: false }) : null;
  if (document) reportSyntax(document, text, report);
  const isReadable = document !== null && problems.length === 0;
  if (isReadable) recordPositions(document.contents, [], { positions, at: (offset) => toPosition(lines, offset) });
  return { value: isReadable ? document.toJS() : undefined, file: { name: fileName, positions }, problems };
}

type Report = (offset: number, what: string, fix: string) => void;

/** Keeps text away from the parser that could exhaust memory or stack. */
function isReasonable(text: string, report: Report): boolean {
  if (text.length > MAX_CHARACTERS) {
    report(0, 'the file is larger than 1 MiB', 'keep only the catalogue in it');
    return false;
  }
  if (!isTooDeep(text)) return true;
  report(0, `the file is nested deeper than ${MAX_DEPTH} levels`, 'keep to the settings of a catalogue');
  return false;
}

function toPosition(lines: LineCounter, offset: number): FilePosition {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Runs the library's own tokenizer without building anything, because building recurses. */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) void token;
    if (parser.stack.length > MAX_DEPTH) return true;
  }
  return false;
}

function reportSyntax(document: Document.Parsed, text: string, report: Report): void {
  const findings = [...document.errors, ...document.warnings];
  findings.forEach(({ code, message, pos: [offset] }, index) => {
    // One slip often gives several findings in a row; the first of them tells the cause.
    if (index > 0 && code === 'UNEXPECTED_TOKEN') return;
    const [what, fix] = EXPLANATIONS[code] ?? [`this is not valid YAML: ${message}`, 'correct the line'];
    report(
      offset,
      what.replace('%name', () => nameAt(text, offset)),
      fix,
    );
  });
  if (findings.length > 0) return;
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    report(0, 'the file is empty', 'start with version: 1 and dataSets:');
  }
  reportUnused(document, report);
}

/** Parts of YAML that a catalogue does not use; aliases could also grow a small file without bound. */
function reportUnused(document: Document.Parsed, report: Report): void {
  const offsetOf = (node: unknown) => (isNode(node) ? (node.range?.[0] ?? 0) : 0);
  const refuse = (node: Node) =>
    report(offsetOf(node), 'anchors and aliases (& and *) are not used here', 'write the value out');
  visit(document, {
    Alias: (_key, node) => refuse(node),
    Pair: (_key, { key }) => {
      if (!isScalar(key)) report(offsetOf(key), 'a name must be plain text', 'write name: value');
    },
    Node: (_key, node) => (node.anchor ? refuse(node) : undefined),
  });
}

function nameAt(text: string, offset: number): string {
  return /^[^:\n]*/.exec(text.slice(offset, offset + 80))![0];
}

interface PositionSink {
  readonly positions: Map<string, FilePosition>;
  readonly at: (offset: number) => FilePosition;
}

/** Entries of a map are found at their key, items of a list at their value. */
function recordPositions(node: unknown, path: readonly (string | number)[], sink: PositionSink): void {
  const record = (offset: number | undefined, child: unknown, key: string | number) => {
    const childPath = [...path, key];
    sink.positions.set(childPath.join('.'), sink.at(offset ?? 0));
    recordPositions(child, childPath, sink);
  };
  if (isMap<Node, Node>(node)) {
    for (const { key, value } of node.items) record(key.range?.[0], value, isScalar(key) ? String(key.value) : '?');
  } else if (isSeq<Node>(node)) {
    node.items.forEach((item, index) => record(item?.range?.[0], item, index));
  }
}
