/** Device binding (§21) of one cookie: settings, proofs, the offer, and each step of the two endpoints. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Context, CookieSettings, DeviceSettings, Keyring, LiveKeyring, MasterKey, Sealer, SessionCookie,
  Sessions } from '../src/index.js';
import { answerFixed, cookieCommitFixed, NO_RANDOMNESS } from '../src/hazmat.js';
import { thumbprint } from '../src/jwt.js';
import { challengeOf, DeviceKey, Jar } from './device-key.js';

const now = 1790000000;
const NAME = '__Host-Http-session';
const PROOF = '__Host-session.proof';
const master = MasterKey.generate();
const ring = new Keyring([{ key: master }]);
const context = new Context('shop.example', 'session');
const key = new DeviceKey();
const jkt = await thumbprint(key.jwk);
const SID = 'AAECAwQFBgcICQoLDA0ODw';
const same = (a, b) => assert.deepEqual(a, b);
const code = (expected) => (error) => error.code === expected;

const made = (deviceBinding = true, { check = null, ...policy } = {}, by = ring) => new SessionCookie({
  sessions: new Sessions({ ring: by, context, policy, check, log: null }), deviceBinding,
});
const cookie = made();

const sealed = (suffix, payload, { at = now, ttl = 60, by = ring } = {}) => (
  new Sealer({ ring: by, context: new Context('shop.example', `session${suffix}`) }).seal(
    typeof payload === 'string' ? payload : JSON.stringify(payload), { ttl, now: at }));
const user = { sub: 'ada', gen: 7, auth_time: now };
const session = (more = {}, options = {}) => (
  sealed('', { sid: SID, start: now, end: now + 86400, rev: 1, ...user, ...more }, { ttl: 1800, ...options }));
const challenge = (payload, options) => sealed('.challenge', payload, options);
const deviceToken = (more, options) => (
  sealed('.device', { sid: SID, x: key.jwk.x, y: key.jwk.y, ...more }, { ttl: 86400, ...options }));
const proof = (more = { sid: SID, jkt }, options) => sealed('.proof', more, { ttl: 600, ...options });
const field = (token, ...proofs) => [`${NAME}=${token}`, ...proofs.map((one) => `${PROOF}=${one}`)].join('; ');

const linesOf = ({ headers }) => headers.filter(([name]) => name === 'Set-Cookie').map(([, line]) => line);
const headerOf = ({ headers }, wanted) => headers.find(([name]) => name === wanted)?.[1];
const namesOf = ({ headers }) => headers.map(([name]) => name);

test('settings out of range are refused in the order of the text', () => {
  const host = new CookieSettings();
  const settings = (options, given = host, purpose = 'session') => new DeviceSettings(options, given, purpose);
  const { path, proof: life, requireAfter, cookieName } = settings();
  same([path, life, requireAfter, cookieName], ['/device-binding', 600, undefined, PROOF]);
  for (const good of ['/a', '/.', '/a/b-c._~Z9', `/${'a'.repeat(100)}`, '//a']) {
    same(settings({ path: good }).path, good);
  }
  for (const bad of ['', '/', 'a', '/a/', '//', '/a b', '/a?', '/a%41', '/\u00e9', '/a\n', '/a;', '/a"',
    `/${'a'.repeat(101)}`, 1, null]) {
    assert.throws(() => settings({ path: bad }), code('device_settings'), bad);
  }
  for (const bad of [0, 3601, -1]) assert.throws(() => settings({ proof: bad }), code('device_settings'));
  for (const bad of [-1, 34560001]) assert.throws(() => settings({ requireAfter: bad }), code('device_settings'));
  for (const name of ['proof', 'requireAfter']) assert.throws(() => settings({ [name]: '1' }), TypeError);
  assert.throws(() => settings({ require_after: 1 }), { name: 'TypeError', message: /no option require_after/ });
  same([settings({ proof: 3600, requireAfter: 0 }).requireAfter, settings({ proof: 1, requireAfter: 34560000 }).proof],
    [0, 1]);
  const plain = new CookieSettings({ name: 'sid', secure: false });
  const parted = new CookieSettings({ partitioned: true });
  const before = new CookieSettings({ previous: [{ partitioned: true }] });
  for (const bad of [plain, parted, new CookieSettings({ name: '__Secure-sid' })]) {
    assert.throws(() => settings({}, bad), code('cookie_attributes'));
    assert.throws(() => settings({ proof: 0 }, bad), code('device_settings'), 'a setting comes first');
    assert.throws(() => settings({}, bad, 'p'.repeat(246)), code('cookie_attributes'), 'the cookie before the purpose');
  }
  settings({}, before, 'p'.repeat(245));
  assert.throws(() => settings({}, host, 'p'.repeat(246)), code('context_invalid'));
  const sessions = new Sessions({ ring, context, check: null });
  assert.throws(() => new SessionCookie({ sessions, name: 'a b', deviceBinding: { proof: 0 } }), code('cookie_name'));
  for (const none of [false, undefined, null]) same(new SessionCookie({ sessions, deviceBinding: none }).device, undefined);
  for (const bad of ['/path', 1]) assert.throws(() => new SessionCookie({ sessions, deviceBinding: bad }), TypeError);
});

test('a bound session opens with a proof of its key alone', async () => {
  const bound = await session({ jkt });
  const [good, other] = [await proof(), new DeviceKey()];
  const reasonOf = async (fields, at = now, by = cookie) => (await by.open(fields, { now: at })).reason;
  const otherKeys = new Keyring([{ key: MasterKey.generate() }]);
  for (const [reason, ...fields] of [
    [null, field(bound, good), `${PROOF}=${good}; ${field(bound)}`, [`${PROOF}=${good}`, field(bound)],
      field(bound, 'x', '', good), field(bound, await proof({ sid: SID, jkt: SID.repeat(2).slice(1) }), good),
      field(bound, await proof({ sid: 'A'.repeat(22), jkt }))],
    ['unproven', field(bound), field(bound, ''), field(bound, 'x'), field(bound, bound), field(bound,
      `2.AAAAAAAA.${good}`),
      field(bound, `${good}A`), field(bound, good.slice(0, -2)), field(bound, `"${good}"`),
        `${field(bound)}; ${NAME}.Proof=${good}`,
      field(bound, await proof({ sid: SID, jkt: await thumbprint(other.jwk) })),
      field(bound, await proof({ jkt })), field(bound, await proof({ jkt, sid: SID, a: 'b' })),
      field(bound, await proof({})), field(bound, await proof({ sid: SID, jkt: [jkt] })), field(bound, await proof('[]')),
      field(bound, await proof(`{"sid":"${SID}","jkt":"${jkt}","jkt":"${jkt}"}`)), field(bound, await proof('')),
      field(bound, await challenge({ use: 'refresh', jkt })), field(bound, await challenge({ jkt })),
      field(bound, await deviceToken()), field(bound, await proof(undefined, { by: otherKeys })),
      field(bound, await proof(undefined, { at: now - 600 })), field(bound, await proof(undefined, { at: now + 61 }))],
  ]) for (const one of fields) same([await reasonOf(one), one], [reason, one]);
  same(await reasonOf(field(bound, await proof(undefined, { at: now - 599 }))), null);
  same(await reasonOf(field(bound, await proof(undefined, { at: now + 60 }))), null);
  const shorter = made({ proof: 100 });
  same(await reasonOf(field(bound, await proof(undefined, { at: now - 100 })), now, shorter), 'unproven',
    'its own proof');
  const bad = await Promise.all([1, 2, 3, 4].map((n) => proof({ jkt, n })));
  same(await reasonOf(field(bound, ...bad.slice(1), good)), null, 'the fourth');
  same(await reasonOf(field(bound, ...bad, good)), 'unproven', 'the fifth');
  same(await reasonOf(field(bound, ...bad.slice(1), bad[1], bad[1], good)), null, 'equal ones once');
  const opened = await cookie.open(field(bound), { now });
  same([opened.notNow, opened.isBound, opened.sub], [true, false, undefined]);
  same((await cookie.open(field(bound, good), { now })).isBound, true);
  same(await reasonOf(field(bound, good), now, made(false)), 'unproven', 'where it is not set up');
});

test('requireAfter closes unbound sessions of users at its second', async () => {
  const strict = made({ requireAfter: 300 });
  const reasonOf = async (token, at, by = strict) => (await by.open(field(token), { now: at })).reason;
  const unbound = await session();
  same([await reasonOf(unbound, now + 299), await reasonOf(unbound, now + 300)], [null, 'unproven']);
  same(await reasonOf(await session({ sub: undefined, gen: undefined, auth_time: undefined }), now + 300), null);
  same([await reasonOf(unbound, now, made({ requireAfter: 0 })), await reasonOf(unbound, now + 300, cookie)],
    ['unproven', null]);
  const bound = field(await session({ jkt }), await proof());
  same((await strict.open(bound, { now: now + 300 })).reason, null);
});

/** Signs on; returns the jar, the challenge of the offer and the commit. */
async function signedOn(by = cookie, at = now) {
  const opened = await by.open([], { now: at });
  opened.signOn({ sub: 'ada', gen: 7 });
  const done = await by.commit(opened, { now: at });
  const jar = new Jar().take(linesOf(done));
  return { jar, challenge: challengeOf(headerOf(done, 'Secure-Session-Registration')), done };
}

