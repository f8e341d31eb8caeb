/** The steps of §10 and §19.3, one by one, each with what it compared. The library's own opener has the last word. */
import { decode } from '../../interop/javascript/src/base64url.js';
import { hex, readTimes, utf8Length } from '../../interop/javascript/src/bytes.js';
import { LEEWAY_MAX, LIFE_MAX, LIMIT_MAX, MAGIC, MIN_BYTES, TIME_MAX } from '../../interop/javascript/src/constants.js';
import { decrypt, isMac } from '../../interop/javascript/src/crypto.js';
import { subkeyBytes } from '../../interop/javascript/src/derive.js';
import { Context, CretulaError } from '../../interop/javascript/src/index.js';
import { readPayload } from '../../interop/javascript/src/session-payload.js';
import { magicOf, textFault } from './layout.js';
import { byLibrary, summary } from './library.js';
import { duration, moment, quoted } from './words.js';

const RING_RULES = {
  key_format: ['KEY-01', 'KEY-05'],
  key_checksum: ['KEY-06'],
  key_zero: ['KEY-02'],
  key_test: ['KEY-07'],
  keyring_format: ['RING-12'],
  keyring_empty: ['RING-01'],
  keyring_time: ['RING-05', 'RING-14'],
  keyring_window: ['RING-03'],
  key_duplicate: ['RING-02'],
};
/** Key ids of a ring that a step names. */
const IDS_SHOWN = 4;

