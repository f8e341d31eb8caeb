/** What the platform does and the format does not: first that it does, then that we do not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Context, Keyring, MasterKey, Sealer, SessionCookie, Sessions, Signer, Unsealer, Verifier,
} from '../src/index.js';
import { decode, encode } from '../src/base64url.js';
import { readTimes, timesHead, utf8Length } from '../src/bytes.js';
import { readJson } from '../src/json.js';

const now = 1790000000;
const context = new Context('shop.example', 'session');
const ring = new Keyring([{ key: MasterKey.generate() }]);
const sealer = new Sealer({ ring, context });
const unsealer = new Unsealer({ ring, context });
const sessions = new Sessions({ ring, context, check: null });
const sid = 'AAECAwQFBgcICQoLDA0ODw';
const code = (expected) => (error) => error.code === expected;
const same = (a, b) => assert.deepEqual(a, b);

const sealed = (payload) => sealer.seal(payload, { ttl: 60, now });
const reason = async (payload) => (await sessions.open(await sealed(payload), { now })).reason;
const opened = async (more) => reason(`{"sid":"${sid}","start":${now},"end":${now + 60},"rev":1${more}}`);

/** Commits a new session that `change` changed. */
async function committed(change) {
  const session = await sessions.open(null, { now });
  change(session);
  return sessions.commit(session, { now });
}

const refused = (change) => assert.rejects(committed(change), code('payload_unserializable'));

test('trap: Buffer and atob decode what is not canonical base64url', () => {
  for (const lax of ['_-9', '/+8', '_-8=', '_- 8', '_-8\n', '_-8*']) {
    same([...Buffer.from(lax, 'base64url')].slice(0, 2), [255, 239]);
    assert.throws(() => decode(lax), code('encoding'), lax);
  }
  for (const lax of ['/+9', ' /+8\n', '/+8=']) {
    assert.equal(atob(lax), '\xff\xef');
    assert.throws(() => decode(lax.replace('/+', '_-')), code('encoding'), lax);
  }
  for (const bad of ['A', 'AAAAA', 'AB', '\u0141A', 'é8', '\ud800A']) {
    assert.throws(() => decode(bad), code('encoding'), bad);
  }
  same([...decode('_-8')], [255, 239]);
  for (let n = 0; n < 70; n += 1) {
    const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 37 + n) % 256);
    same(decode(encode(bytes)), bytes);
    assert.equal(encode(bytes), Buffer.from(bytes).toString('base64url'));
  }
});

test('trap: WebCrypto opens tags as short as tagLength says', async () => {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey('raw', new Uint8Array(32), 'AES-GCM', false, ['encrypt', 'decrypt']);
  const iv = new Uint8Array(12);
  const full = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, new Uint8Array(5)));
  const cut = await subtle.decrypt({ name: 'AES-GCM', iv, tagLength: 96 }, key, full.slice(0, -4));
  assert.equal(cut.byteLength, 5);

  const a = decode(await sealed('0123456789abcdef0123'));
  const b = decode(await new Signer({ ring, context }).sign('0123456789abcdef0123', { ttl: 60, now }));
  const verifier = new Verifier({ ring, context });
  for (const octets of [1, 4, 12, 15]) {
    await assert.rejects(unsealer.unseal(encode(a.slice(0, -octets)), { now }), code('auth_failed'));
    await assert.rejects(verifier.verify(encode(b.slice(0, -octets)), { now }), code('auth_failed'));
  }
});

test('trap: 32-bit operators cut times', async () => {
  same([2 ** 32 >>> 0, 2 ** 31 | 0], [0, -(2 ** 31)]);
  for (const issuedAt of [2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 1, 2 ** 48 - 1]) {
    for (const ttl of [1, 34560000, 2 ** 31, 2 ** 32 - 1]) {
      same(readTimes(timesHead(issuedAt, ttl), 0), { issuedAt, ttl });
    }
    const token = await sealer.seal('', { ttl: 34560000, now: issuedAt });
    const { payload, issuedAt: read, expiresAt } = await unsealer.unseal(token, { now: issuedAt });
    same([payload.length, read, expiresAt], [0, issuedAt, issuedAt + 34560000]);
  }
});

