// What the specification says that browsers do with cookies, tried on this one, against a server that sets odd ones.

import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { listen } from '../server.mjs';

const SHOP = 'shop.example';
const SIBLING = `neighbour.${SHOP}`;

const OURS = '__Host-Http-session=ours; Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax';
/** A sign-off as the binding writes it: the mark, and then the expiry of the cookie itself. */
const SIGN_OFF = [
  '__Host-Http-session.end=abcdefghijklmnopqrstuv; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax',
  '__Host-Http-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax',
];

/** Sets the lines that it is told to, and remembers the Cookie field that came, octet by octet. */
class Site {
  constructor(module, tls = {}) {
    this.listener = module.createServer(tls, (request, response) => {
      if (request.url.startsWith('/favicon')) return response.writeHead(404).end();
      this.cookie = request.headers.cookie ?? '';
      response.setHeader('content-type', 'text/html');
      response.setHeader('set-cookie', this.lines.splice(0));
      if (this.clear) response.setHeader('clear-site-data', this.clear);
      this.clear = undefined;
      // A text would go out together with the head, and the head then as UTF-8.
      return response.end(Buffer.from('<!doctype html>'));
    });
    this.lines = [];
    this.scheme = module === https ? 'https' : 'http';
  }

  async start() {
    this.port = await listen(this.listener);
    return this;
  }

  /** Loads a page of this host, whose response has these lines, and then once more to see what the browser sends. */
  async set(page, host, lines, path = '/') {
    this.lines = [...lines];
    const url = `${this.scheme}://${host}:${this.port}${path}`;
    await page.goto(url);
    await page.goto(url);
    return this.cookie;
  }

  stop() {
    this.listener.closeAllConnections();
    this.listener.close();
  }
}