test('the offer comes after a sign-on or a re-authentication, to an unbound session, and last', async () => {
  const offers = async (change, fields = [], by = cookie) => {
    const opened = await by.open(fields, { now });
    change(opened);
    const done = await by.commit(opened, { now });
    return { offer: headerOf(done, 'Secure-Session-Registration'), done };
  };
  const signOn = (opened) => opened.signOn({ sub: 'ada', gen: 7 });
  const { offer, done } = await offers(signOn);
  same(namesOf(done), ['Set-Cookie', 'Vary', 'Cache-Control', 'Secure-Session-Registration']);
  assert.match(offer, /^\(ES256\);path="\/device-binding\/start";challenge="CrE1[\w-]+"$/);
  const unbound = field(await session());
  const bound = field(await session({ jkt }), await proof());
  const reauthenticate = (opened) => opened.reauthenticate({ gen: 7 });
  assert.ok((await offers(reauthenticate, unbound)).offer);
  const again = await offers(reauthenticate, bound);
  same([again.offer, JSON.parse(again.done.payload).jkt], [undefined, jkt]);
  assert.ok((await offers(signOn, bound)).offer, 'a sign-on is a new session');
  assert.ok((await offers((opened) => { opened.signOff(); signOn(opened); }, bound)).offer);
  for (const [change, fields] of [
    [(opened) => { signOn(opened); opened.signOff(); opened.flash('a', 1); }, []], [(opened) => { opened.data.a = 1; },
      unbound],
    [(opened) => opened.send(), unbound], [(opened) => { opened.data.a = 1; }, []], [() => {}, unbound],
  ]) same((await offers(change, fields)).offer, undefined);
  same((await offers(signOn, [], made(false))).offer, undefined);
});

