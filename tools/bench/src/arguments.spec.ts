import { readArguments, usage } from './arguments.js';

const NAMES = ['drain', 'latency', 'memory'];

it('runs everything when nothing is said', () => {
  expect(readArguments([], NAMES)).toEqual({
    scenarios: NAMES,
    jsonFile: null,
    markdownFile: null,
    rounds: 3,
    nodeOptions: [],
  });
});

it('takes what was asked for, scenarios in the order of the table', () => {
  const args = '--json a.json --markdown b.md --only memory --only drain --rounds 5 --node-option=--cpu-prof'.split(
    ' ',
  );
  expect(readArguments(args, NAMES)).toEqual({
    scenarios: ['drain', 'memory'],
    jsonFile: 'a.json',
    markdownFile: 'b.md',
    rounds: 5,
    nodeOptions: ['--cpu-prof'],
  });
});

it.each([
  [['--only', 'drian'], 'There is no scenario "drian"; choose from drain, latency, memory.'],
  [['--rounds', '2'], '--rounds 2 is not a whole number of 3 or more: a median needs that many.'],
  [['--rounds', 'many'], '--rounds many is not a whole number of 3 or more'],
  [['--jsno', 'x'], "Unknown option '--jsno'"],
  [['drain'], 'Unexpected argument'],
  [['--json', 'no-such-folder/a.json'], '--json no-such-folder/a.json: there is no folder'],
])('refuses %j', (args, message) => {
  expect(() => readArguments(args, NAMES)).toThrow(message);
});

it('gives nothing when help was asked for', () => {
  expect(readArguments(['--help'], NAMES)).toBeNull();
  expect(usage(NAMES)).toContain('--only <name>');
});