/** Steps of an opener. Each gives `{values, code?, rules?}`; what later steps need goes into the state. */
const OPEN = [
  {
    step: 'set-up',
    check: 'the key or keyring is one',
    rules: ['RING-11', 'RING-15'],
    async run(state) {
      try {
        state.ring = await state.readRing();
      } catch (error) {
        if (!(error instanceof CretulaError)) throw error;
        const entry = error.entry === undefined ? [] : [['entry', error.entry]];
        return { values: entry, code: error.code, rules: RING_RULES[error.code] };
      }
      return { values: [['entries', state.ring.entries.length]] };
    },
  },
  {
    step: 'set-up',
    check: 'audience and purpose are 1 to 255 bytes of visible ASCII each',
    rules: ['CTX-01', 'CTX-02'],
    run(state) {
      const values = [
        ['audience', quoted(state.audience)],
        ['purpose', quoted(state.purpose)],
      ];
      try {
        state.context = new Context(state.audience, state.purpose);
      } catch (error) {
        return { values, code: error.code };
      }
      return { values };
    },
  },
  {
    step: '0',
    check: "the caller's values are in range",
    rules: ['TIME-01', 'TIME-02'],
    run({ limit, leeway, maxAge, absolute, now }) {
      const isSession = absolute !== undefined;
      const ranges = [
        ['limit', limit, 1, LIMIT_MAX, 'limit_range'],
        ...(isSession
          ? [
              ['idle', maxAge, 1, LIFE_MAX, 'idle_range'],
              ['absolute', absolute, maxAge, LIFE_MAX, 'absolute_range'],
            ]
          : []),
        ['leeway', leeway, 0, LEEWAY_MAX, 'leeway_range'],
        ...(isSession ? [] : [['max_age', maxAge, 1, LIFE_MAX, 'max_age_range']]),
        ['now', now, 0, TIME_MAX, 'clock_range'],
      ];
      const fault = ranges.find(([, value, low, high]) => value < low || value > high);
      const values = ranges.map(([name, value, low, high]) => [
        name,
        name === 'now' ? moment(value) : `${value}, in ${low} to ${high}`,
      ]);
      if (fault === undefined) return { values };
      return { values: [[fault[0], `${fault[1]}, not in ${fault[2]} to ${fault[3]}`]], code: fault[4] };
    },
  },
  {
    step: '1',
    check: 'octet_length(text) ≤ limit',
    rules: ['OPEN-02'],
    run({ text, limit }) {
      const octets = utf8Length(text);
      return {
        values: [
          ['octets', octets],
          ['limit', limit],
        ],
        code: octets > limit ? 'too_long' : undefined,
      };
    },
  },
  {
    step: '2',
    check: 'the first four octets of text are the magic text of the kind',
    rules: ['OPEN-03', 'OPEN-13'],
    run({ text, kind }) {
      const found = magicOf(text);
      const code = found.kind === kind ? undefined : (found.code ?? 'wrong_kind');
      return {
        values: [
          ['text begins', quoted(text.slice(0, 4))],
          ['magic', quoted(MAGIC[kind])],
        ],
        code,
      };
    },
  },
  {
    step: '3',
    check: 'text is strict base64url',
    rules: ['OPEN-04', 'TEXT-02'],
    run(state) {
      const fault = textFault(state.text);
      if (fault !== undefined)
        return {
          values: [
            ['position', fault.at],
            ['because', fault.words],
          ],
          code: 'encoding',
        };
      state.bytes = decode(state.text);
      return {
        values: [
          ['characters', state.text.length],
          ['bytes', state.bytes.length],
        ],
      };
    },
  },
  {
    step: '4',
    check: 'no fewer bytes than the token of the empty payload',
    rules: ['OPEN-05'],
    run({ bytes, kind }) {
      const least = MIN_BYTES[kind];
      return {
        values: [
          ['bytes', bytes.length],
          ['at least', least],
        ],
        code: bytes.length < least ? 'too_short' : undefined,
      };
    },
  },
  {
    step: '5',
    check: "an entry of the ring has the token's key id, derived for this kind and context",
    rules: ['OPEN-06', 'DERIVE-01'],
    async run(state) {
      const keyId = hex(state.bytes.subarray(3, 35));
      const index = await state.ring.index(state.kind, state.context);
      const ids = Array.from(index, ([id, { entry }]) => [`entry ${entry}`, id]);
      state.found = index.get(keyId);
      if (state.found !== undefined)
        return {
          values: [
            ['key_id', keyId],
            ['entry', state.found.entry],
          ],
        };
      const shown = ids.slice(0, IDS_SHOWN);
      if (ids.length > IDS_SHOWN) shown.push(['and', `${ids.length - IDS_SHOWN} more`]);
      return { values: [['key_id', keyId], ...shown], code: 'unknown_key' };
    },
  },
  {
    step: '5',
    check: 'now < accept_until of the entry, without leeway',
    rules: ['OPEN-07'],
    run({ ring, found, now }) {
      const end = ring.entries[found.entry].acceptUntil;
      const values = [
        ['now', moment(now)],
        ['accept_until', end === undefined ? 'no end' : moment(end)],
      ];
      return { values, code: end !== undefined && now >= end ? 'key_inactive' : undefined };
    },
  },
  {
    step: '6',
    check: 'the tag matches',
    rules: ['OPEN-08', 'OPEN-09'],
    async run(state) {
      const { kind, found, bytes } = state;
      const { at, over } =
        kind === 'sealed'
          ? {
              at: bytes.length - 16,
              over: `AES-256-GCM, additional data bytes 0..47, iv 47..59, ciphertext 59..${bytes.length - 16}`,
            }
          : { at: bytes.length - 32, over: `HMAC-SHA256 over bytes 0..${bytes.length - 32}` };
      state.body = await (kind === 'sealed' ? decrypted : authenticated)(found.K, bytes);
      const values = [
        ['by', over],
        ['tag', hex(bytes.subarray(at))],
      ];
      return { values, code: state.body === undefined ? 'auth_failed' : undefined };
    },
  },
  {
    step: '7',
    check: 'issued_at ≤ now + leeway',
    rules: ['TIME-03', 'OPEN-10'],
    run(state) {
      Object.assign(state, readTimes(state.body, 0));
      const { issuedAt, now, leeway } = state;
      const values = [
        ['issued_at', moment(issuedAt)],
        ['now + leeway', moment(now + leeway)],
      ];
      return { values, code: issuedAt > now + leeway ? 'issued_in_future' : undefined };
    },
  },
  {
    step: '8',
    check: '1 ≤ ttl ≤ 34 560 000',
    rules: ['OPEN-11'],
    run({ ttl }) {
      return { values: [['ttl', duration(ttl)]], code: ttl < 1 || ttl > LIFE_MAX ? 'expired' : undefined };
    },
  },
  {
    step: '8',
    check: 'now < issued_at + min(ttl, max_age)',
    rules: ['TIME-03'],
    run(state) {
      const { issuedAt, ttl, maxAge, now } = state;
      state.expiresAt = issuedAt + Math.min(ttl, maxAge);
      const values = [
        ['now', moment(now)],
        ['end', moment(state.expiresAt)],
        ['max_age', duration(maxAge)],
      ];
      return { values, code: now >= state.expiresAt ? 'expired' : undefined };
    },
  },
];

