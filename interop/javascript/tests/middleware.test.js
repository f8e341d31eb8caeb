/** What handlers, hosts and clients do to the middlewares, over real sockets. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, get as ask } from 'node:http';
import * as http2 from 'node:http2';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import express from 'express';
import { Context, Keyring, MasterKey, Sealer, SessionCookie, Sessions } from 'cretula';
import { sessionMiddleware } from 'cretula/express';
import { withSession } from 'cretula/fetch';

const context = new Context('shop.example', 'session');
const ring = new Keyring([{ key: MasterKey.generate() }]);
const made = (options, settings) => new SessionCookie({
  sessions: new Sessions({ ring, context, check: null, log: null, ...options }), ...settings,
});
const cookie = made();
const NAME = cookie.settings.name;
const same = (a, b) => assert.deepEqual(a, b);
const sid = 'AAECAwQFBgcICQoLDA0ODw';

function recorded() {
  const lines = [];
  const level = (name) => (text) => lines.push(`${name} ${text}`);
  return { lines, log: { error: level('error'), warn: level('warn'), info: level('info') } };
}

/** The pair of a session of Ada's that began `ago` seconds ago and was written then. */
async function pairOf(ago = 0, by = ring) {
  const start = Math.floor(Date.now() / 1000) - ago;
  const user = `"sub":"ada","gen":7,"auth_time":${start}`;
  const payload = `{"sid":"${sid}","start":${start},"end":${start + 86400},"rev":1,${user}}`;
  return `${NAME}=${await new Sealer({ ring: by, context }).seal(payload, { ttl: 1800, now: start })}`;
}

/** Asks a server without a socket kept, and returns what came. */
async function answerOf(port, path, headers = {}, method = 'GET') {
  const asked = ask({ host: '127.0.0.1', port, path, headers, method, agent: false });
  const informed = [];
  asked.on('information', (one) => informed.push(one));
  const [response] = await once(asked, 'response');
  const body = Buffer.concat(await response.toArray()).toString();
  return {
    status: response.statusCode, headers: response.headers, body, lines: response.headers['set-cookie'] ?? [], informed,
  };
}

const servers = [];
after(() => servers.forEach((server) => server.close()));

async function listening(server) {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server.address().port;
}

/** An Express application with this middleware, and a function that asks it. */
async function served(routes, options, sessions = cookie) {
  const app = express().set('env', 'test');
  app.use(sessionMiddleware(sessions, options));
  routes(app);
  app.use((error, req, res, next) => {
    if (res.headersSent) return next(error);
    return res.status(error.status ?? 500).json({ code: error.code ?? error.message });
  });
  const port = await listening(createServer(app));
  return Object.assign((...args) => answerOf(port, ...args), { port });
}

const names = (lines) => lines.map((line) => line.split('=')[0]);

test('a host that gives no raw headers: the joined Cookie field serves', async () => {
  const middleware = sessionMiddleware(cookie);
  for (const raw of [[], undefined, ['Host', 'x']]) {
    const request = { method: 'GET', rawHeaders: raw, headers: { cookie: `a=b; ${await pairOf()}` } };
    const response = Object.assign(new EventEmitter(), {
      setHeader() {}, appendHeader() {}, removeHeader() {}, writeHead() {}, write() {}, end() {}, flushHeaders() {},
    });
    await new Promise((resolve, reject) => {
      middleware(request, response, (error) => (error ? reject(error) : resolve()));
    });
    same([request.cretula.sub, request.cretula.reason], ['ada', null]);
  }
});

