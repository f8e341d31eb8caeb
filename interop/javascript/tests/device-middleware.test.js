/** Device binding through every middleware, over sockets: one option turns it on, and no route is mounted for it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import * as http2 from 'node:http2';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { Keyring, MasterKey, Site } from 'cretula';
import { sessionMiddleware } from 'cretula/express';
import { sessionPlugin } from 'cretula/fastify';
import { withSession } from 'cretula/fetch';
import { sessionMiddleware as honoSessions } from 'cretula/hono';
import { challengeOf, DeviceKey, Jar } from './device-key.js';

const same = (a, b) => assert.deepEqual(a, b);
const keyring = new Keyring([{ key: MasterKey.generate() }]);
const NAME = '__Host-Http-session';
const PROOF = '__Host-session.proof';
const START = '/device-binding/start';

let now = 1790000000;
const lines = [];
const level = (name) => (text) => lines.push(`${name} ${text}`);
const log = { error: level('error'), warn: level('warn'), info: level('info') };
let answerOfCheck = () => ({ gen: 7 });
const check = (asked) => answerOfCheck(asked);
const siteOf = () => new Site(keyring, 'shop.example', { clock: () => now, log });
const sessions = siteOf().sessions({ check, deviceBinding: true });

const commits = [];
const onCommit = ({ wrote }, session) => { commits.push([wrote, session.isBound]); };
const options = { onCommit, sameSitePosts: true };

const closers = [];
after(() => Promise.all(closers.map((close) => close())));

/** Asks a server; a field may have several values. */
const asking = (port) => async (path, { method = 'GET', headers = {}, cookie } = {}) => {
  const all = { ...headers, ...(cookie && { Cookie: cookie }), 'Content-Length': 0 };
  const asked = request({ host: '127.0.0.1', port, path, headers: all, method, agent: false }).end();
  const [response] = await once(asked, 'response');
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, body, lines: response.headers['set-cookie'] ?? [] };
};

async function listening(server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => new Promise((resolve) => { server.close(resolve); }));
  return asking(server.address().port);
}

const shown = (session) => ({ user: session.sub ?? null, bound: session.isBound, reason: session.reason });
const signOn = (session) => session.signOn({ sub: 'ada', gen: 7 });

const SERVERS = {
  express() {
    const app = express().set('env', 'test');
    app.use(sessionMiddleware(sessions, options));
    app.get('/', (req, res) => res.json(shown(req.cretula)));
    app.post('/sign-on', (req, res) => { signOn(req.cretula); res.redirect(303, '/'); });
    app.post('/sign-off', (req, res) => { req.cretula.signOff(); res.redirect(303, '/'); });
    app.use((error, req, res, next) => { res.status(500).send(error.code); });
    return listening(createServer(app));
  },
  http() {
    const middleware = sessionMiddleware(sessions, options);
    return listening(createServer((req, res) => middleware(req, res, (error) => {
      if (error !== undefined) res.writeHead(500).end(error.code);
      else if (req.url === '/' && req.method === 'GET') res.end(JSON.stringify(shown(req.cretula)));
      else if (req.url === '/sign-on') { signOn(req.cretula); res.writeHead(303).end(); }
      else if (req.url === '/sign-off') { req.cretula.signOff(); res.writeHead(303).end(); }
      else res.writeHead(404).end();
    })));
  },
  async fastify() {
    const app = Fastify();
    app.register(sessionPlugin(sessions, options));
    app.get('/', async (req) => shown(req.cretula));
    app.post('/sign-on', (req, reply) => { signOn(req.cretula); reply.redirect('/', 303); });
    app.post('/sign-off', (req, reply) => { req.cretula.signOff(); reply.redirect('/', 303); });
    app.setErrorHandler((error, req, reply) => reply.code(500).send(error.code));
    await app.listen({ port: 0, host: '127.0.0.1' });
    closers.push(() => app.close());
    return asking(app.server.address().port);
  },
  async hono() {
    const app = new Hono();
    app.use(honoSessions(sessions, { ...options, page: ({ code }) => new Response(code, { status: 500 }) }));
    app.get('/', (c) => c.json(shown(c.get('cretula'))));
    app.post('/sign-on', (c) => { signOn(c.get('cretula')); return c.redirect('/', 303); });
    app.post('/sign-off', (c) => { c.get('cretula').signOff(); return c.redirect('/', 303); });
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    closers.push(() => new Promise((resolve) => { server.close(resolve); }));
    return asking(server.address().port);
  },
  fetch() {
    const handle = withSession(sessions, ({ method, url }, session) => {
      const { pathname } = new URL(url);
      if (pathname === '/' && method === 'GET') return Response.json(shown(session));
      if (pathname === '/sign-on') signOn(session);
      else if (pathname === '/sign-off') session.signOff();
      else return new Response(null, { status: 404 });
      return new Response(null, { status: 303, headers: { Location: '/' } });
    }, { ...options, page: ({ code }) => new Response(code, { status: 500 }) });
    return async (path, { method, headers, cookie } = {}) => {
      const all = new Headers(cookie === undefined ? {} : { cookie });
      for (const [name, value] of Object.entries(headers ?? {})) for (const one of [value].flat()) all.append(name,
        one);
      const response = await handle(new Request(`https://shop.example${path}`, { method, headers: all }));
      const given = Object.fromEntries(response.headers);
      return { status: response.status, headers: given, body: await response.text(),
        lines: response.headers.getSetCookie() };
    };
  },
};

