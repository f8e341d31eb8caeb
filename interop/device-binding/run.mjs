// Binds sessions to a key of Chromium, against servers in two languages at a time, and attacks them.
//
//     node run.mjs            the right servers, then each of the wrong ones
//
// CHROMIUM names the browser, PYTHON the interpreter that has the package `cretula`. Go and a JDK compile the other two.

import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { MasterKey } from '../javascript/src/index.js';
import { Front, Site, certificate } from './front.mjs';
import { FAULTS } from './wrong.mjs';

const NAME = '__Host-Http-session';
const PROOF = '__Host-session.proof';
const REFRESH = '/device-binding/refresh';
const PYTHON = [process.env.PYTHON ?? 'python3', 'server.py'];
const NODE = [process.execPath, 'server.mjs'];
const HERE = import.meta.dirname;
const FEATURES = 'DeviceBoundSessions:RequireOriginTrialTokens/false/RefreshQuota/false,'
  + 'EnableBoundSessionCredentialsSoftwareKeysForManualTesting';

const folder = mkdtempSync(path.join(tmpdir(), 'device-binding-'));
const tls = certificate(folder);
const stateFile = path.join(folder, 'state.json');
let state;
function change(members) {
  state = { ...state, ...members };
  writeFileSync(`${stateFile}.new`, JSON.stringify(state));
  renameSync(`${stateFile}.new`, stateFile); // a server may be reading it
}

/** Compiles the sites in Go and Java; gives their commands. */
function compiled() {
  const at = (...parts) => path.join(folder, ...parts);
  const built = (command, ...rest) => {
    assert.equal(spawnSync(command, rest, { stdio: 'inherit', cwd: HERE }).status, 0, command);
  };
  built('go', 'build', '-C', 'go', '-o', at('site-go'), '.');
  const sources = readdirSync(path.join(HERE, '../java/src/main/java/dev'), { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => name.endsWith('.java') && !parentPath.endsWith('servlet'))
    .map(({ name, parentPath }) => path.join(parentPath, name));
  built('javac', '-d', at('java'), ...sources, 'Server.java');
  return [[at('site-go')], ['java', '-cp', at('java'), 'Server']];
}

/** A browser with a profile of its own. */
async function browser(profile, features = FEATURES) {
  const context = await chromium.launchPersistentContext(path.join(folder, profile), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-component-update', '--disable-sync', '--no-first-run',
      `--ignore-certificate-errors-spki-list=${tls.pin}`, ...features ? [`--enable-features=${features}`] : [],
    ],
  });
  return context;
}

/** One site with two servers, a browser, and the steps that it goes. */
class Journey {
  steps = [];

  /** The commands of its two servers, and what is wrong with them. */
  constructor(commands, fault) {
    this.commands = commands;
    this.fault = fault;
  }

  /** Starts the first server, or the second. */
  start(which) {
    return Site.start(this.commands[which], { STATE: stateFile, ...this.fault ? { WRONG: this.fault } : {} });
  }

  async step(name, body) {
    const began = performance.now();
    try {
      await body();
    } catch (error) {
      error.step = name;
      throw error;
    }
    this.steps.push([name, Math.round(performance.now() - began)]);
  }

  async page(url = '/') {
    const response = await this.tab.goto(this.front.origin + url);
    return response.json();
  }

  post(url) {
    return this.tab.evaluate(async (to) => (await fetch(to, { method: 'POST' })).status, url);
  }

  /** What the front saw while `body` ran: `[path, status]` of the refreshes and registrations. */
  async seen(body) {
    const from = this.front.log.length;
    await body();
    return this.front.log.slice(from).filter(([, url]) => url.startsWith('/device-binding/')).map(([, url, status]) => [url, status]);
  }

  async until(what, holds) {
    for (let turn = 0; turn < 100; turn += 1) {
      if (holds()) return;
      await sleep(50);
    }
    assert.fail(`not within 5 seconds: ${what}`);
  }

  /** Signs on, and waits until the browser has registered its key. */
  async signOn() {
    const seen = await this.seen(async () => {
      const from = this.front.log.length;
      assert.equal(await this.post('/sign-on'), 200);
      await this.until('a registration', () => this.front.log.slice(from).some(([, url]) => url.endsWith('/start')));
    });
    assert.deepEqual(seen.at(-1), ['/device-binding/start', 200]);
    await sleep(100); // the browser reads the answer
  }

