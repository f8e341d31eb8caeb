// Device binding in a browser. `core` is what every right server passes, and each wrong one fails; the rest needs the
// example itself.

import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { REFRESH, START } from '../device/front.mjs';
import { Tab, accountWith, ask, until } from '../device/tab.mjs';

/** The steps in their order: the cheap ones first. `a` and `b` are servers that share nothing but keys. */
export function core({ front, browser, proof, a, b, email }) {
  let tab;
  const open = async () => Tab.open(browser, front.origin);
  return [
    ['binds', 'sign-on, and the browser binds the session', async () => {
      front.to(a);
      tab = await open();
      await tab.signOn(email);
      const began = Date.now();
      await tab.bound();
      const seconds = await lifeOfProof(tab);
      assert.ok(seconds <= proof, `a proof of ${Math.round(seconds)} s, not ${proof}`);
      // So there is a challenge of the first server, which the browser keeps.
      await until('a proof of the first server', () => front.devices().includes('refresh+jwt 200'));
      return `${Date.now() - began} ms after the page; ${front.devices().slice(0, 3).join(', ')}`;
    }],
    ['foreign key', 'who has all cookies and the device token cannot prove with another key', async () => {
      const thief = await Thief.of(tab, front);
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
      const header = { alg: 'ES256', typ: 'dbsc+jwt' };
      const es256 = (text) => sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      await thief.refused(401, header, es256);
      await thief.refused(401, { ...header, jwk: { kty, crv, x, y } }, es256);
    }],
    ['alg', 'nor with a JWT that is not signed, or whose secret is the public key', async () => {
      const thief = await Thief.of(tab, front);
      const { x, y } = keyOf(front);
      const secret = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
      const hs256 = (text) => createHmac('sha256', secret).update(text).digest();
      await thief.refused(401, { alg: 'none', typ: 'dbsc+jwt' }, () => Buffer.alloc(0));
      await thief.refused(401, { alg: 'none', typ: 'dbsc+jwt' }, () => Buffer.alloc(64));
      await thief.refused(401, { alg: 'HS256', typ: 'dbsc+jwt' }, hs256);
    }],
    ['killed', 'the first server is killed: the other one checks the answer to its challenge', async () => {
      await a.kill();
      front.to(b);
      const before = front.log.length;
      await tab.account();
      await until('a refresh', () => front.devices(before).length > 0);
      const [answer] = front.devices(before);
      assert.equal(answer, 'refresh+jwt 200', `the other server: ${answer}`);
      await tab.bound();
    }],
    ['copies', 'all cookies copied, to a client and to another profile, work until the proof is over', async () => {
      await tab.account();
      const cookies = await tab.cookies();
      const field = await tab.field();
      const taken = Date.now();
      const second = await open();
      await second.context.addCookies(cookies.map(({ name, value, expires }) => (
        { name, value, expires, url: front.origin, secure: true, httpOnly: true, sameSite: 'Lax' })));
      assert.equal(await accountWith(front.origin, field), 'bound', 'the copy works at first');
      assert.equal(await second.account(), 'bound', 'in a browser too');
      const before = front.log.length;
      const refused = async () => await accountWith(front.origin, field) === 'guest';
      await until('the copy is refused', refused, (proof + 2) * 1_000);
      const life = Date.now() - taken;
      assert.equal(await second.account(), 'guest', 'the second profile too');
      assert.deepEqual(front.devices(before), [], 'which has no device session to ask for more');
      // Not by asking for a challenge either.
      const thief = await Thief.of(tab, front, field);
      await thief.challenge();
      assert.equal(await accountWith(front.origin, field), 'guest');
      await second.close();
      return `refused after ${life} ms, with a proof of ${proof} s`;
    }],
    ['waits', 'the proof is over: the next page waits for another one, and goes on', async () => {
      await tab.proofIsOver();
      const [before, event] = [front.log.length, tab.events.length];
      assert.equal(await tab.account(), 'bound');
      const since = front.log.slice(before);
      const page = since.find(({ path }) => path === '/account');
      const refresh = since.find(({ path, status }) => path === REFRESH && status === 200);
      assert.ok(refresh.at <= page.cameAt, 'the page was asked for after the proof was made');
      const held = ({ wasFullyProactiveRefresh: proactive }) => !proactive;
      await tab.event('refreshEventDetails', held, event);
      await tab.close();
      return `${page.cameAt - since[0].cameAt} ms`;
    }],
  ];
}

