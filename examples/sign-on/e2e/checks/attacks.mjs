// Sign-off against late responses and copies; forms of other sites; what the page /attacks says.

import assert from 'node:assert/strict';
import http from 'node:http';
import { Relay, listen } from '../server.mjs';
import { signOn } from './signing.mjs';

export async function signOff({ check, names, mark, server, visitors: { a, b }, open, tls, atEnd }) {
  const relay = await Relay.start(server().origin, tls);
  atEnd(() => relay.stop());
  let copy;
  let late;

  await check('another port of the same host gets the same cookies', async () => {
    const second = await a.context.newPage();
    await a.visit(relay.origin, second);
    assert.equal(await second.getByTestId('who').textContent(), 'Ada Lovelace');
    await second.close();
    return a.cookies(names.session);
  });

  await check('sign off here: the cookie is gone, the session’s mark is there until its absolute end', async () => {
    const second = await a.context.newPage();
    await a.visit(relay.origin, second);
    const response = relay.hold();
    const landed = second.waitForNavigation();
    await second.getByTestId('add-stylus').click({ noWaitAfter: true });
    await response.arrived;

    const { sid, end } = await a.members();
    copy = a.model.get(names.session).value;
    await a.visit('/');
    await a.click('sign-off');
    assert.equal(a.path, '/signed-off');
    const { value, expires } = a.model.get(names.mark);
    assert.equal(value, mark(sid));
    assert.ok(Math.abs(expires - Number(end)) <= 2, 'until the end of the session');
    const cookies = await a.cookies(names.mark);
    late = { second, response, landed };
    return cookies;
  });

  await check('a response that was held back until after it sets the cookie again, and revives nothing', async () => {
    const { second, response, landed } = late;
    const log = await server().logged(async () => {
      response.release();
      await landed;
      assert.equal(await second.getByTestId('who').textContent(), 'Guest');
      assert.equal(await a.who(), 'Guest');
    });
    assert.match(log, /session refused: signed_off: GET \/basket/);
    const cookies = await a.cookies(names.session, names.mark);
    assert.notEqual(a.model.get(names.session).value, copy);
    await second.close();
    return cookies;
  });

  await check('nor does an earlier cookie put back beside the mark', async () => {
    await a.plant(names.session, copy);
    assert.equal(await a.who(), 'Guest');
    return a.cookies(names.session, names.mark);
  });

  await check('nor in a browser that has no mark: the deny-list knows it', async () => {
    const thief = await open();
    await thief.plant(names.session, copy);
    const log = await server().logged(() => thief.visit('/basket'));
    assert.match(log, /session refused: signed_off: GET \/basket/);
    assert.equal(await thief.text('who'), 'Guest');
    await thief.cookies(names.session);
    await thief.close();
  });

  await check('the other browser stays signed on', async () => {
    assert.equal(await b.who(), 'Ada Lovelace');
    return b.cookies(names.session);
  });

  await check('signing on again takes the place of what came late, beside the mark', async () => {
    await signOn(a);
    assert.equal(await a.who(), 'Ada Lovelace');
    return a.cookies(names.session, names.mark);
  });
}

/** A page of another site posts to this one. */
export async function forgery({ check, names, server, visitors: { a, b }, atEnd }) {
  const page = `<!doctype html><form method="post" action="${server().origin}/sign-off"><button>Win</button></form>`;
  const listener = http.createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });
  const port = await listen(listener);
  atEnd(() => {
    listener.closeAllConnections();
    listener.close();
  });
  await check('a form that another site posts is refused, and the session lives', async () => {
    await b.page.goto(`http://127.0.0.1:${port}/`);
    assert.equal(await b.press(b.page.locator('button')), 403);
    b.faults = b.faults.filter((fault) => !fault.startsWith(`asked http://127.0.0.1:${port}`));
    assert.equal(await b.who(), 'Ada Lovelace');
    assert.equal(await a.who(), 'Ada Lovelace');
    return b.cookies(names.session);
  });
}

export async function attackPage({ check, names, visitors: { b } }) {
  await check('every attack of the page /attacks ended as expected', async () => {
    assert.equal(await b.visit('/attacks'), 200);
    const held = await b.find('attack').evaluateAll((rows) => rows.map((row) => row.dataset.held));
    assert.ok(held.length >= 40, `${held.length} attacks`);
    assert.deepEqual(held.filter((it) => it !== 'true'), []);
    assert.equal(await b.text('attacks-held'), String(held.length));
    assert.equal(await b.text('attacks-total'), String(held.length));
    return `${held.length} attacks; ${await b.cookies(names.session)}`;
  });
}
