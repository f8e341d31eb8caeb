// A browser of its own (context), which judges every response, and what its cookies hold.

import assert from 'node:assert/strict';
import { Context, Keyring, Sealer, Unsealer } from 'cretula';
import { keyring } from './servers.mjs';

export const COOKIE = '__Host-sso';
const LINE = /^__Host-sso(\.end)?=([^;]*); Path=\/; Max-Age=(\d+); Secure; HttpOnly; SameSite=Lax$/;
const CONTEXT = new Context('sso.example', 'session');

/** Whoever holds the keys can read a session, and make one: the test does both. */
export class Keys {
  entries = [];

  get document() {
    return keyring(this.entries);
  }

  /** Payload, key id and times of a token. */
  async open(token) {
    const { payload, keyId, ...times } = await new Unsealer({ ring: await this.#ring(), context: CONTEXT }).unseal(token);
    const text = new TextDecoder().decode(payload);
    return { ...JSON.parse(text), octets: payload.length, key: Buffer.from(keyId).toString('hex'), ...times };
  }

  async seal({ octets, key, issuedAt, expiresAt, ttl, ...members }, options) {
    return new Sealer({ ring: await this.#ring(), context: CONTEXT }).seal(JSON.stringify(members), { ttl: 1_800, ...options });
  }

  #ring() {
    return Keyring.fromText(this.document);
  }
}

export class Visitor {
  #arrived = [];

  static async open(browser, keys, options = {}) {
    const visitor = new Visitor();
    visitor.keys = keys;
    visitor.context = await browser.newContext(options);
    visitor.context.setDefaultTimeout(10_000);
    visitor.context.on('response', (response) => {
      // A page that closes takes what is still on its way with it, such as its icon.
      const fields = response.headersArray().catch((error) => {
        if (/closed/.test(error.message)) return [];
        throw error;
      });
      fields.catch(() => {});
      visitor.#arrived.push([response.url(), response.status(), fields]);
    });
    visitor.page = await visitor.context.newPage();
    visitor.devtools = await visitor.context.newCDPSession(visitor.page);
    return visitor;
  }

  /** What a server's page says, and the Set-Cookie lines that came with it. */
  async look({ origin }) {
    const response = await this.page.goto(`${origin}/`);
    assert.equal(response.status(), 200);
    return this.#read();
  }

  /** Fills in and presses a button of the page that is open, and tells what the next one says. */
  async press(id, fields = {}) {
    for (const [field, text] of Object.entries(fields)) {
      const place = this.page.locator(`#${field}`);
      await (field === 'next' ? place.selectOption(text) : place.fill(text));
    }
    // An error without a body: Chromium shows a page of its own.
    const empty = (error) => assert.match(error.message, /ERR_HTTP_RESPONSE_CODE_FAILURE/);
    await Promise.all([this.page.waitForNavigation().catch(empty), this.page.locator(`#${id}`).click()]);
    const [, status] = this.#arrived.at(-1);
    return { status, ...await this.#read() };
  }

  /** Posts a form of the page that is open to another address, as a page of an attacker would. */
  async post(address) {
    const submit = (action) => {
      const form = Object.assign(document.createElement('form'), { action, method: 'post' });
      document.body.append(form);
      form.submit();
    };
    const [response] = await Promise.all([this.page.waitForNavigation(), this.page.evaluate(submit, address)]);
    return { status: response.status(), lines: await this.#settle() };
  }

  async signOn(server, name = 'ada') {
    await this.look(server);
    const page = await this.press('sign-on', { name });
    assert.deepEqual([page.who, page.server, page.flash], [name, server.name, `Signed on at ${server.name}.`]);
    return page;
  }

  /** What the browser stored, by name. */
  async stored() {
    const { cookies } = await this.devtools.send('Network.getAllCookies');
    const byName = new Map(cookies.map((cookie) => [cookie.name, cookie]));
    assert.equal(byName.size, cookies.length, 'no name twice');
    for (const cookie of cookies) {
      const { domain, path, secure, httpOnly, sameSite, session } = cookie;
      assert.deepEqual({ domain, path, secure, httpOnly, sameSite, session },
        { domain: 'localhost', path: '/', secure: true, httpOnly: true, sameSite: 'Lax', session: false });
      assert.equal(cookie.size, cookie.name.length + cookie.value.length);
    }
    return byName;
  }

  async token() {
    return (await this.stored()).get(COOKIE)?.value;
  }

  /** What is in the cookie. */
  async inside() {
    return this.keys.open(await this.token());
  }

  /** Puts a cookie into the browser, as a thief or another server would. */
  async plant(value) {
    const { success } = await this.devtools.send('Network.setCookie', {
      url: 'http://localhost/', name: COOKIE, value, path: '/', secure: true, httpOnly: true, sameSite: 'Lax',
      expires: Math.floor(Date.now() / 1_000) + 1_800,
    });
    assert.ok(success);
  }

  async close() {
    await this.context.close();
  }

  async #read() {
    const lines = await this.#settle();
    const ids = ['server', 'who', 'sid', 'flash', 'note', 'trail'];
    const read = () => this.page.evaluate((all) => all.map((id) => document.getElementById(id)?.textContent), ids);
    const texts = await read().catch(async (error) => {
      if (!error.message.includes('context was destroyed')) throw error;
      await this.page.waitForLoadState(); // in the place of an empty 500 Chromium goes to a page of its own
      return read();
    });
    return { ...Object.fromEntries(ids.map((id, at) => [id, texts[at]])), lines };
  }

  /** Judges the responses since the last time ([COOK-09], [COOK-10]), and gives their Set-Cookie lines. */
  async #settle() {
    const all = [];
    for (const [url, status, headers] of this.#arrived.splice(0)) {
      if (!url.startsWith('http://localhost:')) continue;
      const fields = await headers;
      const values = (name) => fields.filter((it) => it.name.toLowerCase() === name).map((it) => it.value);
      const lines = values('set-cookie').flatMap((value) => value.split('\n'));
      for (const line of lines) assert.match(line, LINE, url);
      // [COOK-09]: the line of the cookie's own name is the last.
      if (lines.length > 0) assert.ok(lines.at(-1).startsWith(`${COOKIE}=`), url);
      const varies = values('vary').join(', ').split(', ').includes('Cookie');
      const caching = lines.length > 0 ? 'no-store' : 'private';
      if (varies) assert.deepEqual(values('cache-control'), [caching], url);
      else assert.deepEqual([lines, status], [[], 403], 'only what the session was not opened for says nothing of it');
      all.push(...lines);
    }
    return all;
  }
}
