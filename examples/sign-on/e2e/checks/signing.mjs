// Register, sign on from a deep link, profile, change of password, list of sessions, sign off everywhere.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const DEEP_LINK = '/basket/checkout?voucher=SPRING';
export const ADA = { email: 'ada@example.org', password: 'correct horse battery' };

export async function signing({ check, names, server, visitors, open, reauth }) {
  const { a } = visitors;
  let guest;
  let registered;

  await check('a visitor who only looks gets no cookie', async () => {
    assert.equal(await a.visit('/'), 200);
    assert.equal(await a.text('who'), 'Guest');
    return a.cookies();
  });

  await check('a guest’s basket is in a cookie of half an hour', async () => {
    await a.click('add-clay');
    assert.equal(a.path, '/basket');
    assert.equal(await a.text('pieces-clay'), '1');
    assert.equal(a.model.get(names.session).seconds, 1_800);
    return a.cookies(names.session);
  });

  await check('a flash message is shown once', async () => {
    assert.deepEqual(await a.texts('notice'), ['Clay tablet is in your basket.']);
    await a.visit('/basket');
    assert.deepEqual(await a.texts('notice'), []);
    guest = { sid: (await a.members()).sid, cookie: a.model.get(names.session).value };
    return a.cookies(names.session);
  });

  await check('a deep link leads to the form, with the way back in a cookie of ten minutes', async () => {
    await a.visit(DEEP_LINK);
    assert.equal(a.path, '/sign-on');
    assert.equal(a.model.get(names.back).seconds, 600);
    return a.cookies(names.session, names.back);
  });

  await check('registering signs on and leads to the deep link; the way back is gone, the basket is not', async () => {
    await a.click('nav-register');
    assert.equal(await a.fill({ ...ADA, name: 'Ada' }), 200);
    registered = Date.now();
    assert.equal(a.path, DEEP_LINK);
    assert.equal(await a.text('voucher'), 'SPRING');
    assert.equal(await a.text('customer'), 'Ada');
    assert.equal(await a.text('pieces-clay'), '1');
    assert.match(await a.text('notice'), /^Welcome!/);
    return a.cookies(names.session);
  });

  await check('signing on gives a new sid, and a life of its own', async () => {
    const { sid, start, end, auth_time: proved, sub } = await a.members();
    assert.match(sid, /^[A-Za-z0-9_-]{22}$/);
    assert.notEqual(sid, guest.sid);
    assert.equal(Number(end) - Number(start), 86_400);
    assert.equal(proved, start);
    assert.equal(sub, '1');
    return a.cookies(names.session);
  });

  await check('the guest’s cookie from before the sign-on opens nothing any more', async () => {
    const thief = await open();
    await thief.plant(names.session, guest.cookie);
    const log = await server().logged(() => thief.visit('/basket'));
    assert.match(log, /session refused: signed_off: GET \/basket/);
    assert.deepEqual(await thief.texts('basket-empty'), ['Nothing in it yet.']);
    await thief.cookies(names.session);
    await thief.close();
  });

  await check('the profile takes a new name, and refuses one that is too long', async () => {
    await a.visit('/account');
    assert.equal(await a.text('email'), ADA.email);
    await a.fill({ name: 'Ada Lovelace' });
    assert.equal(await a.text('notice'), 'Your name is saved.');
    await a.fill({ name: 'x'.repeat(61) });
    assert.match(await a.text('notice'), /Nothing was changed/);
    assert.equal(await a.text('who'), 'Ada Lovelace');
    return a.cookies(names.session);
  });

  const { b } = visitors;
  await check('a wrong password signs nobody on and changes no cookie', async () => {
    await b.visit('/account');
    const before = b.model.get(names.back).value;
    assert.equal(await b.fill({ ...ADA, password: 'a wrong one' }), 422);
    assert.equal(await b.text('error'), 'Address or password is wrong.');
    assert.equal(b.model.get(names.back).value, before);
    return b.cookies(names.back);
  });

  await check('the right one does, and leads back to where the second browser wanted to go', async () => {
    assert.equal(await b.fill(ADA), 200);
    assert.equal(b.path, '/account');
    assert.equal(await b.text('who'), 'Ada Lovelace');
    return b.cookies(names.session);
  });

  await check('both browsers are in the list of sessions, under different sids', async () => {
    await a.visit('/account');
    assert.equal((await a.texts('session')).length, 2);
    assert.deepEqual(await a.texts('this-session'), ['this browser']);
    assert.notEqual((await a.members()).sid, (await b.members()).sid);
    return b.cookies(names.session);
  });

  await check('change of password asks for a fresh proof first', async () => {
    await sleep(Math.max(0, registered + (reauth + 1) * 1_000 - Date.now()));
    await a.visit('/account');
    await a.click('change-password');
    assert.equal(a.path, '/confirm');
    assert.equal(await a.fill({ current: 'a wrong one' }), 422);
    return a.cookies(names.session, names.back);
  });

  let before = await a.members();
  await check('the proof gives a new sid to the same session', async () => {
    await a.visit('/confirm');
    await a.fill({ current: ADA.password });
    assert.equal(a.path, '/account/password');
    const { sid, start, end } = await a.members();
    assert.notEqual(sid, before.sid);
    assert.deepEqual([start, end], [before.start, before.end]);
    before = { sid, start, end };
    return a.cookies(names.session);
  });

  await check('change of password keeps this browser, with a new sid and the next generation', async () => {
    await a.visit('/account/password');
    const password = 'another horse battery';
    await a.fill({ new: password, again: password });
    ADA.password = password;
    assert.equal(a.path, '/account');
    const { sid, start } = await a.members();
    assert.notEqual(sid, before.sid);
    assert.equal(start, before.start);
    return a.cookies(names.session);
  });

  await check('and signs the other browser off; nothing is written there by itself', async () => {
    const { value } = b.model.get(names.session);
    const log = await server().logged(() => b.visit('/basket'));
    assert.match(log, /session refused: revoked: GET \/basket/);
    assert.equal(await b.text('who'), 'Guest');
    assert.equal(b.model.get(names.session).value, value);
    return b.cookies(names.session);
  });

  await check('the old password is none any more, the new one signs on', async () => {
    await b.visit('/sign-on');
    assert.equal(await b.fill({ email: ADA.email, password: 'correct horse battery' }), 422);
    assert.equal(await signOn(b), 200);
    assert.equal(b.path, '/account');
    return b.cookies(names.session);
  });

  await check('a session ended from the list is over, and only that one', async () => {
    await a.visit('/account');
    await a.click('end-session');
    assert.equal(await a.text('notice'), 'The session is ended.');
    assert.equal((await a.texts('session')).length, 1);
    const log = await server().logged(() => b.visit('/basket'));
    assert.match(log, /session refused: signed_off: GET \/basket/);
    assert.equal(await b.text('who'), 'Guest');
    assert.equal(await a.who(), 'Ada Lovelace');
    await a.cookies(names.session);
    return b.cookies(names.session);
  });

  await signOn(b);
}