test('trap: numbers lose integers beyond 53 bits', async () => {
  assert.equal(JSON.parse('9007199254740993'), 9007199254740992);
  same(await opened(',"data":{"n":9007199254740993}'), 'payload_invalid');
  same(await opened(',"data":{"n":9007199254740991}'), null);
  for (const bad of [2 ** 53, 1e300, NaN, -Infinity, 10n]) await refused((session) => { session.data.bad = bad; });
  const kept = { a: 2 ** 53 - 1, b: -0, c: 0.1, d: undefined };
  const { payload } = await committed((session) => { session.data = kept; });
  assert.ok(payload.endsWith(',"data":{"a":9007199254740991,"b":0,"c":0.1}}'), payload);
});

test('trap: JSON.stringify drops or converts what it does not know', async () => {
  assert.equal(JSON.stringify([() => 1, NaN, new Map([[1, 2]])]), '[null,null,{}]');
  class Basket {}
  for (const bad of [() => 1, new Date(0), new Map(), [undefined], Symbol('x'), { toJSON: () => 1 }, new Basket()]) {
    await refused((session) => { session.data.bad = bad; });
  }
});

test('trap: JSON.parse takes the last of two names', async () => {
  same(JSON.parse('{"a":1,"a":2}'), { a: 2 });
  for (const bad of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"":0,"":0}]']) {
    assert.equal(readJson(bad), undefined, bad);
  }
  same(await opened(',"rev":2'), 'payload_invalid');
  const document = (more) => Keyring.fromText(`{"cretula":"keyring-v1","keys":[]${more}}`);
  await assert.rejects(document(''), code('keyring_empty'));
  for (const more of [',"keys":[]', ',"\\u006beys":[]', ',"__proto__":[]']) {
    await assert.rejects(document(more), code('keyring_format'));
  }
});

test('trap: __proto__ and inherited names', async () => {
  const polluted = {};
  polluted['__proto__'] = { admin: true };
  same([polluted.admin, Object.keys(polluted)], [true, []]);
  same(await opened(',"data":{"a":[{"__proto__":{"admin":true}}]}'), 'payload_invalid');
  same(await opened(',"flash":{"__proto__":[1]}'), 'payload_invalid');
  same(await opened(',"__proto__":{}'), 'payload_invalid');
  await refused((session) => { session.data = JSON.parse('{"__proto__":{"a":1}}'); });
  await refused((session) => session.flash('__proto__', 1));
  const { payload } = await committed((session) => {
    session.data = { a: 1 };
    session.signOn({ sub: 'ada', gen: 7, keep: ['a', '__proto__', 'constructor', 'toString'] });
    same([session.takeFlash('constructor'), Object.keys(session.data)], [[], ['a']]);
  });
  assert.ok(payload.endsWith(',"data":{"a":1}}'), payload);
  same(await opened(',"data":{"constructor":1,"toString":null,"hasOwnProperty":[]}'), null);
});

test('trap: lone surrogates become U+FFFD in octets', async () => {
  same([...new TextEncoder().encode('\ud800')], [239, 191, 189]);
  for (const bad of ['["\\ud800"]', '{"\\udc00":1}', '["\\udc00\\ud800"]', '\ufeff{}']) {
    assert.equal(readJson(bad), undefined, bad);
  }
  await refused((session) => { session.data.bad = 'a\udc00'; });
  await refused((session) => { session.data['\ud800'] = 1; });
  await refused((session) => session.flash('\ud800', 1));
  const session = await sessions.open(null, { now });
  assert.throws(() => session.signOn({ sub: 'ada\ud800', gen: 7 }), code('user_invalid'));
  await assert.rejects(sealer.seal('\ud800', { ttl: 60, now }), TypeError);
  await assert.rejects(Keyring.fromText('{"cretula":"\ud800"}'), code('keyring_format'));
});

