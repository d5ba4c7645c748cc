/** Stops the servers of this test run and waits until they are gone. */
module.exports = async () => {
  const host = globalThis.astroTestServers;
  if (!host) return;
  globalThis.astroTestServers = undefined;
  if (host.exitCode !== null || host.signalCode !== null) return;
  const ended = new Promise((resolve) => host.once('exit', resolve));
  host.stdin.end();
  await ended;
};