test('a proof is expired first, with the session or after a sign-off', async () => {
  const lines = async (fields, change, by = cookie, at = now) => {
    const opened = await by.open(fields, { now });
    change(opened);
    return linesOf(await by.commit(opened,
      { now: at })).map((line) => line.split(';')[0].split('=')[0].replace(PROOF, `${NAME}.proof`).slice(NAME.length));
  };
  const bound = field(await session({ jkt }), await proof());
  const signOff = (opened) => opened.signOff();
  same(await lines(bound, signOff), ['.proof', '.end', '']);
  same(await lines(bound, (opened) => { opened.signOff(); opened.signOn({ sub: 'eve', gen: 1 }); }), ['.proof', '.end',
    '']);
  same(await lines(`${bound}; ${PROOF}=`, signOff), ['.proof', '.end', ''], 'any value');
  same(await lines(field(await session({ jkt }), ''), signOff), ['.proof', '.end', '']);
  same(await lines(field(await session()), signOff), ['.end', ''], 'there was none');
  same(await lines(bound, signOff, made(false)), ['.end', ''], 'not set up');
  same(await lines(bound, (opened) => { opened.data.a = 1; }), ['']);
  const short = field(await session({ jkt, end: now + 1 }), await proof());
  same(await lines(short, () => {}, cookie, now + 1), ['.proof', ''], 'the absolute end');
});

