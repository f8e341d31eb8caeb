/** When the check is called, and what is written of it ([SESS-30], [SESS-31]); the vectors have the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Context, Keyring, MasterKey, Sealer, SessionCookie, Sessions } from 'cretula';

const now = 1790000000;
const ring = new Keyring([{ key: MasterKey.generate() }]);
const context = new Context('shop.example', 'session');
const same = (a, b) => assert.deepEqual(a, b);

/** A token, of a user or a guest, with these members. */
const tokenOf = (more = {}, user = { sub: 'ada', gen: 7, auth_time: now }) => new Sealer({ ring, context }).seal(
  JSON.stringify({ sid: 'AAECAwQFBgcICQoLDA0ODw', start: now, end: now + 86400, rev: 1, ...user, ...more }),
    { ttl: 1800, now });

const made = (recheck, check) => new Sessions({ ring, context, check, log: null, policy: { recheck } });

/** Opens and commits; gives the reason, what was written, and how often the check was called. */
async function told(token, recheck, check, at = now) {
  let calls = 0;
  const counted = typeof check === 'function' ? (...args) => { calls += 1; return check(...args); } : check;
  const sessions = made(recheck, counted);
  const session = await sessions.open(token, { now: at });
  const { wrote, payload } = await sessions.commit(session, { now: at + 3 });
  return [session.reason, wrote, calls, payload === undefined ? undefined : JSON.parse(payload).checked];
}

const good = () => ({ gen: 7 });
const fails = () => { throw new Error('no database'); };

test('a check that is not due is never called', async () => {
  const checked = await tokenOf({ checked: now });
  for (const [at, outcome] of [
    [now + 59, [null, 'nothing', 0, undefined]], [now + 60, [null, 'seal', 1, now + 60]], [now, [null, 'nothing', 0,
      undefined]],
  ]) same(await told(checked, 60, good, at), outcome);
  same(await told(checked, 60, fails, now + 59), [null, 'nothing', 0, undefined]);
  same(await told(checked, 60, fails, now + 60), ['unchecked', 'nothing', 1, undefined]);
  same(await told(checked, 60, () => 'no answer of any kind', now + 59), [null, 'nothing', 0, undefined]);
  same(await told(checked, 0, good, now), [null, 'nothing', 1, undefined], 'recheck 0: at each request');
  same(await told(await tokenOf({ checked: 0 }), 86400, good, now), [null, 'seal', 1, now], 'time 0 is a time');
});

test('only an answer is written', async () => {
  const guest = await tokenOf({}, {});
  same(await told(guest, 60, () => undefined), [null, 'seal', 1, now], 'the deny-list was asked, and said nothing');
  same(await told(guest, 60, fails), [null, 'nothing', 1, undefined], 'a check that throws has not answered');
  same(await told(guest, 60, undefined), [null, 'nothing', 0, undefined], 'nobody was asked');
  same(await told(guest, 60, null), [null, 'nothing', 0, undefined]);
  same(await told(await tokenOf(), 60, null), [null, 'nothing', 0, undefined]);
  same(await told(await tokenOf(), 60, async () => ({ gen: 7, denied: true })), ['signed_off', 'nothing', 1,
    undefined]);
  await assert.rejects(told(await tokenOf(), 60, () => ({ gen: '7' })), TypeError);
});

test('what began in this request is checked, unless it rests on an earlier proof', async () => {
  const signOn = { sub: 'ada', gen: 7 };
  for (const [checked, ...changes] of [
    [now + 9, (s) => s.signOn(signOn)], [now + 9, (s) => { s.data.a = 1; }],
    [undefined, (s) => s.signOn({ ...signOn, authTime: now })],
    [undefined, (s) => s.signOn({ ...signOn, authTime: 0 })],
    [now + 9, (s) => s.signOn({ ...signOn, authTime: now }), (s) => s.reauthenticate({ gen: 7 })],
    [undefined, (s) => s.signOn(signOn), (s) => s.signOn({ ...signOn, authTime: now })],
    [now + 9, (s) => s.signOn({ ...signOn, authTime: now }), (s) => s.signOn(signOn)],
    [undefined, (s) => s.signOn({ ...signOn, authTime: now }), (s) => s.signOff(), (s) => s.flash('a', 1)],
    [now + 9, (s) => s.signOff(), (s) => s.flash('a', 1)],
  ]) {
    for (const [recheck, expected] of [[60, checked], [0, undefined]]) {
      const sessions = made(recheck, null);
      const session = await sessions.open(null, { now });
      for (const change of changes) change(session);
      same(JSON.parse((await sessions.commit(session, { now: now + 9 })).payload).checked, expected, changes.join());
    }
  }
  const sessions = made(60, good);
  const session = await sessions.open(await tokenOf({ checked: now }), { now: now + 1 });
  session.reauthenticate({ gen: 7 });
  same(JSON.parse((await sessions.commit(session, { now: now + 9 })).payload).checked, now + 9);
});

test('an asked check alone is no change: what cannot be sealed is not missed', async () => {
  const cookie = new SessionCookie({ sessions: made(60, good) });
  const full = await tokenOf({ data: { a: 'x'.repeat(2838) } });
  const session = await cookie.open(`${cookie.settings.name}=${full}`, { now: now + 1 });
  same([session.reason, cookie.excess(session, { now: now + 1 }) > 0], [null, true]);
  same((await cookie.commit(session, { now: now + 1 })).wrote, 'nothing');
});

test('a policy says how long, and is the one of the open', async () => {
  for (const bad of [-1, 86401]) assert.throws(() => made(bad, null), (error) => error.code === 'recheck_range');
  for (const bad of ['60', 1.5, null]) assert.throws(() => made(bad, null), TypeError);
  const session = await made(60, null).open(null, { now });
  await assert.rejects(made(61, null).commit(session, { now }), (error) => error.code === 'context_invalid');
});