export async function facts({ browser, check, tls, atEnd }) {
  const [plain, sealed] = [await new Site(http).start(), await new Site(https, tls).start()];
  for (const site of [plain, sealed]) atEnd(() => site.stop());
  const attempt = (what, run) => check(what, async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    try {
      return await run(page, async () => new Map((await context.cookies()).map((cookie) => [cookie.name, cookie])));
    } finally {
      await context.close();
    }
  });

  await attempt('a cookie of 4 096 octets is stored; one of 4 097 is dropped, and the old one stays', async (page) => {
    const line = (octets, letter) => `a=${letter.repeat(octets - 1)}; Path=/`;
    assert.equal(await plain.set(page, 'localhost', [line(4_096, 'x')]), `a=${'x'.repeat(4_095)}`);
    assert.equal(await plain.set(page, 'localhost', [line(4_097, 'y')]), `a=${'x'.repeat(4_095)}`);
  });

  await attempt('an attribute over 1 024 octets is ignored', async (page, stored) => {
    await plain.set(page, 'localhost', [`a=1; Path=/${'p'.repeat(1_024)}`, `b=1; Path=/${'p'.repeat(1_023)}`]);
    const cookies = await stored();
    assert.deepEqual([cookies.get('a').path.length, cookies.get('b').path.length], [1, 1_024]);
  });

  await attempt('a Max-Age above 400 days is cut, one that is no number left out', async (page, stored) => {
    const ages = { a: '34560001', b: '', c: 'abc', d: '60.5', e: '60' };
    await plain.set(page, 'localhost', Object.entries(ages).map(([name, age]) => `${name}=1; Max-Age=${age}`));
    const cookies = await stored();
    const left = (name) => Math.round(cookies.get(name).expires - Date.now() / 1_000);
    assert.ok(Math.abs(left('a') - 34_560_000) <= 2 && Math.abs(left('e') - 60) <= 2);
    for (const name of ['b', 'c', 'd']) assert.equal(cookies.get(name).expires, -1, name);
  });

  const lines = ['__Host-a', '__Secure-b', 'c', '__Http-d', '__Host-Http-e'].map((name) => (
    `${name}=1; Path=/; Secure; HttpOnly`));
  for (const host of ['localhost', '127.0.0.1', 'app.localhost']) {
    await attempt(`the four prefixes and Secure are accepted on http://${host}`, async (page) => {
      const field = '__Host-a=1; __Secure-b=1; c=1; __Http-d=1; __Host-Http-e=1';
      assert.equal(await plain.set(page, host, lines), field);
    });
  }

  await attempt(`and dropped on http://${SHOP}`, async (page, stored) => {
    await plain.set(page, SHOP, [...lines, 'f=1']);
    assert.deepEqual([...(await stored()).keys()], ['f']);
  });

  await attempt('cookies come in the order of longest path, then creation', async (page) => {
    const [first, second] = ['a=1; Path=/', 'b=1; Path=/'];
    assert.equal(await plain.set(page, 'localhost', [first, second, 'c=1; Path=/deep'], '/deep/er'), 'c=1; a=1; b=1');
  });

  await attempt('a sibling’s session, __Secure- and __Http-session arrive, no __Host- ones', async (page) => {
    const names = ['session', '__Secure-session', '__Http-session', '__Host-session', '__Host-Http-session'];
    await sealed.set(page, SIBLING, names.map((name) => `${name}=evil; Path=/; Secure; HttpOnly; Domain=${SHOP}`));
    assert.equal(await sealed.set(page, SHOP, []), 'session=evil; __Secure-session=evil; __Http-session=evil');
  });

  const version = browser.version().split('.')[0];
  const prefixed = (rest) => ['__Http-x', '__Host-Http-x'].map((name) => `${name}=1; Path=/${rest}`);
  await attempt(`Chromium ${version} drops __Http-x and __Host-Http-x without Secure`, async (page) => {
    assert.equal(await sealed.set(page, SHOP, prefixed('; HttpOnly')), '');
  });

  await attempt('and without HttpOnly', async (page) => {
    assert.equal(await sealed.set(page, SHOP, prefixed('; Secure')), '');
  });

  await attempt('and accepts them with Secure and HttpOnly', async (page) => {
    assert.equal(await sealed.set(page, SHOP, prefixed('; Secure; HttpOnly')), '__Http-x=1; __Host-Http-x=1');
  });

  await attempt('a script can set __Host-x, and neither __Http-x nor __Host-Http-x', async (page, stored) => {
    await sealed.set(page, SHOP, []);
    await page.evaluate(() => {
      for (const name of ['__Host-x', '__Http-x', '__Host-Http-x']) document.cookie = `${name}=evil; Path=/; Secure`;
    });
    assert.deepEqual([...(await stored()).keys()], ['__Host-x']);
    assert.equal(await sealed.set(page, SHOP, []), '__Host-x=evil');
  });

  const signOff = async (page, clear) => {
    assert.equal(await sealed.set(page, SHOP, [OURS]), '__Host-Http-session=ours');
    sealed.clear = clear;
    return sealed.set(page, SHOP, SIGN_OFF);
  };
  const [mark] = SIGN_OFF[0].split(';');
  await attempt('a sign-off leaves its mark alone', async (page) => assert.equal(await signOff(page), mark));

  await attempt(`Clear-Site-Data: "cookies" beside it deletes the mark in Chromium ${version}`, async (page) => {
    assert.equal(await signOff(page, '"cookies"'), '');
  });

  await attempt('"cache", "storage" leaves it, and does clear the storage', async (page) => {
    await sealed.set(page, SHOP, []);
    await page.evaluate(() => localStorage.setItem('name', 'value'));
    assert.equal(await signOff(page, '"cache", "storage"'), mark);
    assert.equal(await page.evaluate(() => localStorage.getItem('name')), null);
  });

  await attempt('220 cookies of a sibling push ours out', async (page) => {
    await sealed.set(page, SHOP, [OURS]);
    const many = Array.from({ length: 220 }, (_, at) => `c${at}=1; Path=/; Secure; Domain=${SHOP}`);
    await sealed.set(page, SIBLING, many);
    assert.doesNotMatch(await sealed.set(page, SHOP, []), /__Host-/);
  });

  const odd = [
    '\xa0__Host-session', '\x85__Host-session', '\xc2\xa0__Host-session', '\xe2\x80\x80__Host-session',
    '\xef\xbb\xbf__Host-session', '__%48ost-session',
  ];
  for (const name of odd) {
    const shown = name.replace(/[^ -~]/g, (it) => `\\x${it.charCodeAt(0).toString(16)}`);
    await attempt(`the name ${shown} arrives as it is`, async (page) => {
      assert.equal(await sealed.set(page, SHOP, [`${name}=evil; Path=/; Secure; Domain=${SHOP}`]), `${name}=evil`);
    });
  }

  await attempt('so does x=1,__Host-session=evil, and a bare session without a name', async (page) => {
    assert.equal(await sealed.set(page, SHOP, ['x=1,__Host-session=evil; Path=/; Secure']), 'x=1,__Host-session=evil');
    const bare = await sealed.set(page, SIBLING, ['session; Path=/; Secure']);
    assert.match(bare, /^session=?$/);
    return bare;
  });
}