test('sign-on, registration, refresh', async () => {
  const { jar, challenge: first } = await signedOn();
  const registered = await cookie.register({ cookies: jar.field, responses: [`"${key.registering(first)}"`] },
    { now: now + 1 });
  same([registered.status, registered.reason, namesOf(registered)],
    [200, undefined, ['Set-Cookie', 'Set-Cookie', 'Vary', 'Cache-Control', 'Content-Type']]);
  const [ofProof, ofSession] = linesOf(registered);
  assert.match(ofProof,
    /^__Host-session\.proof=CrE1[\w-]+; Path=\/; Max-Age=60; Secure; HttpOnly; SameSite=Lax$/);
  assert.match(ofSession, /^__Host-Http-session=CrE1[\w-]+; Path=\/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax$/);
  const { session_identifier: id, ...rest } = JSON.parse(registered.body);
  same(rest, {
    refresh_url: '/device-binding/refresh',
    scope: { include_site: false, scope_specification: [] },
    credentials: [{ type: 'cookie', name: PROOF, attributes: 'Path=/; Secure; HttpOnly; SameSite=Lax' }],
  });
  const before = await cookie.open(jar.field, { now: now + 1 });
  jar.take(linesOf(registered));
  const bound = await cookie.open(jar.field, { now: now + 2 });
  same([bound.isBound, bound.reason, bound.sid, bound.start, bound.end],
    [true, null, before.sid, before.start, before.end]);

  const late = now + 601;
  same((await cookie.open(jar.field, { now: late })).reason, 'unproven');
  const asked = await cookie.refresh({ cookies: jar.field, ids: [id], responses: [] }, { now: late });
  same([asked.status, asked.reason, asked.body, namesOf(asked)],
    [403, undefined, '', ['Vary', 'Cache-Control', 'Secure-Session-Challenge']]);
  const value = headerOf(asked, 'Secure-Session-Challenge');
  assert.ok(value.endsWith(`";id="${id}"`));
  const jwt = key.refreshing(challengeOf(value));
  const proven = await cookie.refresh({ cookies: jar.field, ids: ` "${id}"\t`, responses: jwt }, { now: late + 59 });
  same([proven.status, proven.reason, proven.body, namesOf(proven)], [200, undefined, '', ['Set-Cookie', 'Vary',
    'Cache-Control']]);
  jar.take(linesOf(proven));
  same((await cookie.open(jar.field, { now: late + 60 })).reason, null);
  const stale = await cookie.refresh({ cookies: jar.field, ids: [id], responses: [jwt] }, { now: late + 60 });
  same([stale.status, stale.reason], [403, 'challenge_invalid']);
});

/** Registers with changes of a request that is right. */
async function registering({ fields, responses, jwt, by = cookie, at = now, options }) {
  const jti = await challenge({ use: 'register', sid: SID });
  return by.register({
    cookies: fields ?? field(await session()), responses: responses ?? [jwt ?? key.registering(jti)],
  }, { now: at, ...options });
}

