// What happens to sessions while keys change, the server dies, and time passes.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { signOn } from './signing.mjs';

export async function rotation({ check, names, server, visitors: { a, b } }) {
  const keyOf = (visitor) => tokenOf(visitor, names).subarray(3, 35).toString('hex');
  let first;

  await check('a new key that is to seal in two seconds waits', async () => {
    first = keyOf(a);
    assert.equal(keyOf(b), first);
    await a.visit('/operator');
    assert.equal(await a.find('key').count(), 1);
    await a.fill({ delay: '2' });
    assert.deepEqual(await a.texts('key-state'), ['seals', 'waits']);
    return a.cookies(names.session);
  });

  await check('then it seals, and the other one opens what it sealed; both browsers stay signed on', async () => {
    await sleep(2_500);
    await a.visit('/');
    await a.click('add-wax');
    assert.notEqual(keyOf(a), first);
    assert.equal(keyOf(b), first);
    assert.equal(await a.who(), 'Ada Lovelace');
    assert.equal(await b.who(), 'Ada Lovelace');
    await a.visit('/operator');
    assert.deepEqual(await a.texts('key-state'), ['opens', 'seals']);
    await b.cookies(names.session);
    return a.cookies(names.session);
  });

  await check('what the retired key sealed opens no more, what the new one sealed does', async () => {
    const row = a.page.locator(`[data-key-id="${first}"]`);
    await a.press(row.getByTestId('retire-now'));
    assert.deepEqual(await a.texts('key-state'), ['ended', 'seals']);
    const log = await server().logged(() => b.visit('/basket'));
    assert.match(log, /session refused: key_inactive: GET \/basket/);
    assert.equal(await b.text('who'), 'Guest');
    assert.equal(await a.who(), 'Ada Lovelace');
    await a.cookies(names.session);
    return b.cookies(names.session);
  });

  await check('who was signed off by it signs on again, under the new key', async () => {
    await signOn(b);
    assert.equal(keyOf(b), keyOf(a));
    return b.cookies(names.session);
  });
}

function tokenOf(visitor, names) {
  return Buffer.from(visitor.model.get(names.session).value, 'base64url');
}

export async function backup({ check, names, server, visitors: { a, b } }) {
  let basket;
  await check('the basket comes from memory; an earlier cookie brings no earlier basket back', async () => {
    const earlier = a.model.get(names.session).value;
    await a.visit('/');
    await a.click('add-ring');
    await a.visit('/basket');
    await a.plant(names.session, earlier);
    await a.visit('/basket');
    assert.equal(await a.text('pieces-ring'), '1');
    assert.equal(await a.text('basket-source'), 'memory');
    basket = await a.find('basket').innerText();
    return a.cookies(names.session);
  });

  await check('the server is killed and started again: signed on, and the basket comes from the cookie', async () => {
    await server().kill();
    await server().start();
    await a.visit('/basket');
    assert.equal(await a.text('basket-source'), 'cookie');
    assert.equal(await a.find('basket').innerText(), basket);
    assert.equal(await a.text('who'), 'Ada Lovelace');
    assert.equal(await b.who(), 'Ada Lovelace');
    await b.cookies(names.session);
    return a.cookies(names.session);
  });

  await check('and then from memory again', async () => {
    await a.visit('/basket');
    assert.equal(await a.text('basket-source'), 'memory');
    return a.cookies(names.session);
  });
}

/** Lives of six and fourteen seconds. */
export async function ends({ check, names, open, start }) {
  const server = await start({ IDLE: '6', ABSOLUTE: '14' });
  const [idle, busy] = [await open(server.origin), await open(server.origin)];
  for (const visitor of [idle, busy]) {
    await visitor.visit('/');
    await visitor.click('add-clay');
  }
  const begun = Date.now();
  const at = (seconds) => sleep(Math.max(0, begun + seconds * 1_000 - Date.now()));

  await check('idle: a young session that is read is not written', async () => {
    await idle.visit('/basket');
    const { value } = idle.model.get(names.session);
    await idle.visit('/basket');
    assert.equal(idle.model.get(names.session).value, value);
    return idle.cookies(names.session);
  });

  const copy = idle.model.get(names.session).value;
  await check('idle: over half of the window it is written, with a full life', async () => {
    await at(3.8);
    const { value } = busy.model.get(names.session);
    await busy.visit('/basket');
    assert.notEqual(busy.model.get(names.session).value, value);
    assert.equal(busy.model.get(names.session).seconds, 6);
    return busy.cookies(names.session);
  });

  await check('idle: left alone, the session is over in the browser and for the server', async () => {
    await at(7.2);
    await idle.cookies();
    await idle.plant(names.session, copy);
    const log = await server.logged(() => idle.visit('/basket'));
    assert.match(log, /session refused: expired: GET \/basket/);
    await busy.visit('/basket');
    assert.equal(await busy.text('pieces-clay'), '1');
    return busy.cookies(names.session);
  });

  await check('absolute: kept busy, it is over all the same', async () => {
    await at(11);
    const end = Number((await busy.members()).end);
    const { value, expires } = busy.model.get(names.session);
    assert.ok(expires <= end + 1, 'the last cookie ends with the session');
    await at(15);
    await busy.cookies();
    await busy.plant(names.session, value);
    const log = await server.logged(() => busy.visit('/basket'));
    assert.match(log, /session refused: expired: GET \/basket/);
    return busy.cookies(names.session);
  });

  await Promise.all([idle.close(), busy.close()]);
  await server.kill();
}