test('HTTP/2: the cookie in crumbs, and no warning about status messages', async () => {
  const warnings = [];
  const warned = ({ message }) => warnings.push(message);
  process.on('warning', warned);
  const middleware = sessionMiddleware(cookie);
  const port = await listening(http2.createServer((req, res) => middleware(req, res, (error) => {
    if (error) res.writeHead(500).end(error.code);
    else if (req.url === '/large') { req.cretula.data.n = 'x'.repeat(5000); res.writeHead(200, 'Fine').end('secret'); }
    else { req.cretula.data.n = 1; res.writeHead(201, 'Fine', { 'X-A': '1' }); res.write(req.cretula.sub); res.end('!'); }
  })));
  const client = http2.connect(`http://127.0.0.1:${port}`);
  const get = async (path) => {
    const stream = client.request({ ':path': path, cookie: ['a=b', await pairOf(), 'c=d'] });
    const [headers] = await once(stream, 'response');
    return [headers, Buffer.concat(await stream.toArray()).toString()];
  };
  const [headers, body] = await get('/');
  same([headers[':status'], headers['x-a'], body, headers.vary], [201, '1', 'ada!', 'Cookie']);
  assert.match(headers['set-cookie'][0], /^__Host-Http-session=CrE1/);
  const [failed, page] = await get('/large');
  same([failed[':status'], page, failed['set-cookie']], [500, 'cookie_too_large', undefined]);
  client.close();
  await new Promise(setImmediate);
  process.off('warning', warned);
  same(warnings, []);
});

test('request.cretula = null, another value and delete throw', async () => {
  const get = await served((app) => app.get('/:what', (req, res) => {
    const { what } = req.params;
    if (what === 'null') req.cretula = null;
    if (what === 'object') req.cretula = { theme: 1 };
    if (what === 'delete') delete req.cretula;
    res.send('never');
  }));
  for (const what of ['null', 'object', 'delete']) {
    const { status, body, lines } = await get(`/${what}`, { Cookie: await pairOf() });
    same([status, lines], [500, []], what);
    assert.match(body, what === 'delete' ? /Cannot delete/ : /signOff\(\) ends a session/);
  }
});

const LATE = {
  signOn: (session) => session.signOn({ sub: 'eve', gen: 1 }),
  signOff: (session) => session.signOff(),
  reauthenticate: (session) => session.reauthenticate({ gen: 8 }),
  data: (session) => { session.data = { late: 1 }; },
  flash: (session) => session.flash('a', 1),
  send: (session) => session.send(),
};

test('Express: a change after the head, or after end(), is an error and changes nothing', async () => {
  const codes = [];
  const ended = [];
  const late = (session) => {
    for (const change of Object.values(LATE)) {
      try {
        change(session);
        codes.push('nothing');
      } catch (error) {
        codes.push(error.code);
      }
    }
    session.data.late = 1;
  };
  const get = await served((app) => {
    app.get('/stream', (req, res) => {
      res.write('a');
      late(req.cretula);
      setTimeout(() => { late(req.cretula); res.end('b'); }, 20);
    });
    app.get('/end', (req, res) => { res.end('ab'); late(req.cretula); });
    app.get('/flush', (req, res) => { res.flushHeaders(); late(req.cretula); res.end('ab'); });
  }, { onCommit: (done) => ended.push(...done.ended) });
  for (const path of ['/stream', '/end', '/flush']) {
    for (const ago of [0, 1000]) { // then a refresh is due
      codes.length = 0;
      const { body, lines } = await get(path, { Cookie: await pairOf(ago) });
      same([body, new Set(codes), names(lines)], ['ab', new Set(['committed']), ago === 0 ? [] : [NAME]], path);
      if (ago === 0) continue;
      const again = await cookie.open([lines[0].split(';')[0]]);
      same([again.sid, again.sub, again.data], [sid, 'ada', {}]);
    }
  }
  same(ended, []);
});

test('Express: the sessions of one request are all taken at the first end()', async () => {
  const other = new SessionCookie({
    sessions: new Sessions({ ring, context: new Context('shop.example', 'remember'), check: null }),
    name: '__Host-remember',
  });
  const codes = [];
  const get = await served((app) => {
    app.use(sessionMiddleware(other, { property: 'remembered' }));
    app.get('/', (req, res) => {
      res.end('x');
      for (const session of [req.remembered, req.cretula]) {
        assert.throws(() => session.signOff(), (error) => codes.push(error.code) > 0);
      }
    });
  });
  same([(await get('/', { Cookie: await pairOf() })).lines, codes], [[], ['committed', 'committed']]);
});