test('a registration is refused step by step, and sets nothing', async () => {
  const jti = await challenge({ use: 'register', sid: SID });
  const good = key.registering(jti);
  const stranger = new Keyring([{ key: MasterKey.generate() }]);
  const other = new DeviceKey();
  const answers = (gen, more) => ({ check: async () => ({ gen, ...more }) });
  for (const [status, reason, request] of [
    [401, 'jwt_format', { responses: [] }], [401, 'jwt_format', { responses: [good, good] }],
    [401, 'jwt_format', { responses: [], fields: [] }], [401, 'absent', { fields: [] }],
    [401, 'absent', { fields: [], jwt: 'x' }], [401, 'expired', { at: now + 1800, jwt: 'x' }],
    [503, 'unknown_key', { fields: field(await session({}, { by: stranger })), jwt: 'x' }],
    [503, 'issued_in_future', { at: now - 61, jwt: 'x' }],
    [401, 'jwt_format', { jwt: 'x' }], [401, 'jwt_algorithm', { jwt: key.registering(jti, { alg: 'none' }) }],
    [401, 'jwt_key', { jwt: key.refreshing(jti) }], [401, 'jwt_signature', { jwt: other.registering(jti,
      { jwk: key.jwk }) }],
    [401, 'jwt_signature', { jwt: `${good.slice(0, -4)}AAAA` }],
    ...await Promise.all([
      'x', await challenge({ use: 'refresh', jkt }), await challenge({ use: 'refresh', sid: SID }),
        await challenge({ sid: SID }),
      await challenge({ use: 'register', sid: 'B'.repeat(22) }), await challenge({ use: 'register', jkt }),
      await challenge({ use: 'register', sid: SID, jkt }), await challenge({ use: 'register', sid: SID },
        { at: now - 60 }),
      await challenge({ use: 'register', sid: SID }, { at: now - 61, ttl: 600 }), await proof(), await deviceToken(),
      await challenge({ use: 'register', sid: SID }, { by: stranger }), await session(), '\ud7ff\u{1f600}',
        'A'.repeat(2000),
    ].map(async (bad) => [401, 'challenge_invalid', { jwt: key.registering(bad) }])),
    [401, 'device_mismatch', { fields: field(await session({ jkt })), jwt: other.registering(jti) }],
    [401, 'challenge_invalid', { fields: field(await session({ sub: undefined, gen: undefined,
      auth_time: undefined })) }],
    [503, 'unchecked', { options: answers() }], [503, 'unchecked',
      { options: { check: () => { throw new Error('no database'); } } }],
    [401, 'revoked', { options: answers(8) }], [401, 'signed_off', { options: answers(7, { denied: true }) }],
  ]) {
    const done = await registering(request);
    same([done.status, done.reason, done.body, done.headers],
      [status, reason, '', [['Vary', 'Cookie'], ['Cache-Control', 'no-store']]]);
  }
  for (const request of [{ fields: field(await session({ jkt })) }, { options: answers(7) }, { at: now + 59 },
    { by: made({ requireAfter: 0 }) }]) same((await registering(request)).status, 200);
});

/** Refreshes with changes of a request that is right. */
async function refreshing({ fields, ids, responses, jwt, by = cookie, at = now, options }) {
  const jti = await challenge({ use: 'refresh', jkt });
  return by.refresh({
    cookies: fields ?? field(await session({ jkt })), ids: ids ?? [await deviceToken()],
    responses: responses ?? [jwt ?? key.refreshing(jti)],
  }, { now: at, ...options });
}

