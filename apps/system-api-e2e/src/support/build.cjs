const { spawnSync } = require('node:child_process');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '../../../..');

/** `npm run build`; nothing happens when nothing has changed. */
module.exports = () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/build/build.mjs'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The programs could not be built:\n${stdout}${stderr}`);
};
