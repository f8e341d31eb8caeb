/** Fastify, which answers through `node:http`, and Hono, which answers with a Response: over a socket. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { stream } from 'hono/streaming';
import { Keyring, MasterKey, Site } from 'cretula';
import { sessionMiddleware } from 'cretula/express';
import { sessionPlugin } from 'cretula/fastify';
import { sessionMiddleware as honoSessions } from 'cretula/hono';

const site = new Site(new Keyring([{ key: MasterKey.generate() }]), 'shop.example', { log: null });
const sessions = site.sessions({ check: null });
const same = (a, b) => assert.deepEqual(a, b);

const closers = [];
after(() => Promise.all(closers.map((close) => close())));

/** A function that asks the server at a port. */
function asking(port) {
  return async (path, { method = 'GET', headers = {}, cookie, body = '' } = {}) => {
    const all = { ...headers, ...(cookie && { Cookie: cookie }) };
    const asked = request({ host: '127.0.0.1', port, path, headers: all, method, agent: false }).end(body);
    const [response] = await once(asked, 'response');
    const text = Buffer.concat(await response.toArray()).toString();
    return { status: response.statusCode, headers: response.headers, body: text };
  };
}

const hooked = new WeakSet();

async function fastify(routes, options) {
  const app = Fastify();
  app.register(sessionPlugin(sessions, options));
  routes(app);
  app.addHook('preHandler', async (req) => { same(hooked.has(req), false); hooked.add(req); }); // once for a request
  await app.listen({ port: 0, host: '127.0.0.1' });
  closers.push(() => app.close());
  return asking(app.server.address().port);
}

async function hono(routes, options, before = () => {}) {
  const app = new Hono();
  before(app);
  app.use(honoSessions(sessions, options));
  routes(app);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  closers.push(() => new Promise((resolve) => { server.close(resolve); }));
  return asking(server.address().port);
}

const visit = ({ data }) => { data.visits = (data.visits ?? 0) + 1; };
const fill = ({ data }) => { data.basket = 'x'.repeat(5_000); };
const pairOf = ({ headers }) => headers['set-cookie'].at(-1).split(';')[0];

/** What a response says of the session: whether it is set, and what caches may do. */
function told({ status, headers }) {
  const lines = headers['set-cookie'] ?? [];
  return [status, lines.some((line) => line.startsWith('__Host-Http-session=CrE1')), headers['cache-control']];
}
const written = (status) => [status, true, 'no-store'];
const unwritten = (status) => [status, false, 'private'];

/** The cookie of a session whose key is not in the ring. */
async function strangersCookie() {
  const other = new Site(new Keyring([{ key: MasterKey.generate() }]), 'shop.example').sessions({ check: null });
  const session = await other.open(null);
  visit(session);
  return (await other.commit(session)).headers[0][1].split(';')[0];
}

test('Fastify: every way to answer carries the session, once', async () => {
  const get = await fastify((app) => {
    app.addHook('onSend', async (req, reply, payload) => {
      if (req.url !== '/read') visit(req.cretula); // the head is still to come
      return payload;
    });
    app.get('/returned', ({ cretula: session }) => session.data);
    app.get('/read', async ({ cretula: session }) => `${session.data.visits}`);
    app.get('/sent', (req, reply) => { reply.header('set-cookie', 'theme=dark').send('sent'); });
    app.get('/cached', (req, reply) => reply.header('cache-control', 'public, max-age=60').send('cached'));
    app.get('/redirect', (req, reply) => reply.redirect('/returned', 303));
    app.get('/empty', (req, reply) => reply.code(204).send());
    app.get('/stream', (req, reply) => reply.type('text/plain').send(Readable.from(['a'.repeat(1e5), 'b'])));
    app.get('/throws', () => { throw new Error('oops'); });
    app.get('/raw', ({ cretula: session }, reply) => {
      visit(session);
      reply.hijack();
      reply.raw.writeHead(201, { 'Content-Type': 'text/plain' });
      reply.raw.write('raw ');
      setImmediate(() => reply.raw.end('end'));
    });
  });
  const first = await get('/returned');
  same(told(first), written(200));
  same(first.headers.vary, 'Cookie');
  same((await get('/read', { cookie: pairOf(first) })).body, '1');
  same(told(await get('/read', { cookie: pairOf(first) })), unwritten(200));
  const sent = await get('/sent');
  same([told(sent), sent.body, sent.headers['set-cookie'][0]], [written(200), 'sent', 'theme=dark']);
  for (const [path, status] of [['/cached', 200], ['/redirect', 303], ['/empty', 204], ['/throws', 500], ['/none', 404]]) {
    same([path, ...told(await get(path))], [path, ...written(status)]);
  }
  const head = await get('/sent', { method: 'HEAD' });
  same([told(head), head.body], [written(200), '']);
  const streamed = await get('/stream');
  same([told(streamed), streamed.body.length], [written(200), 100_001]);
  const raw = await get('/raw');
  same([told(raw), raw.body], [written(201), 'raw end']);
});

