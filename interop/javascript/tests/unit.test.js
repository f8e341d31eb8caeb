import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  Context, CookieSettings, Keyring, LiveKeyring, MasterKey, Sealer, SessionCookie, Sessions, setUpCookies, Signer, TokenCookie,
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

/** The same of both places from which a primitive may come: a function of node:crypto, and one of WebCrypto. */
async function replacedBoth(ofNode, object, ofWeb, value, call) {
  const before = crypto[ofNode];
  crypto[ofNode] = value;
  syncBuiltinESMExports();
  try {
    return await replaced(object, ofWeb, value, call);
  } finally {
    crypto[ofNode] = before;
    syncBuiltinESMExports();
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
  await replacedBoth('randomFillSync', globalThis.crypto, 'getRandomValues', broken, async () => {
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

test('a fault of the platform is no code', async () => {
  const token = await new Sealer({ ring, context }).seal('x', { ttl: 60, now });
  const sessions = new Sessions({ ring, context, check: null });
  const broken = () => { throw new RangeError('out of memory'); };
  await replacedBoth('createDecipheriv', globalThis.crypto.subtle, 'decrypt', broken, async () => {
    await assert.rejects(new Unsealer({ ring, context }).unseal(token, { now }), RangeError);
    await assert.rejects(sessions.open(token, { now }), RangeError);
  });
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
  await assert.rejects(live.reload(Promise.reject(new Error('no file'))), /no file/);
  assert.equal(live.current.entries.length, 2);
});

/** A reading that ends when `end` is called. */
function delayed() {
  let end;
  const text = new Promise((resolve) => { end = resolve; });
  return { text, end };
}

test('exchanges take effect in the order in which they began', async () => {
  const texts = await Promise.all(Array.from({ length: 3 }, () => MasterKey.generate().exportText()));
  const [one, two, three] = [texts[0], texts.slice(0, 2).join(), texts.join()];
  const live = new LiveKeyring(newRing());
  const inForce = () => live.current.entries.length;

  const slow = delayed();
  const first = live.reload(slow.text);
  await live.reload(two);
  same(inForce(), 2);
  slow.end(three);
  await first;
  same(inForce(), 2, 'the earlier reading was ready too late');

  const held = delayed();
  const earlier = live.reload(held.text);
  await assert.rejects(live.reload('no key'), code('key_format'));
  held.end(three);
  await earlier;
  same(inForce(), 3, 'a later one that was refused holds none up');

  const late = delayed();
  const reading = live.reload(late.text);
  live.replace(await Keyring.fromText(one));
  late.end(two);
  await reading;
  same(inForce(), 1, 'a ring that was made ready is an exchange too');

  const [a, b] = [delayed(), delayed()];
  const both = [live.reload(a.text), live.reload(b.text)];
  a.end(two);
  await both[0];
  same(inForce(), 2, 'one after the other, both take effect');
  b.end(three);
  await both[1];
  same(inForce(), 3);
});

test('a ring warns of times that are probably milliseconds, once an entry', () => {
  const key = () => MasterKey.generate();
  const far = now + 3155760000;
  const made = new Keyring([
    { key: key(), acceptUntil: far + 1 },
    { key: key(), sealFrom: far },
    { key: key(), sealFrom: far + 1, acceptUntil: 1e13 },
  ]);
  const options = { now, longestTtl: 1800, reloadGrace: 0, leeway: 60 };
  same(made.warnings(options), [
    { entry: 0, code: 'ends_before_its_tokens' },
    { entry: 0, code: 'far_in_future' },
    { entry: 2, code: 'far_in_future' },
  ]);
  const wrong = {
    leeway: [301, 'leeway_range'],
    now: [-1, 'clock_range'],
    longestTtl: [0, 'ttl_range'],
    reloadGrace: [34560001, 'grace_range'],
  };
  const names = Object.keys(wrong);
  names.forEach((name, i) => { // with all the later ones wrong too
    const given = Object.fromEntries(names.slice(i).map((other) => [other, wrong[other][0]]));
    assert.throws(() => made.warnings({ ...options, ...given }), code(wrong[name][1]));
  });
  assert.throws(() => made.warnings({ ...options, reloadGrace: -1 }), code('grace_range'));
  assert.throws(() => made.warnings({ ...options, reloadGrace: 0.5 }), TypeError);
});

test('a ring of 1 000 entries; derivation is done once', async () => {
  const many = new Keyring(Array.from({ length: 1000 }, () => ({ key: MasterKey.generate() })));
  const sealer = new Sealer({ ring: many, context });
  await new Unsealer({ ring: many, context }).unseal(await sealer.seal('x', { ttl: 60, now }), { now });
  const refuse = () => { throw new Error('derived again'); };
  await replacedBoth('hkdfSync', globalThis.crypto.subtle, 'deriveBits', refuse, async () => {
    await sealer.seal('y', { ttl: 60, now });
    await assert.rejects(new Sealer({ ring: newRing(), context }).seal('y', { ttl: 60, now }), /derived again/);
  });
});

test('test keys, zero keys and deep documents are refused in the ordinary ways', async () => {
  assert.throws(() => MasterKey.fromBytes(utf8('cretula-test-key0123456789abcdef')), code('key_test'));
  assert.throws(() => MasterKey.fromBytes(new Uint8Array(32)), code('key_zero'));
  await assert.rejects(Keyring.fromText(`{"a":${'['.repeat(200000)}`), code('keyring_format'));
  for (const marked of ['\ufeff{}', utf8('\ufeff{}')]) { // a list: there is one reader for both forms
    await assert.rejects(Keyring.fromText(marked), ({ code: found, entry }) => found === 'key_format' && entry === 0);
  }
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

test('prefixes of cookie names', () => {
  const cookie = new SessionCookie({ sessions: new Sessions({ ring, context, check: null }) });
  same(cookie.settings.name, '__Host-Http-session');
  const made = (name, more) => new CookieSettings({ name, ...more }).name;
  for (const name of ['__Host-Http-x', '__Host-x', '__Http-x', '__Secure-x', '__Host-httpx', '__Host-', '__host', 'x']) {
    same(made(name), name);
  }
  for (const name of [
    '__Host-http-x', '__host-Http-x', '__HOST-HTTP-x', '__HOST-x', '__host-', '__http-x', '__HTTP-x', '__secure-x',
  ]) assert.throws(() => made(name), code('cookie_name'), name);
  const domain = 'shop.example';
  for (const [name, more, fine] of [
    ['__Host-Http-x', { domain }], ['__Host-x', { domain }], ['x', { domain }],
    ['__Secure-x', { domain }, true], ['__Http-x', { domain }, true],
    ['__Host-Http-x', { path: '/a' }], ['__Http-x', { path: '/a' }, true],
    ['__Host-Http-x', { secure: false }], ['__Http-x', { secure: false }], ['__Secure-x', { secure: false }],
    ['__Host-Http-x', { large: true }, true], ['__Http-x', { large: true }],
    ['__Http-x', { previous: [{ domain }] }, true], ['__Host-Http-x', { previous: [{ domain }] }],
    ['__Host-Http-x', { previous: [{ path: '/a' }] }], ['__Host-Http-x', { previous: [{ partitioned: true }] }, true],
  ]) {
    if (fine) same(made(name, more), name);
    else assert.throws(() => made(name, more), code('cookie_attributes'), `${name} ${JSON.stringify(more)}`);
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
