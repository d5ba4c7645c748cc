import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdsAll, nodeProblem } from '../prepare.mjs';
import { releaseLock, runningPid, runningState, takeLock } from '../running.mjs';

describe('the lock of a checkout', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'astro-lock-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is held by one process at a time', () => {
    expect([runningPid(root), takeLock(root)]).toEqual([null, true]);
    expect([runningPid(root), takeLock(root)]).toEqual([process.pid, false]);
    releaseLock(root);
    expect([runningPid(root), takeLock(root)]).toEqual([null, true]);
  });

  it.each([
    ['a process that is gone', '4194305'],
    ['a process that is another program now', String(process.ppid)],
    ['nobody, because it was cut short', ''],
  ])('is taken over from %s', (_name, content) => {
    mkdirSync(join(root, '.stack/run'), { recursive: true });
    writeFileSync(join(root, '.stack/run/lock'), content);
    writeFileSync(join(root, '.stack/run/state.json'), '{}');
    expect([runningPid(root), runningState(root), takeLock(root)]).toEqual([null, null, true]);
    expect(existsSync(join(root, '.stack/run/lock'))).toBe(true);
  });
});

describe('nodeProblem', () => {
  it.each([
    ['20.19.0', null],
    ['22.0.0', null],
    ['20.18.3', /^Node 20\.18\.3 is too old; this needs 20\.19 or newer/],
    ['18.20.0', /too old/],
  ])('judges Node %s', (version, problem) => {
    const found = nodeProblem(version, '>=20.19');
    if (problem === null) expect(found).toBeNull();
    else expect(found).toMatch(problem);
  });
});

describe('holdsAll', () => {
  const wanted = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };
  it.each([
    ['the same versions', { 'node_modules/a': { version: '1.0.0' } }, true],
    ['another version', { 'node_modules/a': { version: '1.0.1' } }, false],
    ['a package less', {}, false],
  ])('judges %s', (_name, installed, holds) => {
    expect(holdsAll(installed, wanted)).toBe(holds);
  });
});