/** Seconds until the browser drops the proof. */
async function lifeOfProof(tab) {
  const { expires } = await until('a proof', async () => (await tab.cookies()).find(({ name }) => name.endsWith('.proof')));
  return expires - Date.now() / 1_000;
}

/** The key that the browser registered last. */
function keyOf(front) {
  const { jwt } = front.log.findLast(({ path }) => path === START);
  return JSON.parse(Buffer.from(jwt.replaceAll('"', '').split('.')[0], 'base64url')).jwk;
}

/** What only the example shows. `node` is a server in JavaScript with the same keys. */
export function more({ browser, unaware, proof, rust, node, newFront }) {
  let users = 0;
  /** A browser that is bound, through an address of its own. */
  const begin = async ({ route = rust, before, after } = {}) => {
    const front = await newFront(rust);
    if (typeof route === 'function') front.route = route;
    Object.assign(front, before && { before }, after && { after });
    const tab = await Tab.open(browser, front.origin);
    users += 1;
    await tab.signOn(`user-${users}@example.org`);
    return { front, tab };
  };
  const end = async ({ front, tab }) => {
    await tab.close();
    front.stop();
  };
  const terminated = (tab, since) => tab.event('terminationEventDetails', undefined, since);
  const isDevice = (path) => path.startsWith('/device-binding/');

  return [
    ['the endpoints in JavaScript, the pages in Rust; the former are killed after a challenge', async () => {
      const route = (path) => (isDevice(path) ? node : rust);
      const it = await begin({ route });
      await it.tab.bound();
      await until('a proof of the second server', () => it.front.devices().includes('refresh+jwt 200'));
      await node.kill();
      it.front.to(rust);
      const before = it.front.log.length;
      await it.tab.bound();
      assert.equal(it.front.devices(before)[0], 'refresh+jwt 200');
      await node.start();
      await end(it);
    }],
    ['the server starts again between a challenge and the answer', async () => {
      let starts = 0;
      const after = async ({ path, status }) => {
        if (path !== REFRESH || status !== 403 || starts > 0) return;
        starts += 1;
        await rust.kill();
        await rust.start();
      };
      const it = await begin({ after });
      await it.tab.bound();
      await until('a proof', () => it.front.devices().includes('refresh+jwt 200'));
      assert.equal(starts, 1);
      assert.deepEqual(it.front.devices().slice(0, 3), ['start+jwt 200', 'refresh 403', 'refresh+jwt 200']);
      await end(it);
    }],
    ['the answer to a refresh is slow: the page waits, and is there', async () => {
      const it = await begin();
      await it.tab.bound();
      it.front.after = ({ path }) => (path === REFRESH ? sleep(1_500) : undefined);
      await it.tab.proofIsOver();
      const began = Date.now();
      assert.equal(await it.tab.account(), 'bound');
      const waited = Date.now() - began;
      it.front.after = () => undefined;
      assert.ok(waited >= 1_500);
      await end(it);
      return `${waited} ms`;
    }],
    ['the answer is 500: pages go on, and are unproven when the proof is over; then bound again', async () => {
      const it = await begin();
      await it.tab.bound();
      it.front.before = ({ path }) => (path === REFRESH ? 500 : undefined);
      await it.tab.proofIsOver();
      const since = it.tab.events.length;
      const log = await rust.logged(async () => assert.equal(await it.tab.account(), 'guest'));
      assert.match(log, /session refused: unproven: GET \/account/);
      const { refreshEventDetails: { refreshResult } } = await it.tab.event('refreshEventDetails', undefined, since);
      it.front.before = () => undefined;
      const began = Date.now();
      await it.tab.bound();
      const healed = Date.now() - began;
      await end(it);
      const failed = it.front.devices().filter((one) => one.endsWith('500')).length;
      return `${refreshResult}; ${failed} answers of 500; healed in ${healed} ms`;
    }],
    ['the answer is 401: the device session ends; the user signs on, and is bound again', async () => {
      const it = await begin();
      await it.tab.bound();
      it.front.before = ({ path }) => (path === REFRESH ? 401 : undefined);
      const since = it.tab.events.length;
      await it.tab.account();
      const { terminationEventDetails: { deletionReason } } = await terminated(it.tab, since);
      it.front.before = () => undefined;
      await it.tab.proofIsOver();
      const before = it.front.log.length;
      assert.equal(await it.tab.account(), 'guest');
      assert.deepEqual(it.front.devices(before), []);
      await it.tab.signOnAgain();
      await it.tab.bound();
      await end(it);
      return deletionReason;
    }],
    ['a response begun before the registration unbinds the cookie; the next refresh binds it again', async () => {
      const [registration, response] = [gate(), gate()];
      const it = await begin({
        before: ({ path }) => (path === START ? registration.opened : undefined),
        after: ({ path }) => (path === '/basket/add' ? response.opened : undefined),
      });
      const { tab, front } = it;
      const second = await tab.context.newPage();
      await second.goto(`${tab.origin}/`);
      const landed = second.waitForURL('**/basket');
      const answered = held(front, '/basket/add');
      await second.getByTestId('add-clay').click({ noWaitAfter: true });
      await answered;
      registration.open();
      await tab.bound();
      const before = front.log.length;
      response.open();
      await landed;
      const late = await until('the page after it', () => front.log.slice(before).find(({ path }) => path === '/basket'));
      const unbound = late.cookie.split('; ').filter((pair) => !pair.includes('.proof=')).join('; ');
      assert.equal(await accountWith(rust.origin, unbound), 'not bound', 'without a proof, and yet good');
      await tab.bound();
      const healed = (await tab.field()).split('; ').filter((pair) => !pair.includes('.proof=')).join('; ');
      assert.equal(await accountWith(rust.origin, healed), 'guest', 'bound: not good without a proof');
      assert.equal(await second.getByTestId('pieces-clay').textContent(), '1', 'what it wrote is there');
      await end(it);
    }],
    ['signing on again: another device session, and the first one ends', async () => {
      const it = await begin();
      await it.tab.bound();
      const first = it.tab.id;
      const since = it.tab.events.length;
      const log = await rust.logged(async () => {
        await it.tab.signOnAgain();
        await until('the second one', () => it.tab.id !== first);
        await it.tab.bound();
        await until('the end of the first one', () => (
          it.tab.events.slice(since).some((event) => event.terminationEventDetails && event.sessionId === first)));
      });
      assert.match(log, /device refused: device_mismatch: .device-binding.refresh/);
      await it.tab.bound();
      await end(it);
    }],
    ['sign-off: the refresh says `continue: false`, and the browser ends its device session', async () => {
      const it = await begin();
      await it.tab.bound();
      await it.tab.page.getByTestId('sign-off').click();
      await it.tab.page.waitForURL('**/signed-off');
      // A refresh on its way may bring another proof, of which nobody has any use.
      const names = (await it.tab.cookies()).map(({ name }) => name.replace(/^.*\./, ''));
      assert.deepEqual(names.filter((name) => name !== 'proof'), ['end'], 'no session, but the mark');
      assert.equal(await it.tab.account(), 'guest');
      const { terminationEventDetails: { deletionReason } } = await terminated(it.tab, 0);
      const before = it.front.log.length;
      await it.tab.account();
      assert.deepEqual(it.front.devices(before), []);
      await end(it);
      return deletionReason;
    }],
    ['a late response after the sign-off sets the cookie again: the mark ends it at the refresh', async () => {
      const response = gate();
      const it = await begin();
      const { tab, front } = it;
      await tab.bound();
      // 204: the browser takes the cookies and stays where it is. A picture may ask for a proof even so; 500 puts it off.
      front.after = async (entry) => {
        if (!['/basket/add', '/sign-off'].includes(entry.path)) return;
        entry.status = 204;
        if (entry.path === '/basket/add') await response.opened;
      };
      const second = await tab.context.newPage();
      await second.goto(`${tab.origin}/`);
      const answered = held(front, '/basket/add');
      await second.getByTestId('add-wax').click({ noWaitAfter: true });
      await answered;
      const has = async (name) => (await tab.cookies()).some((cookie) => cookie.name.endsWith(name));
      front.before = ({ path }) => (path === REFRESH ? 500 : undefined);
      await tab.page.getByTestId('sign-off').click({ noWaitAfter: true });
      await until('signed off', async () => await has('.end') && !await has('-session'));
      response.open();
      await until('the late cookie', () => has('-session'));
      const log = await rust.logged(async () => {
        front.before = () => undefined;
        assert.equal(await tab.account(), 'guest');
        await terminated(tab, 0);
      });
      assert.match(log, /device refused: signed_off: .device-binding.refresh/);
      assert.match(log, /session refused: signed_off: GET .account/);
      await end(it);
    }],
    ['a new key: the session goes on; the old one retired: the binding is over, and the user signs on', async () => {
      const it = await begin();
      const { tab, front } = it;
      await tab.bound();
      const operator = async (act) => {
        await tab.page.goto(`${tab.origin}/operator`);
        await act(tab.page);
        await tab.page.waitForLoadState();
      };
      const keyOfProof = async () => {
        const { value } = (await tab.cookies()).find(({ name }) => name.endsWith('.proof'));
        return Buffer.from(value, 'base64url').subarray(3, 35).toString('hex');
      };
      const old = await keyOfProof();
      await operator(async (page) => {
        await page.locator('#delay').fill('0');
        await page.getByTestId('add-key').click();
      });
      const isNew = async () => await tab.account() === 'bound' && await keyOfProof() !== old;
      await until('a proof under the new key', isNew);
      await tab.bound();
      const since = tab.events.length;
      const log = await rust.logged(async () => {
        await operator((page) => page.getByTestId('retire-now').first().click());
        await until('a guest', async () => await tab.account() === 'guest');
        await terminated(tab, since);
      });
      assert.match(log, /device refused: key_inactive/);
      await tab.signOnAgain();
      await tab.bound();
      await end(it);
    }],
    ['a browser without device binding stays signed on, unbound, and is asked for nothing', async () => {
      const front = await newFront(rust);
      const tab = await Tab.open(unaware, front.origin);
      await tab.signOn('unaware@example.org');
      await sleep(1_000);
      assert.equal(await tab.account(), 'not bound');
      assert.deepEqual(front.devices(), []);
      await end({ tab, front });
    }],
  ];
}