/** A browser with device binding: it keeps cookies, and does what the fields of an answer tell. */
class Browser {
  constructor(ask, key = new DeviceKey()) {
    Object.assign(this, { ask, key, jar: new Jar() });
  }

  async send(path, method = 'GET', headers = {}) {
    const cookie = this.jar.field || undefined;
    const answer = await this.ask(path, { method, headers: { ...headers, 'Sec-Fetch-Site': 'same-origin' }, cookie });
    this.jar.take(answer.lines);
    return answer;
  }

  async signOn() {
    const { headers } = await this.send('/sign-on', 'POST');
    this.offer = headers['secure-session-registration'];
  }

  async register() {
    const jwt = this.key.registering(challengeOf(this.offer));
    const answer = await this.send(START, 'POST', { 'Secure-Session-Response': jwt });
    if (answer.status === 200) this.device = JSON.parse(answer.body);
    return answer;
  }

  /** Asks for a challenge and answers it, as `key`. */
  async refresh(key = this.key) {
    const { refresh_url: path, session_identifier: id } = this.device;
    const asked = await this.send(path, 'POST', { 'Sec-Secure-Session-Id': id });
    if (asked.status !== 403) return asked;
    const jwt = key.refreshing(challengeOf(asked.headers['secure-session-challenge']));
    return this.send(path, 'POST', { 'Sec-Secure-Session-Id': id, 'Secure-Session-Response': jwt });
  }

  async page() {
    return JSON.parse((await this.send('/')).body);
  }
}

