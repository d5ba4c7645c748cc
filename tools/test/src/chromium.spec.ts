import { ensureChromium, NoChromiumError } from './chromium.js';

const silent = () => undefined;

it('takes the first way that leads to a browser, and goes no further', async () => {
  const download = jest.fn(() => '/download/chromium');
  const ways = [() => null, async () => '/usr/bin/chromium', download];
  expect(await ensureChromium(silent, ways)).toBe('/usr/bin/chromium');
  expect(download).not.toHaveBeenCalled();
});

it('says every way out when none leads to a browser', async () => {
  const missing = ensureChromium(silent, [() => null]);
  await expect(missing).rejects.toThrow(NoChromiumError);
  await expect(missing).rejects.toThrow(/PATH.*apt-get install chromium.*playwright install/);
});