/** Holds back what waits for `opened`. */
function gate() {
  let open;
  const opened = new Promise((resolve) => { open = resolve; });
  return { opened, open };
}

/** Waits until the server has answered a request of this path, whose response is held back. */
function held(front, path) {
  return new Promise((resolve) => {
    const { after } = front;
    front.after = (entry) => {
      if (entry.path === path) resolve();
      return after(entry);
    };
  });
}

/** A client with all that can be copied, which is not the key. */
class Thief {
  static async of(tab, front, cookie) {
    const thief = new Thief();
    return Object.assign(thief, { origin: front.origin, cookie: cookie ?? await tab.field(), id: tab.id });
  }

  post(headers) {
    const options = { method: 'POST', cookie: this.cookie, headers: { 'sec-secure-session-id': this.id, ...headers } };
    return ask(this.origin, REFRESH, options);
  }

  async challenge() {
    const { status, headers } = await this.post({});
    assert.equal(status, 403);
    assert.equal(headers['set-cookie'], undefined);
    return /^"([^"]+)"/.exec(headers['secure-session-challenge'])[1];
  }

  async refused(expected, header, signed) {
    const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const parts = [header, { jti: await this.challenge() }].map(encode);
    const signature = signed(Buffer.from(parts.join('.'))).toString('base64url');
    const { status, headers } = await this.post({ 'secure-session-response': `${parts.join('.')}.${signature}` });
    const shown = JSON.stringify({ ...header, jwk: header.jwk && '…' });
    assert.ok(status === expected && !headers['set-cookie'], `${status} for ${shown}`);
  }
}
