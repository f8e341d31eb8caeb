/** A session is committed once, under the context and policy of its open ([SESS-17], [SESS-18], [SESS-26] to [SESS-28]). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Context, Keyring, MasterKey, Sealer, SessionCookie, Sessions, TokenCookie } from '../src/index.js';
import { commitFixed, cookieCommitFixed, NO_RANDOMNESS } from '../src/hazmat.js';
import { markOf } from '../src/cookie-read.js';

const now = 1790000000;
const context = new Context('shop.example', 'session');
const ring = new Keyring([{ key: MasterKey.generate() }]);
const sessions = new Sessions({ ring, context, check: null });
const cookie = new SessionCookie({ sessions });
const code = (expected) => (error) => error.code === expected;
const same = (a, b) => assert.deepEqual(a, b);
const NAME = '__Host-Http-session';

/** A token of a session with this sid. */
const tokenOf = (sid, more = '', life = 86400) => new Sealer({ ring, context }).seal(
  `{"sid":"${sid.padEnd(22, 'A')}","start":${now},"end":${now + life},"rev":1${more}}`, { ttl: 1800, now });
const pairOf = async (...given) => `${NAME}=${await tokenOf(...given)}`;
const linesOf = ({ headers }) => headers.filter(([name]) => name === 'Set-Cookie').map(([, line]) => line);
const pairsOf = (done) => linesOf(done).map((line) => line.split(';')[0]);

const CHANGES = {
  signOn: (session) => session.signOn({ sub: '', gen: 7 }), // `committed` comes before `user_invalid`
  reauthenticate: (session) => session.reauthenticate({ gen: 7 }),
  signOff: (session) => session.signOff(),
  data: (session) => { session.data = {}; },
  flash: (session) => session.flash('a', 1),
  takeFlash: (session) => session.takeFlash('a'),
  send: (session) => session.send(),
};

test('a session is committed once, and again only after an error', async () => {
  const session = await sessions.open(null, { now });
  session.data = { bad: NaN };
  await assert.rejects(sessions.commit(session, { now }), code('payload_unserializable'));
  session.data = { good: 1 };
  same((await sessions.commit(session, { now })).wrote, 'seal');
  await assert.rejects(sessions.commit(session, { now }), code('committed'));
  await assert.rejects(sessions.commit(session, { now: -1 }), code('committed'), 'before all else');
  const twice = await sessions.open(null, { now });
  twice.data.a = 1;
  const both = await Promise.allSettled([sessions.commit(twice, { now }), sessions.commit(twice, { now })]);
  same(both.map(({ status, reason }) => reason?.code ?? status), ['fulfilled', 'committed']);
});

test('nothing is changed after a commit, nor while one waits; an error opens the session again', async () => {
  for (const [name, change] of Object.entries(CHANGES)) {
    const session = await cookie.open([], { now });
    await cookie.commit(session, { now }); // nothing to write: committed all the same
    assert.throws(() => change(session), code('committed'), name);
    assert.throws(() => cookie.excess(session, { now }), code('committed'));
    await assert.rejects(cookie.commit(session, { now }), code('committed'));
  }
  const session = await sessions.open(null, { now });
  session.data.big = 'x'.repeat(20000);
  const waiting = sessions.commit(session, { now });
  assert.throws(() => session.send(), code('committed'));
  await assert.rejects(waiting, code('result_too_long'));
  session.data = {};
  same([(await sessions.commit(session, { now })).wrote, session.data], ['nothing', {}]);
});

test('a session is committed under the context and the policy that it was opened with', async () => {
  const other = (options) => new Sessions({ ring, context, check: null, ...options });
  for (const [options, refusal] of [
    [{ context: new Context('shop.example', 'other') }, 'context_invalid'],
    [{ context: new Context('other.example', 'session') }, 'context_invalid'],
    [{ policy: { idle: 1799 } }, 'context_invalid'],
    [{ policy: { absolute: 86399 } }, 'context_invalid'],
    [{ policy: { leeway: 59 } }, 'context_invalid'],
    [{ policy: { idle: 1800, absolute: 86400, leeway: 60 } }, undefined],
  ]) {
    const session = await sessions.open(null, { now });
    const done = other(options).commit(session, { now });
    if (refusal === undefined) same((await done).wrote, 'nothing');
    else await assert.rejects(done, code(refusal));
    if (refusal !== undefined) await assert.rejects(other(options).commit(session, { now: -1 }), code(refusal));
  }
});