const NO_PROFILE = {
  step: '9',
  check: 'the rules of the profile in use, if any',
  rules: ['OPEN-12', 'OPEN-14'],
  run: () => ({ values: [['profile', 'none']] }),
};

/** §19.3; 9d to 9f are answered by the transport and the application, which this page does not have. */
const SESSION = [
  {
    step: '9a',
    check: 'the payload is a session',
    rules: ['SESS-01', 'SESS-02', 'SESS-03', 'SESS-04', 'SESS-06'],
    run(state) {
      try {
        state.session = readPayload(state.body.slice(10));
      } catch (error) {
        if (!(error instanceof CretulaError)) throw error;
        return { values: [], code: error.code };
      }
      return {
        values: [
          ['sid', state.session.sid],
          ['rev', state.session.rev],
        ],
      };
    },
  },
  {
    step: '9b',
    check: 'start, auth_time and checked ≤ now + leeway',
    rules: ['SESS-08'],
    run({ session: { start, authTime, checked }, now, leeway }) {
      const signed = authTime === undefined ? 'none: a guest' : moment(authTime);
      const values = [
        ['start', moment(start)],
        ['auth_time', signed],
        ['checked', checked === undefined ? 'not given' : moment(checked)],
        ['now + leeway', moment(now + leeway)],
      ];
      const latest = Math.max(start, authTime ?? 0, checked ?? 0);
      return { values, code: latest > now + leeway ? 'issued_in_future' : undefined };
    },
  },
  {
    step: '9c',
    check: 'now < min(end, start + absolute)',
    rules: ['SESS-09'],
    run({ session: { start, end }, absolute, now }) {
      const last = Math.min(end, start + absolute);
      const values = [
        ['now', moment(now)],
        ['end', moment(end)],
        ['start + absolute', moment(start + absolute)],
      ];
      return { values, code: now >= last ? 'expired' : undefined };
    },
  },
];

async function decrypted(K, bytes) {
  const subkey = await subkeyBytes(K, bytes.subarray(35, 47));
  return decrypt(subkey, bytes.subarray(47, 59), bytes.subarray(0, 47), bytes.subarray(59));
}

async function authenticated(K, bytes) {
  const end = bytes.length - 32;
  const isGood = await isMac(K, bytes.subarray(end), bytes.subarray(0, end));
  return isGood ? bytes.subarray(35, end) : undefined;
}

/**
 * Takes the steps for `{kind, readRing, audience, purpose, maxAge, absolute?, leeway, limit, now, text}`; with
 * `absolute` they are a session's, `maxAge` its idle window. Gives `{steps, outcome, isConfirmed}`.
 */
export async function takeSteps(input) {
  const isSession = input.absolute !== undefined;
  const state = { ...input };
  const steps = [];
  let code;
  for (const { run, ...step } of [...OPEN, ...(isSession ? SESSION : [NO_PROFILE])]) {
    if (code !== undefined) {
      steps.push({ ...step, state: 'not reached', values: [] });
      continue;
    }
    const result = await run(state);
    code = result.code;
    steps.push({
      ...step,
      ...result,
      rules: result.rules ?? step.rules,
      state: code === undefined ? 'passed' : 'failed',
    });
  }
  const { body, issuedAt, ttl, expiresAt, session } = state;
  const outcome =
    code === undefined
      ? { payload: body.slice(10), body, issuedAt, ttl, expiresAt, keyId: hex(state.bytes.subarray(3, 35)), session }
      : { code };
  const library = await byLibrary(input);
  return { steps, outcome, library, isConfirmed: summary(outcome, isSession) === library };
}
