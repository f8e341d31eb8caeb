import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  Context, Keyring, LiveKeyring, MasterKey, Sealer, SessionCookie, Sessions, setUpCookies, Signer, TokenCookie,
  Unsealer,
} from '../src/index.js';
import { testKeyFromBytes } from '../src/hazmat.js';
import { utf8 } from '../src/bytes.js';

const now = 1790000000;
const context = new Context('shop.example', 'session');
const newRing = () => new Keyring([{ key: MasterKey.generate() }]);
const ring = newRing();
const code = (expected) => (error) => error.code === expected;
const same = (a, b) => assert.deepEqual(a, b);
const text = (bytes) => new TextDecoder().decode(bytes);

/** Runs `call` with a member of the platform replaced. */
async function replaced(object, name, value, call) {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  try {
    return await call();
  } finally {
    if (before) Object.defineProperty(object, name, before);
    else delete object[name];
  }
}

test('two seals of the same input differ, and both open; two signatures are the same', async () => {
  const sealer = new Sealer({ ring, context });
  const unsealer = new Unsealer({ ring, context });
  const [a, b] = [await sealer.seal('x', { ttl: 60, now }), await sealer.seal('x', { ttl: 60, now })];
  assert.notEqual(a.slice(48, 78), b.slice(48, 78));
  for (const token of [a, b]) assert.equal(text((await unsealer.unseal(token, { now })).payload), 'x');
  const signer = new Signer({ ring, context });
  assert.equal(await signer.sign('x', { ttl: 60, now }), await signer.sign('x', { ttl: 60, now }));
});

test('without randomness there is an error and no token, key or session', async () => {
  const broken = () => { throw new Error('no entropy'); };
  await replaced(globalThis.crypto, 'getRandomValues', broken, async () => {
    await assert.rejects(new Sealer({ ring, context }).seal('x', { ttl: 60, now }), code('no_randomness'));
    assert.throws(() => MasterKey.generate(), code('no_randomness'));
    const sessions = new Sessions({ ring, context, check: null });
    const session = await sessions.open(null, { now });
    session.data.a = 1;
    await assert.rejects(sessions.commit(session, { now }), code('no_randomness'));
  });
});

test('without a clock a call that was given no now fails; an injected clock serves', async () => {
  for (const clock of [() => { throw new Error('x'); }, () => NaN, () => -1, () => 2 ** 48, () => 1.5]) {
    await assert.rejects(new Sealer({ ring, context, clock }).seal('x', { ttl: 60 }), code('no_clock'));
  }
  const token = await new Sealer({ ring, context, clock: () => now }).seal('x', { ttl: 60 });
  assert.equal((await new Unsealer({ ring, context, clock: () => now }).unseal(token)).issuedAt, now);
});

test('a value that is no integer is a TypeError, no code', async () => {
  const sealer = new Sealer({ ring, context });
  for (const ttl of [undefined, 1.5, NaN, Infinity, '60', 60n]) {
    await assert.rejects(sealer.seal('x', { ttl, now }), TypeError);
  }
  await assert.rejects(sealer.seal('\ud800', { ttl: 60, now }), TypeError);
});

test('nothing of a payload or a key is in an error or a debugging form', async () => {
  const secret = 'sEcReTpAyLoAd';
  const sessions = new Sessions({ ring, context, check: null });
  const sealer = new Sealer({ ring, context });
  const token = await sealer.seal(`{"sid":"${secret}`, { ttl: 60, now });
  const session = await sessions.open(token, { now });
  assert.equal(session.reason, 'payload_invalid');
  const late = await new Unsealer({ ring, context }).unseal(token, { now: now + 60 }).catch((error) => error);
  const bad = await new Unsealer({ ring, context }).unseal(`${token.slice(0, -4)}AAAA`, { now }).catch((e) => e);
  same([late.code, bad.code], ['expired', 'auth_failed']);
  const other = await sessions.open(null, { now });
  other.data = { [secret]: Infinity };
  const refused = await sessions.commit(other, { now }).catch((error) => error);
  assert.equal(refused.code, 'payload_unserializable');
  const key = MasterKey.generate();
  const digits = (await key.exportText()).slice(13, 77);
  const typo = await MasterKey.fromText(`cretula_key1_${digits}_00000000`).catch((error) => error);
  for (const seen of [session, late, bad, refused, typo, key, new Keyring([{ key }]), JSON.stringify(key), `${key}`]) {
    const shown = inspect(seen, { depth: 9, showHidden: true });
    assert.ok(!shown.includes(secret) && !shown.includes(digits), shown);
    assert.equal(seen.cause, undefined);
  }
});