test('Fastify: what could not be written reaches the error handler, and the handler has run once', async () => {
  const seen = [];
  const get = await fastify((app) => {
    app.setErrorHandler((error, req, reply) => {
      seen.push(error.code);
      if (error.code !== 'cookie_too_large') throw error;
      return reply.code(413).send(`${error.largest} ${error.over > 0}`);
    });
    for (const [path, answer] of [
      ['/text', () => 'full'],
      ['/redirect', (reply) => reply.redirect('/elsewhere', 303)],
      ['/stream', (reply) => reply.type('image/png').send(Readable.from(['a', 'b']))],
      ['/cached', (reply) => reply.header('etag', '"1"').header('cache-control', 'public').send({})],
    ]) {
      app.get(path, ({ cretula: session }, reply) => {
        seen.push(path);
        fill(session);
        return answer(reply);
      });
    }
    app.get('/need', ({ cretula: session }) => session.need().sub);
    app.get('/write', ({ cretula: session }, reply) => { visit(session); reply.send('written'); });
    app.post('/write', () => 'not reached');
  }, { sameSitePosts: true });
  for (const path of ['/text', '/redirect', '/stream', '/cached']) {
    const { headers, ...answer } = await get(path);
    same([told({ headers, ...answer }), answer.body], [unwritten(413), 'basket true']);
    same([headers.location, headers.etag, headers['content-length']], [undefined, undefined, '11']);
    same(seen.splice(0), [path, 'cookie_too_large']);
  }
  const cookie = await strangersCookie();
  for (const path of ['/need', '/write']) same(told(await get(path, { cookie })), unwritten(503));
  same(seen.splice(0), ['unknown_key', 'unknown_key']);
  const foreign = await get('/write', { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } });
  same([foreign.status, foreign.headers['set-cookie']], [403, undefined]);
});

test('the middleware of Express as a hook of Fastify: the handler runs once', async () => {
  const app = Fastify();
  const middleware = sessionMiddleware(sessions);
  app.addHook('onRequest', (req, reply, done) => middleware(req.raw, reply.raw, done));
  let runs = 0;
  app.get('/', async ({ raw }) => {
    runs += 1;
    await new Promise(setImmediate);
    return raw.cretula.data;
  });
  await app.inject('/');
  same(runs, 1);
});

test('Fastify: app.inject, which has no socket', async () => {
  const app = Fastify();
  app.register(sessionPlugin(sessions));
  app.get('/', async ({ cretula }) => { visit(cretula); return cretula.data; });
  const first = await app.inject('/');
  same([first.json(), told({ ...first, status: first.statusCode })], [{ visits: 1 }, written(200)]);
  const { name, value } = first.cookies[0];
  same((await app.inject({ url: '/', headers: { Cookie: `${name}=${value}` } })).json(), { visits: 2 });
});