/** Signs on as Ada. */
export async function signOn(visitor) {
  await visitor.visit('/sign-on');
  return visitor.fill(ADA);
}

/** Ways back that lead elsewhere. */
export async function returnUrls({ check, names, open }) {
  const refused = [
    '//evil.example', '///evil.example', '/\\evil.example', '\\/evil.example', '/\t/evil.example', '/\n/evil.example',
    'https://evil.example', 'https:evil.example', 'javascript:alert(1)', 'evil.example', '',
  ];
  const c = await open();
  for (const path of refused) {
    await check(`no way back to ${JSON.stringify(path)}`, async () => {
      await c.visit(`/sign-on?return=${encodeURIComponent(path)}`);
      assert.equal(c.path, '/sign-on');
      return c.cookies();
    });
  }
  await check('after it the sign-on leads to the account', async () => {
    await signOn(c);
    assert.equal(c.path, '/account');
    return c.cookies(names.session);
  });
  await check('a way back on this site is remembered', async () => {
    await c.visit(`/sign-on?return=${encodeURIComponent('/notes?a=//b')}`);
    await c.cookies(names.session, names.back);
    await c.fill(ADA);
    assert.equal(c.path, '/notes?a=//b');
    return c.cookies(names.session);
  });
  await c.close();
}

export async function everywhere({ check, names, mark, server, visitors, open }) {
  const { a, b } = visitors;
  await check('sign off everywhere ends this session and leaves its mark', async () => {
    const { sid } = await a.members();
    await a.visit('/account');
    const copy = a.model.get(names.session).value;
    await a.click('sign-off-everywhere');
    assert.equal(a.path, '/signed-off');
    assert.equal(a.model.get(names.mark).value, mark(sid));
    const thief = await open();
    await thief.plant(names.session, copy);
    assert.equal(await thief.who(), 'Guest');
    await thief.close();
    return a.cookies(names.mark);
  });

  await check('and the other browser’s', async () => {
    const log = await server().logged(() => b.visit('/account'));
    assert.match(log, /session refused: revoked: GET \/account/);
    assert.equal(b.path, '/sign-on');
    return b.cookies(names.session, names.back);
  });
}
