import { readOptions, UsageError } from './options.js';
import { findTarget, NoTargetError } from './services.js';

describe('the command line', () => {
  it.each([
    [[], { rate: 50, seconds: null, seed: 1 }],
    [['--rate', '0.5', '--seconds', '10', '--seed', '7'], { rate: 0.5, seconds: 10, seed: 7 }],
    [['--rate=200'], { rate: 200, seconds: null, seed: 1 }],
    [['--help'], null],
  ])('%j means %j', (args, expected) => {
    expect(readOptions(args)).toEqual(expected);
  });

  it.each([
    [['--rate', 'fast'], '--rate takes a number from 0.1 to 5000, not "fast".'],
    [['--rate', '0'], '--rate takes a number from 0.1 to 5000, not "0".'],
    [['--rate', ''], '--rate takes a number from 0.1 to 5000, not "".'],
    [['--seconds', '-3'], "Option '--seconds' argument is ambiguous."],
    [['--seconds=-3'], '--seconds takes a number from 1 to 1000000, not "-3".'],
    [['--seed', '1.5'], '--seed takes a whole number such as 1, not "1.5".'],
    [['--speed', '9'], "Unknown option '--speed'."],
    [['50'], "Unexpected argument '50'."],
  ])('%j is explained', (args, message) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('where the traffic goes', () => {
  const state = {
    web: 'http://127.0.0.1:1',
    api: 'http://127.0.0.1:1',
    databases: { operations: 'postgres://admin@h/o', system: '', cache: '', queue: '' },
    services: { agency_api: 'postgres://agency@h/o', booking_api: 'postgres://booking@h/o' },
    caFile: '/ca.pem',
    signIns: [],
    monitoringToken: '',
    env: {},
    children: [],
  };

  it('is the stack that runs, with the role of each service', () => {
    expect(findTarget({}, state).urls).toEqual({
      AgencyAPI: 'postgres://agency@h/o',
      BookingAPI: 'postgres://booking@h/o',
      FinanceAPI: 'postgres://admin@h/o',
      psql: 'postgres://agency@h/o',
    });
  });

  it('is the database that the environment names', () => {
    const env = { OPERATIONS_DATABASE_URL: 'postgres://me@h/mine', TLS_CA_FILE: '/mine.pem' };
    const { urls, link } = findTarget(env, state);
    expect(new Set(Object.values(urls))).toEqual(new Set(['postgres://me@h/mine']));
    expect(link).toEqual({ caFile: '/mine.pem', allowPlaintext: false });
  });

  it('is nowhere when nothing runs, and says what to do', () => {
    expect(() => findTarget({}, null)).toThrow(NoTargetError);
    expect(() => findTarget({}, null)).toThrow('Start it with: npm start');
  });
});