test('Express: after a commit that failed, a change in the error handler is an error too', async () => {
  const app = express().use(sessionMiddleware(cookie)).get('/', (req, res) => {
    req.cretula.data.big = 'x'.repeat(5000);
    res.set('Cache-Control', 'public, max-age=600').send('secret');
  });
  app.use((error, req, res, next) => { // eslint-disable-line no-unused-vars
    try {
      req.cretula.signOff();
    } catch (late) {
      if (req.headers['x-own']) res.set('Cache-Control', 'max-age=5');
      res.status(500).send(`${error.code} ${late.code}`);
    }
  });
  const port = await listening(createServer(app));
  const answer = await answerOf(port, '/', { Cookie: await pairOf() });
  same([answer.body, answer.lines, answer.headers.vary], ['cookie_too_large committed', [], 'Cookie']);
  same(answer.headers['cache-control'], 'private', 'not that of the response that was dropped');
  const own = await answerOf(port, '/', { Cookie: await pairOf(), 'X-Own': '1' });
  same(own.headers['cache-control'], 'max-age=5');
});

test('Express: mounted twice, the inner one gives the outer session, and a sign-on is not lost', async () => {
  const outer = [];
  const inner = [];
  const told = (list) => ({ ended }) => list.push(ended.length);
  const twice = told(inner);
  const get = await served((app) => {
    const again = express.Router();
    again.use(sessionMiddleware(cookie, { onCommit: twice }), sessionMiddleware(cookie, { onCommit: twice }));
    again.use(sessionMiddleware(cookie, { property: 'same' }));
    again.get('/', (req, res) => {
      assert.equal(req.same, req.cretula);
      req.cretula.signOn({ sub: 'eve', gen: 1 });
      res.send('x');
    });
    app.use('/in', again);
  }, { onCommit: told(outer) });
  for (const ago of [1, 1000]) { // with a refresh due, its line came after that of the sign-on
    const { lines, status } = await get('/in', { Cookie: await pairOf(ago) });
    same([status, names(lines)], [200, [NAME]]);
    same((await cookie.open([lines[0].split(';')[0]])).sub, 'eve');
  }
  same([outer, inner], [[1, 1], [1, 1]]);
});

test('Express: early hints and 100 carry nothing, the final response does', async () => {
  const get = await served((app) => app.get('/', (req, res) => {
    req.cretula.data.n = 1;
    res.writeEarlyHints({ link: '</a.css>; rel=preload' });
    setTimeout(() => res.send('x'), 10);
  }));
  const { informed, lines } = await get('/');
  same(informed.map(({ statusCode, headers }) => [statusCode, headers['set-cookie']]), [[103, undefined]]);
  same(names(lines), [NAME]);
});

