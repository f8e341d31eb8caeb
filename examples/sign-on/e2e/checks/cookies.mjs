// What the page /cookie says against what the browser stored; sessions that outgrow a cookie.

import assert from 'node:assert/strict';
import { ADA } from './signing.mjs';

/** Octets that a token may have in one cookie, and in two. */
const LARGEST = 4_096;
const LARGEST_OF_TWO = 5_980;

export async function cookiePage({ check, names, visitors: { a } }) {
  await check('the page /cookie tells what the browser stored', async () => {
    await a.members();
    const before = Date.now() / 1_000;
    const members = await a.members();
    const after = Date.now() / 1_000;
    const cookie = (await a.stored()).get(names.session);
    assert.equal(Number(members[`octets-${names.session}`]), cookie.size);
    // The browser counts from when it got the cookie, which is later on a machine with much to do.
    assert.ok(Math.abs(Number(members['idle-end']) - cookie.expires) <= 5, 'idle end');
    for (const [end, left] of [['idle-end', 'idle-left'], ['end', 'absolute-left']]) {
      const now = Number(members[end]) - Number(members[left]);
      assert.ok(before - 1 <= now && now <= after + 1, `${end}: ${now}, and it is ${before} to ${after}`);
    }
    const token = Buffer.from(cookie.value, 'base64url');
    assert.equal(members['key-id'], token.subarray(3, 35).toString('hex'));
    return a.cookies(names.session);
  });

  await check('the cookie page stays readable while the session is only read: no line, same rev', async () => {
    const [first, second] = [await a.members(), await a.members()];
    assert.equal(first.rev, second.rev);
    return a.cookies(names.session);
  });

  await check('a change counts rev up and moves the idle end, not the absolute one', async () => {
    const before = await a.members();
    await a.visit('/');
    await a.click('add-cord');
    await a.visit('/basket');
    const after = await a.members();
    assert.ok(Number(after.rev) > Number(before.rev));
    assert.equal(after.end, before.end);
    assert.deepEqual(JSON.parse(after.data).basket, { clay: 1, cord: 1 });
    return a.cookies(names.session);
  });
}

export async function sizes({ check, names, profile, visitors: { a } }) {
  const two = profile === 'production';
  if (two) {
    await check('over 4 KB the session stands in two cookies', async () => {
      await write(a, 'x'.repeat(3_500));
      const [first, second] = parts(a, names);
      assert.match(first, /^2\.[A-Za-z0-9_-]{8}\.CrE1/);
      assert.equal(first.length, 3_000);
      assert.ok(second.startsWith(first.slice(2, 11)), 'the same id');
      return a.cookies(names.session, names.second);
    });

    await check('the page /cookie tells the sizes of both', async () => {
      await a.members();
      const members = await a.members();
      const stored = await a.stored();
      for (const name of [names.session, names.second]) {
        assert.equal(Number(members[`octets-${name}`]), stored.get(name).size);
      }
      return a.cookies(names.session, names.second);
    });

    await check('each writing has an id of its own', async () => {
      const [before] = parts(a, names);
      await write(a, 'y'.repeat(3_600));
      const [after, second] = parts(a, names);
      assert.notEqual(before.slice(2, 11), after.slice(2, 11));
      assert.ok(second.startsWith(after.slice(2, 11)));
      return a.cookies(names.session, names.second);
    });

    await check('shrunk, it is one again, and no orphan is left', async () => {
      await write(a, '');
      assert.match(a.model.get(names.session).value, /^CrE1/);
      return a.cookies(names.session);
    });
  }

  const whole = two ? [names.session, names.second] : [names.session];
  let fitting;
  await check('too large: a friendly page, nothing is sent, nothing is lost', async () => {
    await write(a, 'kept');
    const before = a.model.get(names.session).value;
    const letters = two ? 4_800 : 4_000;
    const status = await write(a, 'z'.repeat(letters));
    assert.equal(status, 413);
    assert.equal(await a.text('largest'), 'notes');
    assert.equal(await a.page.locator('#notes').inputValue(), 'z'.repeat(letters));
    assert.equal(a.model.get(names.session).value, before);
    // Four characters of a token hold three bytes.
    fitting = letters - Math.ceil(Number(await a.text('excess')) * 3 / 4);
    assert.equal(await a.who(), 'Ada Lovelace');
    await a.visit('/notes');
    assert.equal(await a.text('notes-octets'), '4');
    return a.cookies(names.session);
  });

  await check('shortened by what the page says it fits, and the browser takes the largest there can be', async () => {
    assert.equal(await write(a, 'z'.repeat(fitting)), 200);
    const token = two ? parts(a, names).map((part, at) => part.length - (at === 0 ? 11 : 9)) : [
      names.session.length + a.model.get(names.session).value.length,
    ];
    const octets = token.reduce((sum, it) => sum + it, 0);
    const most = two ? LARGEST_OF_TWO : LARGEST;
    // The message "saved" was in the token that did not fit and is not in the one that is measured here.
    assert.ok(octets <= most && octets > most - 120, `${octets} of ${most}`);
    return a.cookies(...whole);
  });

  await check('a change of password whose session would not fit changes nothing', async () => {
    await a.visit('/account');
    await a.click('change-password');
    if (a.path === '/confirm') await a.fill({ current: ADA.password });
    const before = a.model.get(names.session).value;
    const password = 'a password that is not to be';
    assert.equal(await a.fill({ new: password, again: password }), 413);
    assert.equal(a.model.get(names.session).value, before);
    assert.equal(await a.who(), 'Ada Lovelace');
    await a.visit('/confirm');
    assert.equal(await a.fill({ current: password }), 422);
    assert.equal(await a.fill({ current: ADA.password }), 200);
    const cookies = await a.cookies(...whole);
    await write(a, '');
    await a.cookies(names.session);
    return cookies;
  });
}

/** Saves notes and tells the status of what came of it. */
async function write(visitor, text) {
  await visitor.visit('/notes');
  return visitor.fill({ notes: text });
}

function parts(visitor, names) {
  return [names.session, names.second].map((name) => visitor.model.get(name).value);
}