test('Hono: every way to answer carries the session, once', async () => {
  let commits = 0;
  const get = await hono((app) => {
    app.use('/twice', honoSessions(sessions));
    app.use(async (c, next) => {
      await next();
      if (c.req.path !== '/read') visit(c.get('cretula'));
      c.header('X-Inner', 'kept');
    });
    app.onError((error, c) => error.getResponse?.() ?? c.text('an error', 500));
    for (const path of ['/json', '/twice']) app.get(path, (c) => c.json(c.var.cretula.data));
    app.get('/read', (c) => c.text(c.var.cretula.data.visits));
    app.get('/sent', (c) => { c.header('Set-Cookie', 'theme=dark', { append: true }); return c.text('sent'); });
    app.get('/cached', () => new Response('cached', { headers: { 'Cache-Control': 'public, max-age=60' } }));
    app.get('/redirect', (c) => c.redirect('/json', 303));
    app.get('/empty', (c) => c.body(null, 204));
    app.get('/stream', (c) => stream(c, async (to) => { await to.write('a'.repeat(1e5)); await to.write('b'); }));
    app.get('/throws', () => { throw new Error('oops'); });
    app.get('/forbidden', () => { throw new HTTPException(403, { message: 'no' }); });
    app.post('/limited', bodyLimit({ maxSize: 10 }), async (c) => c.text(await c.req.text()));
  }, { onCommit: () => { commits += 1; } }, (app) => app.use(secureHeaders(), compress({ threshold: 1 })));
  const first = await get('/json');
  same([told(first), commits], [written(200), 1]);
  const { vary, 'x-inner': inner, 'x-frame-options': outer } = first.headers;
  same([vary, inner, outer], ['Cookie, Accept-Encoding', 'kept', 'SAMEORIGIN']);
  same((await get('/read', { cookie: pairOf(first) })).body, '1');
  same(told(await get('/read', { cookie: pairOf(first) })), unwritten(200));
  const sent = await get('/sent');
  same([told(sent), sent.body, sent.headers['set-cookie'].length], [written(200), 'sent', 2]);
  same(sent.headers['set-cookie'][0], 'theme=dark');
  for (const [path, status] of [['/twice', 200], ['/cached', 200], ['/redirect', 303], ['/empty', 204], ['/throws', 500],
    ['/forbidden', 403], ['/none', 404]]) {
    commits = 0;
    const answer = await get(path);
    same([path, ...told(answer), commits, answer.headers['set-cookie'].length], [path, ...written(status), 1, 1]);
  }
  const head = await get('/sent', { method: 'HEAD' });
  same([told(head), head.body], [written(200), '']);
  const streamed = await get('/stream');
  same([told(streamed), streamed.body.length], [written(200), 100_001]);
  const zipped = await get('/sent', { headers: { 'Accept-Encoding': 'gzip' } });
  same([told(zipped), zipped.headers['content-encoding']], [written(200), 'gzip']);
  const limited = await get('/limited', { method: 'POST', body: 'short', headers: { 'Transfer-Encoding': 'chunked' } });
  same([told(limited), limited.body], [written(200), 'short']);
});

test('Hono: what could not be written gets the page, and nothing of the dropped answer', async () => {
  const get = await hono((app) => {
    app.onError((error, c) => c.text('an error', 500));
    app.get('/full', (c) => { fill(c.var.cretula); c.header('ETag', '"1"'); return c.redirect('/elsewhere', 303); });
    app.get('/need', (c) => c.text(c.var.cretula.need().sub));
    app.get('/write', (c) => { visit(c.var.cretula); return c.text('written'); });
    app.post('/write', (c) => c.text('not reached'));
  }, {
    sameSitePosts: true,
    page: ({ code, largest, status }) => new Response(`${code} ${largest}`, { status: status ?? 413 }),
  });
  const full = await get('/full');
  same([told(full), full.body], [unwritten(413), 'cookie_too_large basket']);
  same([full.headers.location, full.headers.etag], [undefined, undefined]);
  const cookie = await strangersCookie();
  for (const path of ['/need', '/write']) {
    const answer = await get(path, { cookie });
    same([told(answer), answer.body], [unwritten(503), 'unknown_key undefined']);
  }
  const foreign = await get('/write', { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } });
  same([foreign.status, foreign.headers['set-cookie']], [403, undefined]);
});

test('Hono: a session under another name, beside a second one', async () => {
  const admins = site.sessions({ purpose: 'admin', check: null });
  const get = await hono((app) => {
    app.use(honoSessions(admins, { property: 'admin' }));
    app.get('/', (c) => {
      visit(c.var.cretula);
      visit(c.var.admin);
      return c.text('both');
    });
  });
  const names = (await get('/')).headers['set-cookie'].map((line) => line.split('=')[0]);
  same(names.sort(), ['__Host-Http-admin', '__Host-Http-session']);
  assert.throws(() => honoSessions(sessions, { pag: () => {} }), /no option pag$/);
});