test('a refresh is refused step by step; a key of the header is never taken', async () => {
  const id = await deviceToken();
  const jti = await challenge({ use: 'refresh', jkt });
  const other = new DeviceKey();
  const stranger = new Keyring([{ key: MasterKey.generate() }]);
  const answers = (gen, more) => ({ check: async () => ({ gen, ...more }) });
  const guests = { sub: undefined, gen: undefined, auth_time: undefined };
  const { x, y } = key.jwk;
  for (const [status, reason, request] of [
    [401, 'absent', { ids: [] }], [401, 'absent', { ids: [id, id] }], [401, 'not_a_token', { ids: ['x'] }], [401,
      'not_a_token', { ids: [''] }],
    ...await Promise.all([
      { sid: SID }, { sid: SID, x }, { sid: SID, x, y, z: 'z' }, { sid: 'A', x, y }, { sid: SID, x, y: x }, { sid: SID,
        x: 1, y }, [],
      { sid: SID, x: `${x}=`, y },
    ].map(async (bad) => [401, 'payload_invalid', { ids: [await sealed('.device', bad)], fields: [] }])),
    [503, 'unknown_key', { ids: [await proof()] }], [503, 'unknown_key', { ids: [await deviceToken({},
      { by: stranger })] }],
    [503, 'issued_in_future', { ids: [await deviceToken({}, { at: now + 61 })] }], [401, 'expired',
      { ids: [await deviceToken({}, { ttl: 1 })], at: now + 1 }],
    [200, 'absent', { fields: [] }], [200, 'expired', { at: now + 1800, jwt: 'x' }],
    [503, 'unknown_key', { fields: field(await session({}, { by: stranger })) }],
    [200, 'device_mismatch', { ids: [await deviceToken({ x: other.jwk.x, y: other.jwk.y })], responses: [] }],
    [200, 'device_mismatch', { fields: field(await session({ sid: 'B'.repeat(22) })), responses: [] }],
    [200, 'device_mismatch', { fields: field(await session(guests)), responses: [] }],
    [403, undefined, { responses: [] }], [401, 'jwt_format', { responses: ['x', 'x'] }], [401, 'jwt_format',
      { jwt: '' }],
    [401, 'jwt_algorithm', { jwt: key.refreshing(jti, { alg: 'none' }) }],
    [401, 'jwt_signature', { jwt: other.refreshing(jti) }], [401, 'jwt_signature', { jwt: other.registering(jti) }],
    ...await Promise.all([
      'x', await challenge({ use: 'register', sid: SID }), await challenge({ use: 'register', jkt }),
        await challenge({ jkt }),
      await challenge({ use: 'refresh', jkt: await thumbprint(other.jwk) }), await challenge({ use: 'refresh', jkt },
        { at: now - 60 }),
      await challenge({ use: 'refresh', jkt }, { at: now - 60, ttl: 600 }), await challenge({ use: 'refresh', jkt },
        { by: stranger }), await proof(),
    ].map(async (bad) => [403, 'challenge_invalid', { jwt: key.refreshing(bad) }])),
    [503, 'unchecked', { options: answers() }], [200, 'revoked', { options: answers(8) }],
    [200, 'signed_off', { options: answers(7, { denied: true }) }],
  ]) {
    const done = await refreshing(request);
    same([done.status, done.reason, linesOf(done)], [status, reason, []]);
    const isOver = status === 200;
    same(isOver ? { ...JSON.parse(done.body), session_identifier: 0 } : done.body, isOver ? { session_identifier: 0,
      continue: false } : '');
    same(namesOf(done).slice(2), isOver ? ['Content-Type'] : status === 403 ? ['Secure-Session-Challenge'] : []);
  }
  const over = await refreshing({ ids: [` "${id}"`], fields: [] });
  same(JSON.parse(over.body).session_identifier, id, 'as received');
  for (const request of [{}, { fields: field(await session({ jkt, sid: 'B'.repeat(22) })) },
    { jwt: key.registering(jti) },
    { jwt: key.refreshing(jti, { jwk: other.jwk }) }, { at: now + 59 }]) {
    const done = await refreshing(request);
    same([done.status, linesOf(done).length, done.committed], [200, 1, undefined]);
  }
});

test('a refresh binds again what a slow response unbound', async () => {
  const done = await refreshing({ fields: field(await session({ data: { a: 1 }, rev: 3 })) });
  same([done.status, linesOf(done).length], [200, 2]);
  const { jkt: bound, sid, rev, data } = JSON.parse(done.committed.payload);
  same([bound, sid, rev, data], [jkt, SID, 4, { a: 1 }]);
  same(done.session.isBound, true);
});

test('the life of a proof ends with the session, that of a device token too', async () => {
  const short = { end: now + 100 };
  const [line] = linesOf(await refreshing({ fields: field(await session({ ...short, jkt })) }));
  assert.match(line, /; Max-Age=100;/);
  const { body } = await registering({ fields: field(await session(short)) });
  const id = JSON.parse(body).session_identifier;
  same((await refreshing({ ids: [id], at: now + 59 })).status, 200);
  same((await refreshing({ ids: [id], at: now + 100, jwt: 'x' })).reason, 'expired');
});

