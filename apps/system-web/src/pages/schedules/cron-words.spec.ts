import { cronWords } from './cron-words.js';

it.each([
  ['* * * * *', 'every minute'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['*/1 * * * *', 'every minute'],
  ['5 * * * *', 'every hour at minute 5'],
  ['0 */6 * * *', 'every 6 hours at minute 0'],
  ['30 2 * * *', 'every day at 02:30'],
  ['0 6,18 * * *', 'every day at 06:00 and 18:00'],
  ['0 6 * * 1-5', 'on Monday to Friday at 06:00'],
  ['0 6 * * MON,Thu,0', 'on Monday, Thursday and Sunday at 06:00'],
  ['*/30 * * * 6,7', 'every 30 minutes, on Saturday and Sunday'],
  ['0 3 1 * *', 'on day 1 of every month at 03:00'],
  ['0 3 24 12 *', 'every year on 24 December at 03:00'],
  ['0 30 2 * * *', 'every day at 02:30'],
  ['*/10 * * * * *', 'every 10 seconds'],
  ['* * * * * *', 'every second'],
  ['@daily', 'every day at 00:00'],
  ['@WEEKLY', 'on Sunday at 00:00'],
  [' @yearly ', 'every year on 1 January at 00:00'],
])('SC-1 %s reads "%s"', (cron, expected) => {
  expect(cronWords(cron)).toBe(expected);
});

it.each([
  '',
  '5',
  '0 6 1-7 * 1',
  '0 6 1 */2 *',
  '61 * * * *',
  '0 25 * * *',
  '0 6 * * 1-3-5',
  '0 6 * * 1#2',
  'x y z a b',
  '15 30 2 * * *',
  '*/0 * * * *',
])('SC-1 %j is beyond words and is not guessed at', (cron) => {
  expect(cronWords(cron)).toBeNull();
});