test('numbers of data keep their spelling in a session that leaves it alone', async () => {
  const sessions = new Sessions({ ring, context, check: null, policy: { idle: 60, absolute: 600 } });
  const data = '{"x":1.50,"y":[1e2,0.10]}';
  const body = `{"sid":"AAECAwQFBgcICQoLDA0ODw","start":${now},"end":${now + 600},"rev":1,"data":${data}}`;
  const session = await sessions.open(await new Sealer({ ring, context }).seal(body, { ttl: 60, now }), { now: now + 40 });
  same(session.data, { x: 1.5, y: [100, 0.1] });
  const done = await sessions.commit(session, { now: now + 40 });
  assert.equal(done.payload, body.replace('"rev":1', '"rev":2'));
});

test('a session is committed once, and again only after an error', async () => {
  const sessions = new Sessions({ ring, context, check: null });
  const session = await sessions.open(null, { now });
  session.data = { bad: NaN };
  await assert.rejects(sessions.commit(session, { now }), code('payload_unserializable'));
  session.data = {};
  await sessions.commit(session, { now });
  await assert.rejects(sessions.commit(session, { now }), /already/);
  const twice = await sessions.open(null, { now });
  twice.data.a = 1;
  const both = await Promise.allSettled([sessions.commit(twice, { now }), sessions.commit(twice, { now })]);
  same(both.map(({ status }) => status), ['fulfilled', 'rejected']);
  const other = new Sessions({ ring, context: new Context('shop.example', 'other'), check: null });
  await assert.rejects(other.commit(await sessions.open(null, { now }), { now }), code('context_invalid'));
});

test('a user needs an answer unless no check is wanted; a check that throws has not answered', async () => {
  const options = { ring, context };
  const none = new Sessions({ ...options, check: null });
  const session = await none.open(null, { now });
  session.signOn({ sub: 'ada', gen: 7 });
  const { token } = await none.commit(session, { now });
  const reason = async (check) => (await new Sessions({ ...options, check }).open(token, { now })).reason;
  same(await reason(undefined), 'unchecked');
  same(await reason(async () => { throw new Error('database'); }), 'unchecked');
  same(await reason(async () => ({ gen: 8 })), 'revoked');
  same(await reason(async () => ({ gen: 7, denied: true })), 'signed_off');
  same(await reason(async ({ sub }) => ({ gen: sub === 'ada' ? 7 : 0 })), null);
});

test('a ring is exchanged whole or not at all', async () => {
  const live = new LiveKeyring(newRing());
  const token = await new Sealer({ ring: live, context }).seal('x', { ttl: 60, now });
  const unsealer = new Unsealer({ ring: live, context });
  await assert.rejects(live.reload('{"cretula":"keyring-v1","keys":[]}'), code('keyring_empty'));
  await unsealer.unseal(token, { now });
  await live.reload(`${await MasterKey.generate().exportText()}, ${await MasterKey.generate().exportText()}`);
  await assert.rejects(unsealer.unseal(token, { now }), code('unknown_key'));
  const texts = await Promise.all(Array.from({ length: 50 }, () => MasterKey.generate().exportText()));
  await Promise.all([live.reload(texts.join()), live.reload(texts[0])]);
  assert.equal(live.current.entries.length, 1, 'the last text stays in force');
});

test('a ring of 1 000 entries; derivation is done once', async () => {
  const many = new Keyring(Array.from({ length: 1000 }, () => ({ key: MasterKey.generate() })));
  const sealer = new Sealer({ ring: many, context });
  await new Unsealer({ ring: many, context }).unseal(await sealer.seal('x', { ttl: 60, now }), { now });
  const refuse = () => { throw new Error('derived again'); };
  await replaced(globalThis.crypto.subtle, 'deriveBits', refuse, () => sealer.seal('y', { ttl: 60, now }));
});