test('no clock is not now; a bad time and a failed commit are the caller’s', async () => {
  const broken = new SessionCookie({
    sessions: new Sessions({ ring, context, check: null, log: null, clock: () => { throw new Error('no clock'); } }),
      deviceBinding: true,
  });
  const request = { cookies: field(await session()), ids: ['x'], responses: ['x'] };
  for (const call of ['register', 'refresh']) {
    const { status, reason } = await broken[call](request);
    same([status, reason], [503, 'no_clock']);
    await assert.rejects(cookie[call](request, { now: -1 }), code('clock_range'));
    await assert.rejects(made(false)[call](request, { now }), TypeError);
  }
  const over = async (more) => registering({ fields: field(await session({ data: { a: 'x'.repeat(2740 + more) } })) });
  let more = 0;
  while ((await over(more).then(({ status }) => status, (error) => error.code)) === 200) more += 1;
  assert.ok(more > 0 && more < 100, `${more}`);
  await assert.rejects(over(more), code('cookie_too_large'));
  const jti = await challenge({ use: 'register', sid: SID });
  const good = { cookies: field(await session()), responses: [key.registering(jti)] };
  await assert.rejects(answerFixed('register', cookie, good, { now }, NO_RANDOMNESS), code('no_randomness'));
  const ended = new Keyring([{ key: master, sealFrom: now + 1000 }]);
  await assert.rejects(made(true, {}, ended).register(good, { now }), code('no_sealing_key'));
});

test('a commit whose challenge cannot be sealed fails, and may be tried again', async () => {
  const opened = await cookie.open([], { now });
  opened.signOn({ sub: 'ada', gen: 7 });
  const bytes = (n) => new Uint8Array(12).fill(n);
  const fixed = { salt: bytes(1), iv: bytes(2), sid: SID };
  await assert.rejects(cookieCommitFixed(cookie, opened, { now }, fixed), /no salt/);
  const challenged = { ...fixed, challenge: { salt: bytes(3), iv: bytes(4) } };
  const done = await cookieCommitFixed(cookie, opened, { now }, challenged);
  assert.ok(headerOf(done, 'Secure-Session-Registration'));
});

test('a commit and an answer seal all of theirs under one ring, whatever comes into force meanwhile', async () => {
  const mine = new LiveKeyring(ring);
  const by = made(true, {}, mine);
  const next = () => mine.replace(new Keyring([{ key: MasterKey.generate() }]));
  const opened = await by.open('', { now });
  opened.signOn({ sub: 'ada', gen: 7 });
  const committing = by.commit(opened, { now });
  next();
  const done = await committing;
  const token = linesOf(done)[0].split(/[=;]/)[1];
  const jwt = key.registering(challengeOf(headerOf(done, 'Secure-Session-Registration')));
  mine.replace(ring);
  const check = () => {
    next();
    return { gen: 7 };
  };
  const answer = await by.register({ cookies: field(token), responses: [jwt] }, { now, check });
  same([answer.status, linesOf(answer).length], [200, 2]);
  const pairs = linesOf(answer).map((line) => line.split(';')[0]).join('; ');
  same((await cookie.open(pairs, { now })).reason, null); // with the key of the beginning
  const id = JSON.parse(answer.body).session_identifier;
  same((await cookie.refresh({ cookies: pairs, responses: [], ids: [id] }, { now })).status, 403);
});

test('a proof is a time of the check: none is asked for pages of a bound session', async () => {
  let asked = 0;
  const check = () => { asked += 1; return { gen: 7 }; };
  const rechecking = made(true, { recheck: 600, check });
  const bound = await session({ jkt });
  const opened = await rechecking.open(field(bound, await proof()), { now: now + 599 });
  same([opened.reason, asked, (await rechecking.commit(opened, { now: now + 599 })).wrote], [null, 0, 'nothing']);
  const both = field(bound, await proof(), await proof(undefined, { at: now + 300 }));
  await rechecking.open(both, { now: now + 850 });
  same(asked, 0, 'the latest counts');
  await made(true, { recheck: 599, check }).open(field(bound, await proof()), { now: now + 599 });
  same(asked, 1);
  const checked = await session({ jkt, checked: now });
  const done = await refreshing({ by: rechecking, fields: field(checked) });
  same([done.status, asked], [200, 2], 'a refresh asks in any case');
  await registering({ by: rechecking, fields: field(await session({ checked: now })) });
  same(asked, 3, 'and a registration');
});
