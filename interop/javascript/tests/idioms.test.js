/** What a program does wrong, and what its database answers, is heard of: nothing is lost in silence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { Context, CookieSettings, Keyring, MasterKey, Sealer, SessionCookie, Sessions, TokenCookie } from 'cretula';

const now = 1790000000;
const context = new Context('shop.example', 'session');
const ring = new Keyring([{ key: MasterKey.generate() }]);
const same = (a, b) => assert.deepEqual(a, b);

function recorded() {
  const lines = [];
  const level = (name) => (text, error) => lines.push([name, text, ...(error === undefined ? [] : [error])]);
  return { lines, log: { error: level('error'), warn: level('warn'), info: level('info') } };
}

async function tokenOf(user) {
  const sessions = new Sessions({ ring, context, check: null });
  const session = await sessions.open(null, { now });
  session.signOn({ gen: 7, ...user });
  return (await sessions.commit(session, { now })).token;
}

test('what works with other libraries throws here, in sloppy code too', async () => {
  const session = await new Sessions({ ring, context, check: null }).open(await tokenOf({ sub: 'ada' }), { now });
  const sloppy = (code) => () => runInNewContext(code, { session });
  for (const code of [
    'session.theme = 1', 'session.sub = null', 'session.user = undefined', 'session.signOff = 1', 'session.cookie = {}',
    'delete session.sub', 'delete session.theme', 'delete session.data', 'session[0] = 1', 'session.reason = null',
    'Object.defineProperty(session, "theme", { value: 1 })', 'Object.assign(session, { theme: 1 })',
    'Object.setPrototypeOf(session, null)',
  ]) assert.throws(sloppy(code), { name: 'TypeError', message: /session\.data, and signOff\(\)/ }, code);
  same([session.sub, session.theme, session.then], ['ada', undefined, undefined]);
  session.data = { theme: 1 };
  session.data.size = 2;
  delete session.data.theme;
  same(session.data, { size: 2 });
});

test('an option that nobody reads is a TypeError that names it', async () => {
  const set = { ring, context };
  const sessions = new Sessions({ ...set, check: null });
  const cookie = new SessionCookie({ sessions });
  const session = await cookie.open([], { now });
  const sealer = new Sealer(set);
  for (const [name, call] of Object.entries({
    idel: () => new Sessions({ ...set, policy: { idel: 1 } }),
    chekc: () => new Sessions({ ...set, chekc: null }),
    maxage: () => new TokenCookie({ ...set, maxage: 1 }),
    maxAge: () => new Sealer({ ...set, maxAge: 1 }),
    samesite: () => new CookieSettings({ samesite: 'Lax' }),
    pat: () => new CookieSettings({ previous: [{ pat: '/' }] }),
    httpOnly: () => new SessionCookie({ sessions, httpOnly: false }),
    generation: () => session.signOn({ sub: 'ada', gen: 7, generation: 7 }),
    sub: () => session.reauthenticate({ sub: 'ada' }),
    time: () => sealer.seal('x', { ttl: 1, time: 1 }),
    sid: () => cookie.open([], { sid: 1 }),
    cachecontrol: () => cookie.commit(session, { cachecontrol: 'x' }),
    at: () => cookie.excess(session, { at: 1 }),
  })) await assert.rejects(async () => call(), { name: 'TypeError', message: new RegExp(`no option ${name}$`) }, name);
  same(session.sub, undefined);
});

test('a generation that is no integer is a TypeError that names its type', async () => {
  const token = await tokenOf({ sub: 'ada' });
  for (const [gen, type] of [['7', 'string'], [7n, 'bigint'], [7.5, 'number'], [true, 'boolean'], [{}, 'object']]) {
    const open = () => new Sessions({ ring, context, check: async () => ({ gen }) }).open(token, { now });
    await assert.rejects(open, { name: 'TypeError', message: `check: gen is a ${type}, not an integer` });
    const session = await new Sessions({ ring, context, check: null }).open(token, { now });
    for (const call of [() => session.signOn({ sub: 'ada', gen }), () => session.reauthenticate({ gen })]) {
      const message = type === 'number' ? 'user_invalid' : new RegExp(`gen is a ${type}`);
      assert.throws(call, { code: 'user_invalid', message });
    }
  }
});

test('what the check throws, and why a session is refused, goes to the log; no token does', async () => {
  const { lines, log } = recorded();
  const gone = new Error('connect ECONNREFUSED');
  const token = await tokenOf({ sub: 'ada' });
  const open = async (text, check, at = now) => (
    (await new Sessions({ ring, context, check, log }).open(text, { now: at })).reason);
  same(await open(token, async () => { throw gone; }), 'unchecked');
  same(await open(token, () => { throw gone; }), 'unchecked');
  same(await open(token, () => ({ gen: 8 })), 'revoked');
  same(await open(token, undefined), 'unchecked');
  same(await open('x', null), 'not_a_token');
  same(await open(null, null), 'absent');
  same(await open(token, null, now + 90000), 'expired');
  const failed = [['error', 'the check failed', gone], ['info', 'session refused: unchecked']];
  same(lines, [
    ...failed, ...failed, ['info', 'session refused: revoked'], ['info', 'session refused: unchecked'],
    ['info', 'session refused: not_a_token'],
  ]);
  lines.length = 0;
  const cookie = new SessionCookie({ sessions: new Sessions({ ring, context, check: () => ({ gen: 8 }), log }) });
  same((await cookie.open([`${cookie.settings.name}=${token}`], { now })).reason, 'revoked');
  same(lines, [['info', 'session refused: revoked']]);
});

test('the log is the console, unless it is replaced or switched off', async (t) => {
  const info = t.mock.method(console, 'info', () => {});
  const open = (log) => new Sessions({ ring, context, check: null, log }).open('x', { now });
  await open(undefined);
  await open(null);
  same(info.mock.calls.map((call) => call.arguments), [['cretula: session refused: not_a_token']]);
  await assert.rejects(async () => open({ info() {} }), TypeError);
  await assert.rejects(async () => open(false), TypeError);
  await open(console);
  same(info.mock.calls[1].arguments, ['session refused: not_a_token']);
});