for (const [name, open] of Object.entries(SERVERS)) {
  test(`${name}: sign-on, offer, registration, refresh; a copy of the cookies ends with the proof`, async () => {
    const ask = await open();
    commits.length = 0;
    lines.length = 0;
    const browser = new Browser(ask);
    same(await browser.page(), { user: null, bound: false, reason: 'absent' });
    await browser.signOn();
    assert.match(browser.offer, /^\(ES256\);path="\/device-binding\/start";challenge="CrE1/);
    same(await browser.page(), { user: 'ada', bound: false, reason: null });
    const registered = await browser.register();
    same([registered.status, registered.headers['content-type'], registered.headers.vary,
      registered.headers['cache-control']],
      [200, 'application/json', 'Cookie', 'no-store']);
    same(registered.lines.map((line) => line.split('=')[0]), [PROOF, NAME]);
    same(commits.at(-1), ['seal', true]);
    same(await browser.page(), { user: 'ada', bound: true, reason: null });

    const thief = new Browser(ask);
    thief.jar.take(Array.from(browser.jar.pairs, ([cookie, value]) => `${cookie}=${value}`));
    thief.device = browser.device;
    const sessionAlone = new Jar();
    sessionAlone.pairs.set(NAME, browser.jar.pairs.get(NAME));
    same(JSON.parse((await ask('/', { cookie: sessionAlone.field })).body).reason, 'unproven');
    same(await thief.page(), { user: 'ada', bound: true, reason: null });
    now += 600;
    same(await thief.page(), { user: null, bound: false, reason: 'unproven' });
    const stolen = await thief.refresh();
    same([stolen.status, stolen.lines, stolen.body], [401, [], '']);
    same(await browser.page(), { user: null, bound: false, reason: 'unproven' });
    const proven = await browser.refresh();
    same([proven.status, proven.body, proven.headers['content-type'], proven.lines.length], [200, '', undefined, 1]);
    same(await browser.page(), { user: 'ada', bound: true, reason: null });
    same((await thief.page()).reason, 'unproven');
    assert.ok(lines.includes('info device binding, refresh: jwt_signature'), lines.join('\n'));
    assert.ok(lines.every((line) => !line.includes('CrE1')));

    const off = await browser.send('/sign-off', 'POST');
    same(off.lines.map((line) => line.split('=')[0]), [PROOF, `${NAME}.end`, NAME]);
    const over = await browser.refresh();
    same([over.status, JSON.parse(over.body).continue, over.headers['content-type']], [200, false, 'application/json']);
  });

  test(`${name}: other requests to these paths are the application's, and failures its error page's`, async () => {
    const ask = await open();
    for (const [path, method] of [[START, 'GET'], [`${START}/`, 'POST'], ['/device-binding', 'POST'], ['/start',
      'POST'],
      [`/x${START}`, 'POST'], ['/Device-Binding/start', 'POST'], [START, 'PUT']]) {
      same([path, (await ask(path, { method })).status], [path, 404]);
    }
    const bare = await ask(START, { method: 'POST', headers: { Origin: 'https://evil.example' } });
    same([bare.status, bare.body, bare.headers.vary, bare.headers['cache-control']], [401, '', 'Cookie', 'no-store']);
    same((await ask(`${START}?a=1`, { method: 'POST' })).status, 401);
    same((await ask('/device-binding/refresh', { method: 'POST' })).status, 401);
    const browser = new Browser(ask);
    await browser.signOn();
    const jwt = browser.key.registering(challengeOf(browser.offer));
    const twice = await browser.send(START, 'POST', { 'Secure-Session-Response': [jwt, jwt] });
    same([twice.status, twice.lines], [401, []]);
    answerOfCheck = () => { throw new Error('no database'); };
    same((await browser.register()).status, 503);
    answerOfCheck = () => ({ gen: '7' });
    const failed = await browser.register();
    answerOfCheck = () => ({ gen: 7 });
    same([failed.status, failed.lines, failed.headers.vary, failed.headers['cache-control']], [500, [], 'Cookie',
      'private']);
    same((await browser.register()).status, 200);
    assert.ok((await browser.page()).bound);
  });
}

test('HTTP/2 and a mounted middleware: the whole path counts', async () => {
  const middleware = sessionMiddleware(sessions, options);
  const server = http2.createServer((req, res) => middleware(req, res, () => res.writeHead(404).end()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  const stream = client.request({ ':method': 'POST', ':path': START }).end();
  const [headers] = await once(stream, 'response');
  same([headers[':status'], headers.vary], [401, 'Cookie']);
  client.close();
  server.close();

  const app = express().set('env', 'test');
  app.use('/device-binding', sessionMiddleware(sessions));
  const ask = await listening(createServer(app));
  same((await ask(START, { method: 'POST' })).status, 401);
  same((await ask('/device-binding/device-binding/start', { method: 'POST' })).status, 404);
});

test('a middleware inside another one keeps the lines of both, and what other code set', async () => {
  const site = siteOf();
  const bound = site.sessions({ check: null, deviceBinding: { path: '/bind' } });
  const second = site.sessions({ check: null, purpose: 'remember' });
  const app = express().set('env', 'test');
  app.use((req, res, next) => { res.setHeader('Vary', 'Origin'); next(); });
  app.use(sessionMiddleware(second, { property: 'remember' }));
  app.use((req, res, next) => { if (req.method === 'POST') req.remember.data.n = now; now += 1; next(); });
  app.use(sessionMiddleware(bound));
  app.post('/sign-on', (req, res) => { signOn(req.cretula); res.end(); });
  const browser = new Browser(await listening(createServer(app)));
  await browser.signOn();
  assert.match(browser.offer, /path="\/bind\/start"/);
  const jwt = browser.key.registering(challengeOf(browser.offer));
  const { status, lines: set, headers } = await browser.send('/bind/start', 'POST', { 'Secure-Session-Response': jwt });
  same([status, set.map((line) => line.split('=')[0]), headers.vary, headers['cache-control']],
    [200, [PROOF, NAME, '__Host-Http-remember'], 'Origin, Cookie', 'no-store']);
});

test('what onCommit throws drops the answer', async () => {
  const failing = { onCommit() { if (commits.fail) throw new Error('no deny-list'); }, page: () => new Response('',
    { status: 500 }) };
  const handle = withSession(sessions, (_, session) => { signOn(session); return new Response(); }, failing);
  const ask = async (path, headers) => handle(new Request(`https://shop.example${path}`, { method: 'POST', headers }));
  const first = await ask('/sign-on');
  const cookie = new Jar().take(first.headers.getSetCookie()).field;
  const jwt = new DeviceKey().registering(challengeOf(first.headers.get('secure-session-registration')));
  commits.fail = true;
  const answer = await ask(START, { cookie, 'Secure-Session-Response': jwt });
  same([answer.status, answer.headers.getSetCookie(), answer.headers.get('vary')], [500, [], 'Cookie']);
  commits.fail = false;
  same((await ask(START, { cookie, 'Secure-Session-Response': jwt })).status, 200);
});

test('a site refuses what device binding does not allow', () => {
  const site = siteOf();
  const code = (expected) => (error) => error.code === expected;
  assert.throws(() => site.sessions({ check: null, deviceBinding: { proof: 0 } }), code('device_settings'));
  site.sessions({ check: null, deviceBinding: true });
  for (const purpose of ['session.challenge', 'session.device', 'session.proof']) {
    assert.throws(() => site.cookie(purpose), code('cookie_clash'), purpose);
  }
  assert.throws(() => site.cookie('a', { name: PROOF }), code('cookie_clash'));
  assert.throws(() => site.sessions({ check: null, purpose: 'remember', deviceBinding: true }), code('cookie_clash'));
  site.sessions({ check: null, purpose: 'remember', deviceBinding: { path: '/remember' } });
  const plain = new Site(keyring, 'shop.example', { development: true });
  assert.throws(() => plain.sessions({ check: null, deviceBinding: { proof: 0 } }), code('device_settings'));
  assert.equal(plain.sessions({ check: null, deviceBinding: true }).device, undefined); // as in the other languages
});