test('trap: length counts UTF-16 units and not octets', async () => {
  same(['a', 'é', '€', '😀', '\ud800', '\udc00', '\ud800a', '\udc00\ud800'].map(utf8Length), [1, 2, 3, 4, 3, 3, 4, 6]);
  const tight = new Unsealer({ ring, context, limit: 5 });
  await assert.rejects(tight.unseal('\ud800\ud800', { now }), code('too_long'));
  await assert.rejects(tight.unseal('\ud800aa', { now }), code('not_a_token'));
  const session = await sessions.open(null, { now });
  session.signOn({ sub: 'é'.repeat(127), gen: 7 });
  assert.throws(() => session.signOn({ sub: 'é'.repeat(128), gen: 7 }), code('user_invalid'));
  const cookie = new SessionCookie({ sessions });
  const guest = await cookie.open([], { now });
  guest.data = { ascii: 'x'.repeat(1500), wide: '€'.repeat(1000) };
  const error = await cookie.commit(guest, { now }).catch((refusal) => refusal);
  same([error.code, error.largest], ['cookie_too_large', 'wide']);
});

test('trap: Number takes empty, hexadecimal and spaced strings, and + joins strings', async () => {
  same(['', ' 1\n', '0x10', '1e1', true, null, [7]].map(Number), [0, 1, 16, 10, 1, 0, 7]);
  for (const value of ['', ' 1', '0x10', '60', true, null, [60], 60n, 1.5, NaN, Infinity]) {
    await assert.rejects(sealer.seal('x', { ttl: value, now }), TypeError);
    await assert.rejects(unsealer.unseal('x', { now: value }), TypeError);
    assert.throws(() => new Sessions({ ring, context, policy: { idle: value } }), TypeError);
    assert.throws(() => new Keyring([{ key: MasterKey.generate(), sealFrom: value }]), code('keyring_time'));
  }
  const text = await MasterKey.generate().exportText();
  const document = (time) => Keyring.fromText(`{"cretula":"keyring-v1","keys":[{"key":"${text}","seal_from":${time}}]}`);
  for (const time of ['""', '"1"', '"0x10"', 'true', 'null', '0.5', '-1']) {
    await assert.rejects(document(time), code('keyring_time'));
  }
  for (const time of ['0x10', '+1', '01', '1.', '.5', '1_0', 'NaN', '']) {
    await assert.rejects(document(time), code('keyring_format'));
  }
  const { token } = await committed((session) => session.signOn({ sub: 'ada', gen: 7 }));
  const answered = async (answer) => (await sessions.open(token, { now, check: () => answer })).reason;
  same([await answered({ gen: 7 }), await answered({ gen: 8 })], [null, 'revoked']);
  await assert.rejects(answered({ gen: '7' }), TypeError);
  same([await answered({ gen: 7, denied: 1 }), await answered({ gen: 7, denied: 0 })], ['signed_off', null]);
  const session = await sessions.open(token, { now: now + 100 });
  same([session.reauthWithin(60), session.reauthWithin(600)], [false, true]);
  for (const seconds of ['60', 1.5, undefined]) assert.throws(() => session.reauthWithin(seconds), TypeError);
});

test('trap: trim takes spaces that cookies keep, and Headers join fields', async () => {
  assert.equal('\xa0\ufeffx\u2003'.trim(), 'x');
  const headers = new Headers([['Cookie', 'a=1'], ['Vary', 'x'], ['Vary', 'y'], ['Cookie', 'b=2']]);
  same([headers.get('vary'), headers.get('cookie')], ['x, y', 'a=1; b=2']);
  const cookie = new SessionCookie({ sessions });
  const session = await cookie.open([], { now });
  session.data.a = 1;
  const pair = (await cookie.commit(session, { now })).headers[0][1].split(';')[0];
  const found = async (...fields) => (await cookie.open(fields, { now })).reason;
  same([await found(pair), await found('a=b', `\t ${pair} ;`)], [null, null]);
  for (const foreign of [`\xa0${pair}`, `x=1, ${pair}`, pair.replace('H', 'h'), pair.replace('H', '%48')]) {
    same(await found(foreign), 'absent', foreign);
  }
  same(await found(`${pair}\xa0`), 'encoding');
  same(await found(pair.replace('=', '="').concat('"')), 'not_a_token');
});