test('test keys, zero keys and deep documents are refused in the ordinary ways', async () => {
  assert.throws(() => MasterKey.fromBytes(utf8('cretula-test-key0123456789abcdef')), code('key_test'));
  assert.throws(() => MasterKey.fromBytes(new Uint8Array(32)), code('key_zero'));
  await assert.rejects(Keyring.fromText(`{"a":${'['.repeat(200000)}`), code('keyring_format'));
  await assert.rejects(Keyring.fromDocument('\ufeff{}'), code('keyring_format'));
});

test('ready-made keys: a ring is checked like a text, a test key of hazmat works like any other', async () => {
  const [a, b] = [testKeyFromBytes(utf8('cretula-test-key0123456789abcdef')), MasterKey.generate()];
  const made = new Keyring([{ key: a }, { key: b, acceptUntil: now }]);
  const token = await new Sealer({ ring: made, context }).seal('x', { ttl: 60, now });
  assert.equal(text((await new Unsealer({ ring: made, context }).unseal(token, { now })).payload), 'x');
  const refused = (entries, expected) => assert.throws(() => new Keyring(entries), ({ code: found, entry }) => {
    same([found, entry], expected);
    return true;
  });
  refused([], ['keyring_empty', undefined]);
  refused([{ key: b }, { key: b, sealFrom: 2 }, { key: a, sealFrom: -1 }], ['key_duplicate', 1]);
  refused([{ key: b }, { key: b, sealFrom: 2, acceptUntil: 2 }], ['keyring_window', 1]);
  refused([{ key: b, sealFrom: 0.5, acceptUntil: -1 }], ['keyring_time', 0]);
  assert.throws(() => new Keyring([{ key: 'cretula_key1_' }]), TypeError);
});

test('hostile Cookie fields cost linear time', async () => {
  const cookie = new SessionCookie({ sessions: new Sessions({ ring, context, check: null }) });
  const cost = async (fields) => {
    const before = process.cpuUsage();
    const session = await cookie.open(fields, { now });
    const { user, system } = process.cpuUsage(before);
    assert.notEqual(session.reason, null);
    return (user + system) / 1000;
  };
  const shape = (await new Sealer({ ring, context }).seal('x', { ttl: 60, now })).slice(0, 48);
  const inputs = {
    pairs: (n) => ['__Host-session=x; '.repeat(n)],
    shapes: (n) => [`__Host-session=${shape}; `.repeat(n)],
    blanks: (n) => [`__Host-session=${' '.repeat(10 * n)}x`, `${'\t '.repeat(5 * n)}=`],
    parts: (n) => [`__Host-session=2.AAAAAAAA.${shape}; ${'__Host-session.1=AAAAAAAA.x; '.repeat(n)}`],
    fields: (n) => Array.from({ length: n / 100 }, () => ` ; =${'a=b;'.repeat(4096)}`),
    long: (n) => [`__Host-session=CrE1${'A'.repeat(100 * n)}`],
  };
  for (const [name, make] of Object.entries(inputs)) {
    await cost(make(1000));
    const small = await cost(make(10000));
    const large = await cost(make(80000));
    assert.ok(small < 1000, `${name}: ${small} ms of CPU for 10 000`);
    assert.ok(large < 40 * small + 400, `${name}: ${small} ms, eight times the input ${large} ms`);
  }
});

test('a token cookie is written, read and refused', async () => {
  const cookie = new TokenCookie({ ring, context: new Context('shop.example', 'return-url'), name: '__Host-return' });
  const [[, line], second] = await cookie.write('/basket', { ttl: 600, now });
  same(second, ['Cache-Control', 'no-store']);
  assert.equal(text((await cookie.read([line.split(';')[0]], { now })).payload), '/basket');
  await assert.rejects(cookie.read([], { now }), code('absent'));
  const big = await cookie.write('x'.repeat(4096), { ttl: 600, now }).catch((error) => error);
  same([big.code, big.over, big.largest], ['cookie_too_large', 13 + Math.ceil((85 + 4096) * 4 / 3) - 4096, undefined]);
  await assert.rejects(cookie.write('x'.repeat(4096), { ttl: 0, now }), code('ttl_range'));
  same(cookie.expire()[0][1], '__Host-return=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax');
  const large = { ring, context, name: '__Host-return', large: true };
  assert.throws(() => new TokenCookie(large), code('cookie_attributes'));
  const twice = [{ purpose: 'a', cookie: { name: 'x' } }, { purpose: 'b', cookie: { name: 'x.end' } }];
  assert.throws(() => setUpCookies(twice), code('cookie_clash'));
});
