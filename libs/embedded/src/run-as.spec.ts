import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchAsServer } from './run-as.js';

/** As PostgreSQL's programs look for each other. */
const MAY_READ = 'require("node:fs").accessSync(process.argv[1], require("node:fs").constants.R_OK)';

describe('a program that runs as the servers do', () => {
  const closed = mkdtempSync(join(tmpdir(), 'closed-'));
  const file = join(closed, 'file');
  beforeAll(() => {
    writeFileSync(file, '');
    chmodSync(closed, 0o700);
  });
  afterAll(() => rmSync(closed, { recursive: true }));

  it('finds that it may read what lies in a folder closed to other users', () => {
    const { command, args, ...account } = launchAsServer(process.execPath, ['-e', MAY_READ, file], [file]);
    expect(() => execFileSync(command, args, { ...account, stdio: 'pipe' })).not.toThrow();
  });
});