test('without a clock a session is a new one, not now, and no commit succeeds', async () => {
  const broken = [
    () => { throw new Error('x'); }, () => NaN, () => -1, () => 2 ** 48, () => 1.5, () => '1', async () => now,
  ];
  for (const clock of broken) {
    const made = new Sessions({ ring, context, check: null, clock });
    const inCookie = new SessionCookie({ sessions: made });
    for (const session of [
      await made.open(null), await made.open(await tokenOf('a')), await inCookie.open([await pairOf('a')]),
    ]) {
      same([session.reason, session.notNow, session.sid, session.sub], ['no_clock', true, undefined, undefined]);
      same(session.reauthWithin(60), false);
      assert.throws(() => session.signOn({ sub: 'ada', gen: 7, authTime: 0 }), code('user_invalid'));
    }
    const session = await inCookie.open([]);
    await assert.rejects(inCookie.commit(session), code('no_clock'));
    assert.throws(() => inCookie.excess(session), code('no_clock'));
    same((await inCookie.commit(session, { now })).wrote, 'nothing', 'a clock that is there again serves');
    for (const open of [() => made.open(null, { now: -1 }), () => inCookie.open([], { now: 2 ** 48 })]) {
      await assert.rejects(open(), code('clock_range'));
    }
    const token = new TokenCookie({ ring, context: new Context('shop.example', 'return-url'), clock });
    await assert.rejects(token.read([]), code('no_clock'));
    await assert.rejects(token.write('x', { ttl: 0 }), code('no_clock'));
  }
});

test('not now: what may be valid in a moment or elsewhere', async () => {
  const reasonOf = async (token, options) => {
    const session = await new Sessions({ ring, context, ...options }).open(token, { now });
    return [session.reason, session.notNow];
  };
  const other = new Keyring([{ key: MasterKey.generate() }]);
  const user = `,"sub":"ada","gen":7,"auth_time":${now}`;
  same(await reasonOf(await tokenOf('a'), {}), [null, false]);
  same(await reasonOf(null, {}), ['absent', false]);
  same(await reasonOf(await tokenOf('a'), { ring: other }), ['unknown_key', true]);
  same(await reasonOf(await tokenOf('a', user), {}), ['unchecked', true]);
  same(await reasonOf(await tokenOf('a', user), { check: () => ({ gen: 8 }) }), ['revoked', false]);
  const early = await sessions.open(await tokenOf('a'), { now: now - 61 });
  same([early.reason, early.notNow], ['issued_in_future', true]);
});

test('no_randomness comes last', async () => {
  const noKey = new Keyring([{ key: MasterKey.generate(), sealFrom: now + 1 }]);
  const end = 2 ** 48 - 1;
  const commit = async (options, data, at = now, settings = {}) => {
    const made = new SessionCookie({ sessions: new Sessions({ ring, context, check: null, ...options }), ...settings });
    const session = await made.open([], { now: at });
    session.data = data;
    return cookieCommitFixed(made, session, { now: at }, NO_RANDOMNESS);
  };
  const big = { a: 'x'.repeat(3500) };
  await assert.rejects(commit({}, { a: 1 }), code('no_randomness'));
  await assert.rejects(commit({}, big), code('cookie_too_large'));
  await assert.rejects(commit({ ring: noKey }, { a: NaN }), code('payload_unserializable'));
  await assert.rejects(commit({ ring: noKey }, { a: 1 }, end), code('ttl_range'));
  await assert.rejects(commit({ ring: noKey, limit: 100 }, { a: 1 }), code('no_sealing_key'));
  await assert.rejects(commit({ limit: 100 }, { a: 1 }), code('result_too_long'));
  await assert.rejects(commit({}, big, now, { large: true }), code('no_randomness'));
});