  /** The proof is over: the browser drops it. Not while it asks for another, beside a picture of the page. */
  async dropProof() {
    for (let before = -1; before !== this.front.log.length || this.front.open > 0; await sleep(100)) {
      before = this.front.log.length;
    }
    await this.context.clearCookies({ name: PROOF });
  }

  async jar() {
    const cookies = await this.context.cookies(this.front.origin);
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** A client without the key, with these cookies. */
  thief(cookie, url = '/', method = 'GET', more = {}) {
    return new Promise((resolve, reject) => {
      const headers = { cookie, origin: this.front.origin, 'sec-fetch-site': 'same-origin', ...more };
      const request = https.request(this.front.origin + url, { method, headers, ca: tls.cert }, async (response) => {
        let body = '';
        for await (const octets of response) body += octets;
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
      request.on('error', reject);
      request.end();
    });
  }

  async run(body) {
    change({ keys: await MasterKey.generate().exportText(), gen: 7, ahead: 0 });
    this.front = await Front.start(tls);
    const profile = `profile-${this.fault ?? path.basename(this.commands[0].at(-1))}`;
    try {
      this.first = await this.start(0);
      this.second = await this.start(1);
      this.front.pick = () => this.first;
      this.context = await browser(profile);
      this.tab = this.context.pages()[0] ?? await this.context.newPage();
      await body(this);
    } finally {
      await this.context?.close();
      await this.first?.kill();
      await this.second?.kill();
      this.front.stop();
    }
  }
}

/** What every right site does, and each of the wrong ones does not. */
async function common(j) {
  const { front } = j;
  await j.step('a sign-on is bound', async () => {
    assert.deepEqual(await j.page(), { sub: null, bound: false, reason: 'absent' });
    await j.signOn();
    assert.deepEqual(await j.page(), { sub: 'ada', bound: true, reason: null });
  });

  await j.step('another server takes the answer to a challenge', async () => {
    const [dead, alive] = [j.first, j.second];
    let isDead = false;
    front.pick = ({ url }) => (url === REFRESH && !isDead ? dead : alive);
    front.after = async ({ url }, { statusCode }) => {
      if (url !== REFRESH || statusCode !== 403) return;
      isDead = true;
      await dead.kill();
    };
    await j.dropProof();
    change({ ahead: state.ahead + 61 }); // the challenge that the browser has is over
    const seen = await j.seen(async () => {
      assert.deepEqual(await j.page(), { sub: 'ada', bound: true, reason: null });
    });
    assert.deepEqual(seen, [[REFRESH, 403], [REFRESH, 200]]);
    front.after = async () => undefined;
    j.first = await j.start(0); // it begins with nothing but the keys
    front.pick = () => j.first;
  });

  await j.step('the page waits for a proof', async () => {
    await j.dropProof();
    front.before = async ({ url }) => { if (url === REFRESH) await sleep(1000); };
    const began = performance.now();
    const seen = await j.seen(async () => {
      assert.deepEqual(await j.page(), { sub: 'ada', bound: true, reason: null });
    });
    front.before = async () => undefined;
    assert.deepEqual(seen, [[REFRESH, 200]]); // Chromium sends its last JWT again: the challenge is still young
    assert.ok(performance.now() - began > 1000);
  });

  await j.step('a copy is over with its proof', async () => {
    const jar = await j.jar();
    const now = JSON.parse((await j.thief(jar)).body);
    assert.deepEqual(now, { sub: 'ada', bound: true, reason: null }); // this is what a proof's life means
    change({ ahead: state.ahead + 700 });
    const { body, headers } = await j.thief(jar);
    assert.deepEqual(JSON.parse(body), { sub: null, bound: false, reason: 'unproven' });
    assert.equal(headers['set-cookie'], undefined);
    await j.dropProof(); // its Max-Age is over too
    assert.deepEqual(await j.page('/visit'), { sub: 'ada', bound: true, reason: null });
  });

  await j.step('a key in the JWT is not trusted', async () => {
    const { device } = front;
    const jar = (await j.jar()).replace(/; *[^;]*\.proof=[^;]*/, '');
    const challenge = await challengeFor(j, jar);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
    const text = `${json({ alg: 'ES256', typ: 'dbsc+jwt', jwk: { kty, crv, x, y } })}.${json({ jti: challenge })}`;
    const signature = sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    await isRefused(j, jar, device, `${text}.${signature}`);
  });

  await j.step('an algorithm in the JWT is not trusted', async () => {
    const { device } = front;
    const jar = (await j.jar()).replace(/; *[^;]*\.proof=[^;]*/, '');
    const challenge = await challengeFor(j, jar);
    await isRefused(j, jar, device, `${json({ alg: 'none', typ: 'dbsc+jwt' })}.${json({ jti: challenge })}.`);
  });
}

const json = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function challengeFor(j, jar) {
  const { status, headers } = await j.thief(jar, REFRESH, 'POST', { 'sec-secure-session-id': j.front.device });
  assert.equal(status, 403);
  return /^"([^"]+)";id="/.exec(headers['secure-session-challenge'])[1];
}

async function isRefused(j, jar, device, jwt) {
  const fields = { 'sec-secure-session-id': device, 'secure-session-response': jwt };
  const { status, headers } = await j.thief(jar, REFRESH, 'POST', fields);
  assert.deepEqual([status, headers['set-cookie']], [401, undefined]);
}

/** What only the right site is asked. */
async function more(j) {
  const { front } = j;
  const bound = { sub: 'ada', bound: true, reason: null };

  await j.step('a copy in a second profile is over with its proof', async () => {
    const cookies = await j.context.cookies(front.origin);
    const other = await browser('thief');
    try {
      await other.addCookies(cookies);
      const tab = await other.newPage();
      assert.deepEqual(await (await tab.goto(`${front.origin}/`)).json(), bound);
      change({ ahead: state.ahead + 700 });
      await j.dropProof();
      const refused = { sub: null, bound: false, reason: 'unproven' };
      assert.deepEqual(await (await tab.goto(`${front.origin}/`)).json(), refused);
      await other.clearCookies({ name: PROOF });
      assert.deepEqual(await (await tab.goto(`${front.origin}/`)).json(), refused);
    } finally {
      await other.close();
    }
    assert.deepEqual(await j.page(), bound);
  });

  await j.step('the keys are rotated', async () => {
    const next = await MasterKey.generate().exportText();
    change({ keys: `${next},${state.keys}` });
    await j.first.kill();
    await j.second.kill();
    j.first = await j.start(0);
    j.second = await j.start(1);
    front.pick = () => j.second;
    await j.dropProof();
    assert.deepEqual(await j.page('/visit'), bound);
    front.pick = () => j.first;
    assert.deepEqual(await j.page(), bound);
  });

  await j.step('an answer to a challenge that is over gets another challenge', async () => {
    await j.page();
    await j.dropProof();
    change({ ahead: state.ahead + 61 });
    const from = front.log.length;
    assert.deepEqual(await j.page(), bound);
    const [old, renewed] = front.log.slice(from).filter(([, url]) => url === REFRESH);
    assert.deepEqual([old, renewed], [['POST', REFRESH, 403, true], ['POST', REFRESH, 200, true]]);
  });

  await j.step('a refresh that fails with 500 does not end it', async () => {
    front.before = async ({ url }) => (url === REFRESH ? 500 : undefined);
    await j.dropProof();
    assert.equal((await j.page()).reason, 'unproven');
    front.before = async () => undefined;
    assert.deepEqual(await j.page(), bound);
  });

  await j.step('a slow page does not unbind it', async () => {
    await j.context.clearCookies();
    await j.page();
    let release;
    let registered;
    const gate = new Promise((resolve) => { release = resolve; });
    const done = new Promise((resolve) => { registered = resolve; });
    // The registration waits until the slow page was asked for, and the page until the registration is over.
    front.before = async ({ url }) => { if (url.endsWith('/start')) await gate; };
    front.after = async ({ url }) => { if (url === '/visit?slow') { release(); await done; } };
    const slow = j.tab.evaluate(async () => {
      await fetch('/sign-on', { method: 'POST' });
      return (await fetch('/visit?slow')).json();
    });
    await j.until('a registration', () => front.log.at(-1)[1].endsWith('/start'));
    await sleep(100);
    registered();
    assert.deepEqual(await slow, { sub: 'ada', bound: false, reason: null });
    front.before = async () => undefined;
    front.after = async () => undefined;
    const from = front.log.length;
    // The first proof is a short one, so the next page has the browser refresh it, and that binds the session again.
    const seen = await j.seen(async () => {
      assert.equal((await j.page()).bound, false);
      await j.until('a refresh', () => front.log.some(([, url, status], at) => at > from && url === REFRESH && status === 200));
    });
    assert.deepEqual(seen, [[REFRESH, 403], [REFRESH, 200]]);
    await sleep(100);
    assert.deepEqual(await j.page(), bound);
  });

  await j.step('a link from another site has no proof, the next page has one', async () => {
    await j.dropProof();
    await j.tab.goto(`${front.origin.replace('localhost', '127.0.0.1')}/`);
    await j.tab.setContent(`<a href="${front.origin}/">the shop</a>`);
    const isPage = (response) => response.url() === `${front.origin}/`;
    const [response] = await Promise.all([j.tab.waitForResponse(isPage), j.tab.click('a')]);
    assert.equal((await response.json()).reason, 'unproven');
    assert.deepEqual(await j.page(), bound);
  });

  await j.step('a second sign-on is bound anew', async () => {
    await j.signOn();
    assert.deepEqual(await j.page(), bound);
    await j.dropProof();
    assert.deepEqual(await j.page(), bound);
  });

  await j.step('a revocation ends it in the browser', async () => {
    change({ gen: state.gen + 1 });
    await j.dropProof();
    const seen = await j.seen(async () => { assert.equal((await j.page()).sub, null); });
    assert.ok(seen.length > 0);
    const later = await j.seen(async () => { assert.equal((await j.page()).sub, null); });
    assert.deepEqual(later, []);
  });

  await j.step('a sign-off ends it in the browser', async () => {
    await j.signOn();
    assert.deepEqual(await j.page(), bound);
    assert.equal(await j.post('/sign-off'), 200);
    const cookies = await j.context.cookies(front.origin);
    assert.ok(!cookies.some(({ name }) => name === PROOF || name === NAME));
    await j.page();
    const later = await j.seen(async () => { assert.equal((await j.page()).sub, null); });
    assert.deepEqual(later, []);
  });

  await j.step('a 401 ends it in the browser', async () => {
    await j.signOn();
    await j.dropProof();
    front.before = async ({ url }) => (url === REFRESH ? 401 : undefined);
    assert.equal((await j.page()).reason, 'unproven');
    front.before = async () => undefined;
    const later = await j.seen(async () => { assert.equal((await j.page()).reason, 'unproven'); });
    assert.deepEqual(later, []);
  });

  await j.step('beyond the quota of the browser there is no proof', async () => {
    const other = await browser('quota', FEATURES.replace('/RefreshQuota/false', ''));
    const [context, tab] = [j.context, j.tab];
    try {
      j.context = other;
      j.tab = other.pages()[0];
      await j.page();
      await j.signOn();
      let signed = 0;
      front.skipped = undefined;
      for (;;) {
        await j.dropProof();
        change({ ahead: state.ahead + 61 });
        const { reason } = await j.page();
        if (reason !== null) break;
        signed += 1;
        assert.ok(signed < 20);
      }
      assert.match(front.skipped, /^quota_exceeded;/);
      assert.equal(signed, 5); // and the registration makes six
    } finally {
      Object.assign(j, { context, tab });
      await other.close();
    }
  });

  await j.step('a browser without device binding stays as it is', async () => {
    const other = await browser('plain', '');
    try {
      const tab = await other.newPage();
      await tab.goto(`${front.origin}/`);
      const seen = await j.seen(async () => {
        await tab.evaluate(() => fetch('/sign-on', { method: 'POST' }));
        await sleep(300);
        const response = await tab.goto(`${front.origin}/visit`);
        assert.deepEqual(await response.json(), { sub: 'ada', bound: false, reason: null });
      });
      assert.deepEqual(seen, []);
    } finally {
      await other.close();
    }
  });
}

let passed = 0;
try {
  for (const [languages, commands] of [['JavaScript, Python', [NODE, PYTHON]], ['Go, Java', compiled()]]) {
    const right = new Journey(commands);
    await right.run(async (j) => { await common(j); await more(j); });
    for (const [name, milliseconds] of right.steps) console.log(`ok ${languages}: ${name}: ${milliseconds} ms`);
    passed += right.steps.length;
  }
  for (const [fault, step] of Object.entries(FAULTS)) {
    const journey = new Journey([NODE, NODE], fault);
    await assert.rejects(journey.run(common), (error) => {
      assert.deepEqual([error.step, error.code], [step, 'ERR_ASSERTION'], `${fault}: ${error.stack}`);
      return true;
    }, `${fault} was not found`);
    console.log(`ok ${fault} is found: ${step}`);
    passed += 1;
  }
} catch (error) {
  process.exitCode = 1;
  console.error(error.step ?? '', error);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed`);
