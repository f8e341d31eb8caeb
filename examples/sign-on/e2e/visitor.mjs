// A browser of its own (context), and what its cookies ought to be.
//
// Every Set-Cookie line that arrives is judged by its grammar and kept in a model; `cookies` compares the model with
// what the browser really stored, as its DevTools protocol tells it.

import assert from 'node:assert/strict';

/** Seconds by which the browser's expiry may differ from what the server said. */
const TOLERANCE = 2;

export class Visitor {
  model = new Map();
  #arrived = [];
  /** What should never happen: requests to elsewhere, violations of the content security policy. */
  faults = [];

  static async open(browser, { origin, profile, options }) {
    const visitor = new Visitor();
    visitor.origin = origin;
    visitor.secure = profile === 'production';
    visitor.context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    visitor.context.setDefaultTimeout(10_000);
    visitor.context.on('response', (response) => {
      // A page that closes takes what is still on its way with it, such as its icon. A cookie in that would be missed by
      // the model, and the comparison with what the browser stored would tell.
      const fields = response.headersArray().catch((error) => {
        if (/closed/.test(error.message)) return [];
        throw error;
      });
      fields.catch(() => {});
      visitor.#arrived.push({ url: response.url(), at: Date.now() / 1_000, fields });
    });
    visitor.context.on('request', (request) => {
      if (new URL(request.url()).hostname !== 'localhost') visitor.faults.push(`asked ${request.url()}`);
    });
    visitor.context.on('console', (message) => {
      if (/Content.Security.Policy|Refused to/i.test(message.text())) visitor.faults.push(message.text());
    });
    visitor.page = await visitor.context.newPage();
    visitor.devtools = await visitor.context.newCDPSession(visitor.page);
    return visitor;
  }

  /** Opens a page and tells its status. */
  async visit(path, page = this.page) {
    const response = await page.goto(new URL(path, this.origin).href);
    await this.#settle();
    return response.status();
  }

  /** Presses what leads to another page and tells its status. */
  async press(locator) {
    const [response] = await Promise.all([this.page.waitForNavigation(), locator.click()]);
    await this.#settle();
    return response.status();
  }

  find(id) {
    return this.page.getByTestId(id);
  }

  click(id) {
    return this.press(this.find(id).first());
  }

  /** Fills the fields by their ids, and presses the button of that form. */
  async fill(fields) {
    for (const [id, text] of Object.entries(fields)) await this.page.locator(`#${id}`).fill(text);
    const form = this.page.locator('form').filter({ has: this.page.locator(`#${Object.keys(fields)[0]}`) });
    return this.press(form.locator('button'));
  }

  /** Texts of all elements of this id. */
  texts(id) {
    return this.find(id).allTextContents();
  }

  async text(id) {
    const texts = await this.texts(id);
    assert.equal(texts.length, 1, `one ${id} on ${this.page.url()}`);
    return texts[0];
  }

  /** What /cookie says, by the names there. */
  async members() {
    await this.visit('/cookie');
    const found = await this.page.locator('[data-testid^="member-"], [data-testid^="octets-"]').all();
    const members = {};
    for (const it of found) {
      const id = await it.getAttribute('data-testid');
      members[id.replace('member-', '')] = await it.textContent();
    }
    return members;
  }

  async who() {
    await this.visit('/basket');
    return this.text('who');
  }

  /** The path where the browser is. */
  get path() {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  /** What the browser has stored. */
  async stored() {
    const { cookies } = await this.devtools.send('Network.getAllCookies');
    const byName = new Map(cookies.map((cookie) => [cookie.name, cookie]));
    assert.equal(byName.size, cookies.length, 'no name twice, under two paths or hosts');
    return byName;
  }

  /** Compares all that the browser stored with all that the server said, and both with `names`. */
  async cookies(...names) {
    await this.#settle();
    const stored = await this.stored();
    const now = Date.now() / 1_000;
    for (const [name, { expires }] of this.model) if (expires < now) this.model.delete(name);
    assert.deepEqual([...stored.keys()].sort(), [...this.model.keys()].sort(), 'stored, and said by the server');
    assert.deepEqual([...stored.keys()].sort(), [...names].sort(), 'stored, and meant to be');
    for (const [name, cookie] of stored) {
      const said = this.model.get(name);
      const { domain, path, secure, httpOnly, sameSite, session, partitionKey } = cookie;
      assert.deepEqual(
        { domain, path, secure, httpOnly, sameSite, session, partitionKey },
        { domain: 'localhost', path: '/', secure: this.secure, httpOnly: true, sameSite: 'Lax', session: false,
          partitionKey: undefined },
        name,
      );
      assert.equal(cookie.value, said.value, name);
      assert.equal(cookie.size, name.length + said.value.length, `size of ${name}`);
      assert.ok(cookie.size <= 4_096, `size of ${name}`);
      const off = Math.abs(cookie.expires - said.expires);
      assert.ok(off <= TOLERANCE, `${name}: ${cookie.expires}, not ${said.expires}`);
    }
    assert.equal(await this.page.evaluate(() => document.cookie), '', 'no script sees a cookie');
    assert.deepEqual(this.faults, []);
    const left = (cookie) => Math.round(cookie.expires - now);
    const described = [...stored.values()].map((it) => `${it.name} ${it.size} octets ${left(it)} s`);
    return `cookies: ${described.sort().join(', ') || 'none'}`;
  }

  /** Puts a cookie into the browser, as an attacker or a late response would. */
  async plant(name, value, seconds = 1_800) {
    const expires = Math.floor(Date.now() / 1_000) + seconds;
    const { success } = await this.devtools.send('Network.setCookie', {
      url: this.origin, name, value, expires, path: '/', secure: this.secure, httpOnly: true, sameSite: 'Lax',
    });
    assert.ok(success, `${name} planted`);
    this.model.set(name, { value, expires });
  }

  async close() {
    await this.context.close();
  }

  /** Waits for all that arrived, and applies its Set-Cookie lines in order. */
  async #settle() {
    while (this.#arrived.length > 0) {
      const { url, at, fields } = this.#arrived.shift();
      this.#judge(url, at, await fields);
    }
  }

  #judge(url, at, fields) {
    if (new URL(url).hostname !== 'localhost') return;
    const values = (name) => fields.filter((it) => it.name.toLowerCase() === name).map((it) => it.value);
    const lines = values('set-cookie').flatMap((value) => value.split('\n'));
    if (lines.length > 0) {
      assert.deepEqual([values('cache-control'), values('vary')], [['no-store'], ['Cookie']], url);
    }
    for (const line of lines) {
      const found = /^([^=]+)=([^;]*); Path=\/; Max-Age=([0-9]+)(; Secure)?; HttpOnly; SameSite=Lax$/.exec(line);
      assert.ok(found, `a line of the specified form: ${line}`);
      const [, name, value, seconds, secure] = found;
      assert.equal(secure !== undefined, this.secure, line);
      this.model.delete(name);
      if (Number(seconds) > 0) this.model.set(name, { value, expires: at + Number(seconds), seconds: Number(seconds) });
    }
    // [COOK-09]: the line of the cookie's own name comes after its `.1` and `.end`.
    const ofSession = lines.map((line) => line.split('=')[0]).filter((name) => /session(\.1|\.end)?$/.test(name));
    if (ofSession.length > 0) assert.match(ofSession.at(-1), /session$/, url);
    const page = values('content-type').some((type) => type.startsWith('text/html'));
    if (page) assert.ok(values('content-security-policy').length === 1, `a policy for ${url}`);
  }
}