test('Express: the deny-list hears of it though the client is gone; a hook that fails is a 500', async () => {
  let told;
  const heard = new Promise((resolve) => { told = resolve; });
  const get = await served((app) => app.get('/', (req, res) => {
    req.cretula.signOff();
    if (req.headers['x-stay']) res.send('off');
    else req.socket.once('close', () => res.redirect('/'));
  }), { onCommit: ({ ended }) => { told(ended); throw new Error('deny-list'); } });
  const pair = await pairOf();
  const socket = connect(get.port, '127.0.0.1', () => {
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${pair}\r\n\r\n`, () => setTimeout(() => socket.destroy(), 50));
  });
  same((await heard).map((one) => one.sid), [sid]);
  const failed = await get('/', { Cookie: pair, 'X-Stay': '1' });
  same([failed.status, failed.body], [500, '{"code":"deny-list"}']);
});

const foreign = new Keyring([{ key: MasterKey.generate() }]);

test('Express: not now is 503 if the handler would write, and a sign-on is none of that', async () => {
  const routes = (app) => {
    app.get('/read', (req, res) => res.send(`${req.cretula.notNow}`));
    app.get('/write', (req, res) => { req.cretula.data.n = 1; res.send('secret'); });
    app.get('/need', (req, res) => res.send(`${req.cretula.need().reason}`));
    app.get('/on', (req, res) => { req.cretula.signOn({ sub: 'eve', gen: 1 }); res.send('on'); });
    app.get('/off', (req, res) => { req.cretula.signOff(); res.send('off'); });
  };
  const get = await served(routes);
  const Cookie = await pairOf(0, foreign);
  const answer = async (by, path, headers) => {
    const { status, body, lines } = await by(path, headers);
    return [status, body, names(lines)];
  };
  same(await answer(get, '/read', { Cookie }), [200, 'true', []]);
  for (const path of ['/write', '/need']) {
    same(await answer(get, path, { Cookie }), [503, '{"code":"unknown_key"}', []]);
  }
  for (const path of ['/on', '/off']) same(await answer(get, path, { Cookie }), [200, path.slice(1), [NAME]]);
  same(await answer(get, '/need', { Cookie: await pairOf() }), [200, 'null', []]);
  same(await answer(get, '/write', {}), [200, 'secret', [NAME]]);
  const guest = await served(routes, { notNow: 'guest' });
  same(await answer(guest, '/write', { Cookie }), [200, 'secret', [NAME]]);
  const dead = await served(routes, {}, made({ check: () => { throw new Error('database'); } }));
  same(await answer(dead, '/write', { Cookie: await pairOf() }), [503, '{"code":"unchecked"}', []]);
  for (const options of [{ notNow: 503 }, { notnow: '503' }, { sameSitePosts: 'yes' }, { onCommit: {} }, { page() {} }]) {
    assert.throws(() => sessionMiddleware(cookie, options), TypeError);
  }
});

const FROM = [
  [{}, 200], [{ 'Sec-Fetch-Site': 'same-origin' }, 200], [{ 'Sec-Fetch-Site': 'none' }, 200],
  [{ 'Sec-Fetch-Site': 'same-site' }, 403], [{ 'Sec-Fetch-Site': 'cross-site' }, 403], [{ 'Sec-Fetch-Site': '' }, 403],
  [{ Origin: 'http://shop.example:8000' }, 200], [{ Origin: 'http://shop.example' }, 403], [{ Origin: 'null' }, 403],
  [{ Origin: 'https://evil.example' }, 403],
  [{ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' }, 200],
];

test('posts of other origins are refused, if that is switched on', async () => {
  const { lines, log } = recorded();
  const get = await served((app) => app.all('/', (req, res) => res.send('x')), { sameSitePosts: true }, made({ log }));
  const handle = withSession(cookie, () => new Response('x'), { sameSitePosts: true });
  const off = await served((app) => app.all('/', (req, res) => res.send('x')));
  for (const [headers, status] of FROM) {
    const all = { Host: 'shop.example:8000', ...headers };
    same((await get('/', all, 'POST')).status, status, JSON.stringify(headers));
    same((await get('/', all, 'GET')).status, 200);
    same((await off('/', all, 'POST')).status, 200);
    const url = 'http://shop.example:8000/';
    same((await handle(new Request(url, { method: 'POST', headers }))).status, status);
    same((await handle(new Request(url, { headers }))).status, 200);
  }
  same(new Set(lines), new Set(['info post refused: origin']));
});

test('a Secure cookie that does not come back over plain http is warned of, once', async () => {
  const warnings = async (settings, headers, back) => {
    const { lines, log } = recorded();
    const get = await served((app) => app.get('/', (req, res) => {
      req.cretula.data.n = 1;
      res.send('x');
    }), {}, made({ log }, settings));
    const first = await get('/', headers);
    const pair = first.lines[0].split(';')[0];
    for (let i = 0; i < 3; i += 1) await get('/', back ? { ...headers, Cookie: pair } : headers);
    return lines.length;
  };
  const Host = 'shop.example';
  same(await warnings({}, { Host }), 1);
  same(await warnings({}, { Host }, true), 0);
  same(await warnings({ secure: false, name: 'shop' }, { Host }), 0);
  same(await warnings({}, { Host, 'X-Forwarded-Proto': 'https' }), 0);
  same(await warnings({}, { Host, Forwarded: 'for=1.2.3.4;proto=https' }), 0);
  for (const local of ['localhost:80', 'app.localhost', '127.0.0.1:8000', '[::1]:80']) {
    same(await warnings({}, { Host: local }), 0, local);
  }
  const { lines, log } = recorded();
  const handle = withSession(made({ log }), (_, session) => { session.send(); return new Response('x'); });
  for (const url of ['https://a.example', 'http://a.example/', 'http://a.example/', 'http://a.example/']) {
    await handle(new Request(url));
  }
  same(lines.map((line) => line.slice(0, 20)), ['warn a Secure cookie']);
});

const requestOf = async (ago, by) => new Request('https://shop.example/', { headers: { cookie: await pairOf(ago, by) } });

test('Fetch: a change after the response began is an error', async () => {
  const codes = [];
  const handle = withSession(cookie, (_, session) => new Response(new ReadableStream({
    async pull(stream) {
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      for (const change of Object.values(LATE)) assert.throws(() => change(session), (error) => codes.push(error.code) > 0);
      stream.enqueue(new TextEncoder().encode('x'));
      stream.close();
    },
  }, { highWaterMark: 0 })));
  const response = await handle(await requestOf(1000));
  same([await response.text(), new Set(codes), names(response.headers.getSetCookie())],
    ['x', new Set(['committed']), [NAME]]);
  let kept;
  const thrown = withSession(cookie, (_, session) => { kept = session; session.signOff(); throw new Error('handler'); });
  await assert.rejects(thrown(await requestOf()), /handler/);
  assert.throws(() => kept.signOff(), { code: 'committed' });
});

test('Fetch: the deny-list hears of it first; a hook or a session that fails gives a page', async () => {
  const { lines, log } = recorded();
  const told = [];
  const onCommit = ({ ended }) => told.push(...ended.map((one) => one.sid));
  const off = (body) => (_, session) => { session.signOff(); return body(); };
  const used = () => { const response = new Response('x'); response.body.getReader(); return response; };
  await assert.rejects(withSession(cookie, off(used), { onCommit })(await requestOf()), TypeError);
  same(told, [sid], 'though the response cannot be sent');

  const logged = made({ log });
  const fails = withSession(logged, off(() => new Response('secret')), { onCommit() { throw new Error('deny-list'); } });
  const failed = await fails(await requestOf());
  same([failed.status, await failed.text()], [500, 'Something went wrong. Nothing was saved.\n']);
  const large = (_, session) => {
    session.data.a = 'x'.repeat(5000);
    return new Response('secret', { headers: { 'Cache-Control': 'public', 'X-Secret': '1' } });
  };
  const short = await withSession(logged, large)(await requestOf());
  const { headers } = short;
  same([short.status, headers.get('vary'), headers.get('cache-control'), headers.get('x-secret'), headers.getSetCookie()],
    [500, 'Cookie', 'private', null, []]);
  const page = ({ code, over, largest }) => new Response(`${code} ${over > 0} ${largest}`, { status: 413 });
  const own = await withSession(logged, large, { page })(await requestOf());
  same([own.status, await own.text()], [413, 'cookie_too_large true a']);
  same(lines, Array(3).fill('error the session was not written, or onCommit failed'));
});

test('Fetch: not now is 503; mounted twice; no response', async () => {
  const write = (_, session) => { session.data.n = 1; return new Response('secret'); };
  for (const handler of [write, (_, session) => new Response(session.need().sub)]) {
    const response = await withSession(cookie, handler)(await requestOf(0, foreign));
    same([response.status, response.headers.getSetCookie(), response.headers.get('retry-after')], [503, [], '5']);
  }
  const guest = await withSession(cookie, write, { notNow: 'guest' })(await requestOf(0, foreign));
  same([guest.status, names(guest.headers.getSetCookie())], [200, [NAME]]);

  const told = [];
  const on = (_, session) => { session.signOn({ sub: 'eve', gen: 1 }); return new Response('x'); };
  const inner = withSession(cookie, on, { onCommit: () => told.push('inner') });
  const twice = withSession(cookie, (request) => inner(request), { onCommit: () => told.push('outer') });
  const lines = (await twice(await requestOf(1000))).headers.getSetCookie();
  same([names(lines), told], [[NAME], ['outer', 'inner']]);
  same((await cookie.open([lines[0].split(';')[0]])).sub, 'eve');
  const copied = withSession(cookie, (request) => inner(new Request(request)));
  await assert.rejects(copied(await requestOf(1000)), /mounted twice/);
  const others = withSession(made(), (request) => inner(request));
  await assert.rejects(others(await requestOf()), /other sessions in the cookie/);

  const upgraded = (change) => withSession(cookie, (_, session) => change(session));
  same(await upgraded(() => {})(await requestOf(1000)), undefined);
  await assert.rejects(upgraded((session) => session.signOff())(await requestOf()), /no response/);
});
