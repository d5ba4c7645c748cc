import { parseOrigin, isUnattributed, UNKNOWN_ORIGIN } from './origin.js';
import { formatLsn, parseLsn, type Lsn } from './lsn.js';
import { formatLaneState, isAheadOf, parseLaneState, type StoredLaneState } from './position.js';
import { isVisible, parseSnapshot } from './snapshot.js';
import { ConfigError, InvalidLsnError, LedgerUnavailableError, publicReason } from './errors.js';
import { fromByteString, toByteString } from './byte-string.js';

describe('Lsn', () => {
  it.each(['0/0', '0/16B3748', '16/B374D848', 'FFFFFFFF/FFFFFFFF'])('reads and prints %s alike', (text) => {
    expect(formatLsn(parseLsn(text))).toBe(text);
  });

  it.each(['', '0', '0/', '/0', '0/G', '0/123456789', ' 0/1'])('refuses "%s"', (text) => {
    expect(() => parseLsn(text)).toThrow(InvalidLsnError);
  });

  it('orders positions as numbers, not as texts', () => {
    expect(parseLsn('A/0') > parseLsn('9/FFFFFFFF')).toBe(true);
    expect(parseLsn('10/0') > parseLsn('9/0')).toBe(true);
  });
});

describe('a target and the ledger', () => {
  it.each([
    ['a transaction whose end is stored', 20n, 0, 21n, false],
    ['a transaction that begins where the stored ones end (W2)', 20n, 0, 20n, true],
    ['a transaction that is lost', 20n, 3, 15n, true],
    ['a copy that began at what is stored', 20n, -1, 20n, false],
    ['a copy that began at what is lost', 20n, -1, 15n, true],
  ])('compare for %s', (_text, commitLsn, seq, captured, isAhead) => {
    expect(isAheadOf({ commitLsn: commitLsn as Lsn, seq }, captured as Lsn)).toBe(isAhead);
  });
});

describe('what people read of an error', () => {
  const foreign = (code: unknown) => Object.assign(new Error('duplicate key (email)=(ana@example.com)'), { code });
  const NO_CODE = 'An error that was not expected; the log of the worker tells more.';
  it.each([
    ['our own words', new ConfigError('Name either keys or a filter.'), 'Name either keys or a filter.'],
    ['our own words, not those of the cause', new LedgerUnavailableError(foreign('23505')), /^SystemDB did not store/],
    [
      'the code of a server',
      foreign('23505'),
      'An error that was not expected (23505); the log of the worker tells more.',
    ],
    ['the code of a connection', foreign('ECONNRESET'), /\(ECONNRESET\)/],
    ['nothing of a code that is a text', foreign('password is secret'), NO_CODE],
    ['nothing of a code that is no text', foreign(7), NO_CODE],
    ['nothing of a text', 'password is secret', NO_CODE],
  ] as const)('is %s', (_name, error, reason) => {
    expect(publicReason(error)).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
  });
});

describe('isVisible', () => {
  it.each([
    ['a transaction before xmin', '100:200:', 99, true],
    ['one that ended between xmin and xmax', '100:200:100,150', 120, true],
    ['one in progress', '100:200:100,150', 150, false],
    ['the next one to come', '100:200:', 200, false],
    ['a later one', '100:200:', 5000, false],
    ['one before the 32-bit wraparound, seen after it', '4294967290:4294967400:', 4294967295, true],
    ['one after the wraparound', '4294967290:4294967400:4294967350', 103, true],
    ['one in progress after the wraparound', '4294967290:4294967400:4294967350', 54, false],
    ['one not begun after the wraparound', '4294967290:4294967300:', 10, false],
  ])('%s', (_name, snapshot, xid, expected) => {
    expect(isVisible(parseSnapshot(snapshot), xid)).toBe(expected);
  });
});

describe('parseOrigin', () => {
  it('takes what was asserted and what was observed', () => {
    const content = '{"asserted":{"service":"BookingAPI","user":"ana"},"observed":{"role":"app"}}';
    expect(parseOrigin(content)).toEqual({
      asserted: { service: 'BookingAPI', user: 'ana' },
      observed: { role: 'app' },
    });
  });

  it.each(['', 'null', '[]', '{"asserted":7}', '{"asserted":{"service":7}}', '{"asserted":{"service":""}}', '{'])(
    'takes %s for nothing',
    (content) => {
      expect(parseOrigin(content)).toEqual(UNKNOWN_ORIGIN);
      expect(isUnattributed(parseOrigin(content))).toBe(true);
    },
  );

  it('drops fields it does not know, prototype keys among them, and cuts long texts', () => {
    const content = `{"asserted":{"service":"${'x'.repeat(900)}","__proto__":{"user":"eve"},"admin":"yes"}}`;
    const { asserted } = parseOrigin(content);
    expect(Object.keys(asserted)).toEqual(['service']);
    expect(asserted.service).toHaveLength(500);
    expect(asserted.user).toBeUndefined();
  });
});

describe('lane state', () => {
  it('is the same text after a round trip, because targets compare texts', () => {
    const state: StoredLaneState = {
      moves: 3,
      history: '7301234567890123456/1',
      position: { commitLsn: 0x16b3748n as Lsn, seq: -1 },
      copy: { id: 'c', tableIndex: 1, afterKey: ['a', 'ü'], rows: 7, phase: 'rows', sweep: true },
    };
    expect(formatLaneState(parseLaneState(formatLaneState(state)))).toBe(formatLaneState(state));
  });
});

it('a byte string holds any text and gives it back', () => {
  const text = 'Zürich 🚀 \u0000 "quoted"';
  expect(fromByteString(toByteString(text))).toBe(text);
});