test('what one of the values that are drawn lacks leaves the session as it was', async () => {
  const large = new SessionCookie({ sessions, large: true });
  for (const name of ['sid', 'salt', 'iv', 'id']) {
    const session = await large.open([], { now });
    session.data.a = 'x'.repeat(3500);
    const random = { sid: 'B'.repeat(22), salt: new Uint8Array(12), iv: new Uint8Array(12), id: 'abcdefgh' };
    delete random[name];
    await assert.rejects(cookieCommitFixed(large, session, { now }, random), new RegExp(`no ${name}`));
    same((await large.commit(session, { now })).wrote, 'seal');
  }
  // A page that only reads loses nothing, and a sign-off is not lost ([SESS-11]).
  const read = await sessions.open(await tokenOf('a'), { now: now + 1000 });
  same((await commitFixed(sessions, read, { now: now + 1000 }, NO_RANDOMNESS)).wrote, 'nothing');
  const off = await sessions.open(await tokenOf('a'), { now });
  off.signOff();
  off.data.a = 1;
  const done = await commitFixed(sessions, off, { now }, NO_RANDOMNESS);
  same([done.wrote, done.ended], ['expire', [{ sid: 'a'.padEnd(22, 'A'), end: now + 86400 }]]);
});

test('several sessions: a sign-off ends all of them', async () => {
  const [a, b, c, d, e] = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((sid, i) => pairOf(sid, '', 80000 + i)));
  const off = async (fields, at = now) => {
    const session = await cookie.open(fields, { now });
    session.signOff();
    const done = await cookie.commit(session, { now: at });
    return [session.reason, done.ended.map(({ sid }) => sid[0]).join(''), pairsOf(done)];
  };
  const mark = (sid) => markOf(sid.padEnd(22, 'A'));
  const marks = async (...sids) => [`${NAME}.end=${(await Promise.all(sids.map(mark))).join('.')}`, `${NAME}=`];

  same(await off([b, a]), ['ambiguous', 'ba', await marks('b', 'a')]);
  const again = await pairOf('a', ',"data":{}', 80000);
  same(await off([`${b}; ${a}`, b, again]), ['ambiguous', 'ba', await marks('b', 'a')]);
  same(await off([a, b, c, d, e]), ['ambiguous', 'abcd', await marks('a', 'b', 'c', 'd')]);
  same(await off([a]), [null, 'a', await marks('a')]);
  same(await off([a, `${NAME}.end=${await mark('x')}.${await mark('a')}`]), ['signed_off', '', [`${NAME}=`]]);
  same(await off([a, b, `${NAME}.end=${await mark('a')}`]), [null, 'b', await marks('b')]);
  same(await off([a, b], now + 80000), ['ambiguous', 'ab', await marks('b')], 'a has come to its end');
  same(await off([a, b], now + 80001), ['ambiguous', 'ab', [`${NAME}=`]]);

  const on = await cookie.open([a, b], { now });
  on.signOn({ sub: 'ada', gen: 7 });
  const done = await cookie.commit(on, { now });
  same([done.ended.length, pairsOf(done).length], [2, 1], 'a sign-on offers them, and leaves no mark');
  const read = await cookie.open([a, b], { now });
  const nothing = await cookie.commit(read, { now });
  same([nothing.wrote, nothing.ended], ['nothing', []]);
});

test('the mark lives as long as the longest of the sessions', async () => {
  const session = await cookie.open([await pairOf('a', '', 10), await pairOf('b', '', 70)], { now });
  session.signOff();
  const [line] = linesOf(await cookie.commit(session, { now: now + 5 }));
  assert.match(line, /\.end=[\w-]{22}\.[\w-]{22}; Path=\/; Max-Age=65; Secure;/);
});

