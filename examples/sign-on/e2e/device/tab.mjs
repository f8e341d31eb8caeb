// A browser of its own (context), and a client that is no browser.

import assert from 'node:assert/strict';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds for what comes by itself, such as a registration. */
const PATIENCE = 10_000;
const PASSWORD = 'correct horse battery';

/** Waits until `look` gives something. */
export async function until(what, look, patience = PATIENCE) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) {
    const found = await look();
    if (found) return found;
  }
  throw new assert.AssertionError({ message: `waited in vain: ${what}` });
}

export class Tab {
  /** What the browser says of its device sessions. */
  events = [];

  static async open(browser, origin) {
    const tab = new Tab();
    tab.origin = origin;
    // Not `ignoreHTTPSErrors`: without a valid certificate Chromium ignores device binding without a word.
    tab.context = await browser.newContext();
    tab.context.setDefaultTimeout(PATIENCE);
    tab.page = await tab.context.newPage();
    const devtools = await tab.context.newCDPSession(tab.page);
    await devtools.send('Network.enable');
    devtools.on('Network.deviceBoundSessionEventOccurred', (event) => tab.events.push(event));
    await devtools.send('Network.enableDeviceBoundSessions', { enable: true });
    return tab;
  }

  /** What the account page says: `bound`, `not bound`, or `guest` where the form to sign on comes in its place. */
  async account() {
    await this.page.goto(`${this.origin}/account`);
    const device = this.page.getByTestId('device');
    return await device.count() === 1 ? device.textContent() : 'guest';
  }

  /** Signs on: as a new user of the example, or by the button of a server that has no users. */
  async signOn(email) {
    this.email = email;
    return email ? this.#submit('register', { email, name: 'Ada', password: PASSWORD }) : this.#submit('sign-on', {});
  }

  async signOnAgain() {
    return this.#submit('sign-on', { email: this.email, password: PASSWORD });
  }

  async #submit(path, fields) {
    await this.page.goto(`${this.origin}/${path}`);
    for (const [id, text] of Object.entries(fields)) await this.page.locator(`#${id}`).fill(text);
    await Promise.all([this.page.waitForURL('**/account'), this.page.locator('#submit').click()]);
  }

  /** Waits for the registration. */
  async bound() {
    return until('the session is bound', async () => await this.account() === 'bound');
  }

  /** Waits for an event with these details, and gives it. */
  async event(kind, test = () => true, since = 0) {
    const found = () => this.events.slice(since).find((it) => it[kind] && test(it[kind], it));
    return until(`${kind} of ${JSON.stringify(this.events.slice(since).map(brief))}`, found);
  }

  /** The device token of the newest session. */
  get id() {
    return this.events.findLast((it) => it.creationEventDetails?.newSession)?.sessionId;
  }

  async cookies() {
    return this.context.cookies();
  }

  async field() {
    return (await this.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Waits until the browser has no proof. */
  async proofIsOver() {
    await until('the proof is over', async () => !(await this.cookies()).some(({ name }) => name.endsWith('.proof')));
  }

  async close() {
    await this.context.close();
  }
}

const brief = ({ succeeded, ...event }) => {
  const kind = Object.keys(event).find((name) => name.endsWith('Details'));
  const { newSession, challenge, ...details } = event[kind] ?? {};
  return { [kind]: details, succeeded };
};

/** A client that is no browser. */
export function ask(origin, path, { method = 'GET', cookie, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const all = { ...headers, ...(cookie && { cookie }) };
    const options = { method, headers: all, rejectUnauthorized: false, agent: false };
    const request = https.request(new URL(path, origin), options, async (response) => {
      const body = Buffer.concat(await response.toArray()).toString();
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    request.on('error', reject).end();
  });
}

/** What the account page says to a client with these cookies. */
export async function accountWith(origin, cookie) {
  const get = () => ask(origin, '/account', { cookie });
  const { status, body } = await get().catch(get); // a machine with much to do may drop a connection
  return status === 200 ? /data-testid="device"[^>]*>([^<]+)</.exec(body)?.[1] : 'guest';
}