test('a value of the marks is split at dots, and each item is one', async () => {
  const pair = await pairOf('a');
  const mark = await markOf('a'.padEnd(22, 'A'));
  const reason = async (value) => (await cookie.open([pair, `${NAME}.end=${value}`], { now })).reason;
  for (const value of [mark, `x.${mark}`, `${mark}.`, `.${mark}`, `${'b'.repeat(22)}.${mark}.c`, `..${mark}..`]) {
    same(await reason(value), 'signed_off', value);
  }
  for (const value of ['', '.', `x${mark}`, `${mark}x`, mark.slice(1), `${mark},`, `"${mark}"`]) {
    same(await reason(value), null, value);
  }
  same(await reason(`${'x.'.repeat(50000)}${mark}`), 'signed_off', 'any number is compared');
});

test('the line of the cookie itself comes last', async () => {
  const made = new SessionCookie({
    sessions,
    name: '__Secure-s',
    domain: 'shop.example',
    previous: [{ path: '/old' }, { domain: 'shop.example', path: '/x', partitioned: true }],
  });
  const token = await tokenOf('a');
  const session = await made.open([`__Secure-s=${token}`, '__Secure-s.1='], { now });
  session.signOff();
  const rest = 'Secure; HttpOnly; SameSite=Lax';
  same(linesOf(await made.commit(session, { now })), [
    `__Secure-s=; Path=/old; Max-Age=0; ${rest}`,
    `__Secure-s.1=; Path=/old; Max-Age=0; ${rest}`,
    `__Secure-s=; Path=/x; Domain=shop.example; Max-Age=0; ${rest}; Partitioned`,
    `__Secure-s.1=; Path=/x; Domain=shop.example; Max-Age=0; ${rest}; Partitioned`,
    `__Secure-s.1=; Path=/; Domain=shop.example; Max-Age=0; ${rest}`,
    `__Secure-s.end=${await markOf('a'.padEnd(22, 'A'))}; Path=/; Domain=shop.example; Max-Age=86400; ${rest}`,
    `__Secure-s=; Path=/; Domain=shop.example; Max-Age=0; ${rest}`,
  ]);
  const large = new SessionCookie({ sessions, large: true });
  const two = await large.open([await pairOf('a')], { now });
  two.signOff();
  two.data.a = 'x'.repeat(3500);
  same(pairsOf(await large.commit(two, { now })).map((pair) => pair.split('=')[0]), [`${NAME}.1`, `${NAME}.end`, NAME]);
});

test('the excess of a session is what its commit would say', async () => {
  for (const settings of [{}, { name: '__Host-s' }, { large: true }]) {
    const made = new SessionCookie({ sessions, ...settings });
    for (const length of [0, 2790, 2800, 2810, 2850, 4200, 4280, 4300, 5000]) {
      const session = await made.open([], { now });
      session.signOn({ sub: 'ada', gen: 7 });
      session.data.a = 'x'.repeat(length);
      const excess = made.excess(session, { now });
      same(made.excess(session, { now }), excess);
      const over = await made.commit(session, { now }).then(() => 0, (error) => error.over);
      same(excess, over);
    }
  }
  const session = await cookie.open([], { now });
  session.data.bad = NaN;
  assert.throws(() => cookie.excess(session, { now }), code('payload_unserializable'));
  assert.throws(() => cookie.excess(session, { now: -1 }), code('clock_range'));
  const other = new SessionCookie({ sessions: new Sessions({ ring, context: new Context('a', 'b'), check: null }) });
  assert.throws(() => other.excess(session, { now: -1 }), code('context_invalid'));
});

test('of members with equally long values the smallest name is the largest, by UTF-8', async () => {
  const largest = async (data) => {
    const session = await cookie.open([], { now });
    session.data = data;
    return cookie.commit(session, { now }).then(() => undefined, (error) => error.largest);
  };
  const x = 'x'.repeat(1500);
  same(await largest({ b: x, a: x, c: '' }), 'a');
  same(await largest({ 'a\u{1f600}': x, 'a\uffee': x }), 'a\uffee'); // in UTF-16 it comes after
  same(await largest({ ab: x, a: x }), 'a');
  same(await largest({ a: x, b: `${x}x` }), 'b');
});
