import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, test } from 'node:test';
import express from 'express';
import { Context, Keyring, MasterKey, SessionCookie, Sessions } from 'cretula';
import { sessionMiddleware } from 'cretula/express';

const ring = new Keyring([{ key: MasterKey.generate() }]);
const context = new Context('shop.example', 'session');
const cookieOf = (options) => new SessionCookie({ sessions: new Sessions({ ring, context, check: null, ...options }) });
const cookie = cookieOf();
const same = (a, b) => assert.deepEqual(a, b);

const servers = [];
after(() => servers.forEach((server) => server.close()));

/** Serves a handler; gives a function that asks it. */
async function serve(handler) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address();
  const get = async (path, headers = {}, method = 'GET') => {
    const asked = request({ host: '127.0.0.1', port, path, headers, method, agent: false }).end();
    const [response] = await once(asked, 'response');
    const chunks = await response.toArray();
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString(), response };
  };
  return Object.assign(get, { port });
}

/** An Express application behind the middleware, its errors as JSON. */
async function app(routes, { options, before = () => {} } = {}) {
  const made = express().set('env', 'test'); // prints no errors
  before(made);
  made.use(sessionMiddleware(cookie, options));
  routes(made);
  made.use((error, req, res, next) => {
    res.status(500).json({ code: error.code ?? error.message });
  });
  return serve(made);
}

const pairOf = ({ headers }) => headers['set-cookie'].at(-1).split(';')[0];
const visit = (req) => { req.cretula.data.n = (req.cretula.data.n ?? 0) + 1; };
const isSet = (answer) => assert.match(pairOf(answer), /^__Host-Http-session=CrE1/);

test('json, redirect, 304, HEAD and 204 carry the session', async () => {
  const get = await app((made) => {
    made.get('/json', (req, res) => { visit(req); res.json(req.cretula.data); });
    made.get('/redirect', (req, res) => { visit(req); res.redirect('/json'); });
    made.get('/same', (req, res) => { req.cretula.send(); res.send('always the same'); });
    made.get('/none', (req, res) => { visit(req); res.sendStatus(204); });
    made.get('/read', (req, res) => { res.send(`${req.cretula.data.n} ${req.session}`); });
  });
  const first = await get('/json');
  same([first.status, first.body, first.headers['content-length']], [200, '{"n":1}', '7']);
  same([first.headers.vary, first.headers['cache-control']], ['Cookie', 'no-store']);
  isSet(first);
  const second = await get('/json', { Cookie: ['a=b', `x="é"; ${pairOf(first)}`] });
  same(second.body, '{"n":2}');
  const moved = await get('/redirect', { Cookie: pairOf(second) });
  same([moved.status, moved.headers.location], [302, '/json']);
  const read = await get('/read', { Cookie: pairOf(moved) });
  same([read.body, read.headers['set-cookie'], read.headers['cache-control']], ['3 undefined', undefined, 'private']);
  const head = await get('/json', { Cookie: pairOf(moved) }, 'HEAD');
  same([head.body, head.headers['content-length']], ['', '7']);
  isSet(head);
  const { etag } = (await get('/same')).headers;
  const unchanged = await get('/same', { 'If-None-Match': etag });
  same([unchanged.status, unchanged.body], [304, '']);
  for (const answer of [unchanged, await get('/none')]) isSet(answer);
});

test('headers of the application stay, but Cache-Control beside a cookie', async () => {
  const get = await app((made) => {
    made.use((req, res, next) => {
      res.vary('Accept').set('Cache-Control', 'max-age=60').cookie('theme', 'dark');
      if (req.query.set) visit(req);
      next();
    });
    made.get('/set', (req, res) => res.end('x'));
    made.get('/object', (req, res) => res.writeHead(201, { 'Set-Cookie': 'theme=light', 'X-A': '1' }).end('x'));
    made.get('/array', (req, res) => res.writeHead(202, 'Fine', ['Set-Cookie', 'a=1', 'set-cookie', 'b=2']).end('x'));
    made.get('/pairs', (req, res) => res.writeHead(203, [['Set-Cookie', 'a=1'], ['Vary', 'Cookie, X']]).end('x'));
    made.get('/star', (req, res) => res.set('Cache-Control', '').end('x'));
  });
  const cookies = (answer) => answer.headers['set-cookie'].map((line) => line.replace(/(CrE1|; ).*/, '$1'));
  const set = await get('/set?set=1');
  same([set.headers.vary, set.headers['cache-control']], ['Accept, Cookie', 'no-store']);
  same(cookies(set), ['theme=dark; ', '__Host-Http-session=CrE1']);
  same((await get('/set')).headers['cache-control'], 'max-age=60');
  same((await get('/star')).headers['cache-control'], '');
  const object = await get('/object?set=1');
  same([object.status, object.headers['x-a']], [201, '1']);
  same(cookies(object), ['theme=light', '__Host-Http-session=CrE1']);
  const array = await get('/array?set=1');
  same([array.status, array.response.statusMessage], [202, 'Fine']);
  same(cookies(array), ['a=1', 'b=2', '__Host-Http-session=CrE1']);
  const pairs = await get('/pairs?set=1');
  same([pairs.status, pairs.headers.vary, ...cookies(pairs)], [203, 'Cookie, X', 'a=1', '__Host-Http-session=CrE1']);
});

test('writes wait in order, with callbacks, backpressure and pipes', async () => {
  const seen = [];
  const big = 'x'.repeat(1 << 20);
  const get = await app((made) => {
    made.get('/write', (req, res) => {
      visit(req);
      res.set('X-Early', '1').flushHeaders();
      seen.push(res.headersSent, res.write('a', () => seen.push('a')), res.write('b', 'latin1', () => seen.push('b')));
      res.once('drain', () => {
        seen.push('drain', res.write('c'));
        res.end('d', () => seen.push('end'));
      });
    });
    made.get('/pipe', (req, res) => { visit(req); Readable.from([big, big, 'z']).pipe(res); });
    made.get('/pipeline', async (req, res) => { visit(req); await pipeline(Readable.from([big, big, 'z']), res); });
  });
  const written = await get('/write');
  same([written.body, written.headers['x-early'], written.headers['transfer-encoding']], ['abcd', '1', 'chunked']);
  isSet(written);
  same(seen, [true, false, false, 'drain', true, 'a', 'b', 'end']);
  for (const path of ['/pipe', '/pipeline']) {
    const piped = await get(path);
    assert.equal(piped.body, `${big}${big}z`, path);
    isSet(piped);
  }
});

test('while the head waits it counts as sent', async () => {
  const seen = [];
  const get = await app((made) => made.get('/', (req, res) => {
    visit(req);
    res.status(201).end('first');
    seen.push(res.headersSent, res.writableEnded);
    res.statusCode = 500;
    for (const call of [() => res.setHeader('X-Late', '1'), () => res.removeHeader('Vary'), () => res.writeHead(404)]) {
      assert.throws(call, { code: 'ERR_HTTP_HEADERS_SENT' });
    }
    throw new Error('after the answer'); // Express tears the connection down in its next turn, as always
  }));
  // The answer is there before that if no primitive took another thread; the page of the error never is.
  const answer = await get('/').catch((error) => error);
  if (answer instanceof Error) assert.equal(answer.code, 'ECONNRESET');
  else same([answer.status, answer.body], [201, 'first']);
  same(seen, [true, true]);
});

test('an error of the handler gets its page, and the session is committed with it', async () => {
  const get = await app((made) => {
    made.get('/sync', (req) => { visit(req); throw new Error('sync'); });
    made.get('/async', async (req) => { visit(req); throw new Error('async'); });
    made.get('/status', (req, res) => { res.statusCode = 1000; res.end(); });
  });
  for (const path of ['/sync', '/async']) {
    const answer = await get(path);
    same([answer.status, answer.body], [500, JSON.stringify({ code: path.slice(1) })]);
    isSet(answer);
  }
  same((await get('/status')).body, '{"code":"invalid status code: 1000"}');
});

test('a session that does not fit goes to the error handler, and nothing of the answer is sent', async () => {
  const seen = [];
  const tooLarge = (req, res) => {
    req.cretula.data.big = 'x'.repeat(5000);
    res.status(201).type('text/csv').set({ 'Cache-Control': 'public, max-age=9', ETag: '"1"', 'X-Kept': '1' });
  };
  const routes = (made) => {
    made.get('/end', (req, res) => { tooLarge(req, res); res.end('secret', (error) => seen.push(error.code)); });
    made.get('/json', (req, res) => { tooLarge(req, res); res.json('secret'); });
    made.get('/pipe', (req, res) => { tooLarge(req, res); Readable.from(['secret', 'secret']).pipe(res); });
    made.get('/pipeline', (req, res) => { tooLarge(req, res); return pipeline(Readable.from(['secret', 'x']), res); });
    made.get('/file', (req, res) => { tooLarge(req, res); res.sendFile('package.json', { root: process.cwd() }); });
    made.get('/no-store', (req, res) => { tooLarge(req, res); res.set('Cache-Control', 'no-store').end('secret'); });
    made.get('/nan', (req, res) => { req.cretula.data.bad = NaN; res.redirect('/'); });
    made.get('/chunk', (req, res) => { visit(req); res.end(17); });
    made.get('/chunks', (req, res) => { visit(req); res.write('a'); res.write(17); });
  };
  const get = await app(routes);
  for (const path of ['/end', '/json', '/pipe', '/pipeline', '/file', '/no-store']) {
    const { status, body, headers } = await get(path);
    same([status, body], [500, '{"code":"cookie_too_large"}'], path);
    same([headers.vary, headers['cache-control'], headers['set-cookie']], ['Cookie', 'private', undefined]);
    same([headers['content-type'], headers['x-kept']], ['application/json; charset=utf-8', '1']);
    assert.notEqual(headers.etag, '"1"');
  }
  same(seen, ['cookie_too_large']);
  const nan = await get('/nan');
  same([nan.status, nan.body, nan.headers.location], [500, '{"code":"payload_unserializable"}', undefined]);
  const chunk = await get('/chunk');
  same([chunk.status, chunk.body, chunk.headers['set-cookie'].length], [500, '{"code":"ERR_INVALID_ARG_TYPE"}', 1]);
  await assert.rejects(get('/chunks'), { code: 'ECONNRESET' });

  const bare = express().use(sessionMiddleware(cookie)).set('env', 'test');
  routes(bare);
  const answer = await (await serve(bare))('/json');
  same([answer.status, answer.headers.vary, answer.body.includes('secret')], [500, 'Cookie', false]);
});

test('onCommit gets what the deny-list needs; its error keeps the cookie and drops the answer', async () => {
  const ended = [];
  const onCommit = async (done, session) => {
    ended.push([done.ended.map(({ sid }) => sid.length), session.sub]);
    if (done.ended.length > 0) throw new Error('deny-list');
  };
  const get = await app((made) => {
    made.get('/on', (req, res) => { req.cretula.signOn({ sub: 'ada', gen: 7 }); res.send('on'); });
    made.get('/off', (req, res) => { req.cretula.signOff(); res.send('off'); });
  }, { options: { onCommit } });
  const off = await get('/off', { Cookie: pairOf(await get('/on')) });
  same([off.status, off.body, off.headers['cache-control']], [500, '{"code":"deny-list"}', 'no-store']);
  same(off.headers['set-cookie'].map((line) => line.split('=')[0]), ['__Host-Http-session.end', '__Host-Http-session']);
  same(ended, [[[], 'ada'], [[22], undefined]]);
});

test('others that wrap the response, before and after, see one head each', async () => {
  const seen = [];
  const wrap = (name) => (req, res, next) => {
    const { writeHead, end } = res;
    res.writeHead = (...args) => {
      if (!seen.includes(name)) res.setHeader(`X-${name}`, '1');
      seen.push(name);
      return writeHead.apply(res, args);
    };
    res.end = (...args) => {
      res._implicitHeader(); // as the package compression does
      return end.apply(res, args);
    };
    next();
  };
  const get = await app((made) => {
    made.use(wrap('after'));
    made.get('/', (req, res) => { visit(req); res.end('x'); });
  }, { before: (made) => made.use(wrap('before')) });
  const answer = await get('/');
  same([answer.body, answer.headers['x-before'], answer.headers['x-after']], ['x', '1', '1']);
  isSet(answer);
  same(seen.filter((name) => name === 'before'), ['before']);
});

test('two sessions beside each other; the same property twice is an error', async () => {
  const other = new SessionCookie({
    sessions: new Sessions({ ring, context: new Context('shop.example', 'remember'), check: null }),
    name: '__Host-remember',
  });
  const get = await app((made) => {
    made.use(sessionMiddleware(other, { property: 'remembered' }));
    made.get('/both', (req, res) => { visit(req); req.remembered.data.a = 1; res.send('x'); });
    made.get('/large', (req, res) => {
      req.cretula.data.a = 'x'.repeat(5000);
      req.remembered.data.a = 1;
      res.send('x');
    });
    made.use('/twice', sessionMiddleware(other));
    made.use('/name', sessionMiddleware(new SessionCookie({ sessions: other.sessions }), { property: 'third' }));
  });
  const names = ({ headers }) => headers['set-cookie'].map((line) => line.split('=')[0]);
  const both = await get('/both');
  same([names(both), both.headers.vary], [['__Host-remember', '__Host-Http-session'], 'Cookie']);
  const large = await get('/large');
  same([large.body, names(large)], ['{"code":"cookie_too_large"}', ['__Host-remember']]);
  same(large.headers['cache-control'], 'no-store');
  same((await get('/twice')).body, '{"code":"request.cretula is taken"}');
  assert.match((await get('/name')).body, /other sessions in the cookie __Host-Http-session/);
  const late = express().use((req, res, next) => { res.flushHeaders(); next(); }).use(sessionMiddleware(cookie));
  late.use((error, req, res, next) => res.end(error.message));
  assert.match((await (await serve(late))('/')).body, /^the head was sent before/);
});

test('plain node:http: streaming, no clock, and a client that leaves', async () => {
  const done = [];
  const use = (made, handler) => {
    const middleware = sessionMiddleware(made, { onCommit: ({ wrote }) => done.push(wrote) });
    return (req, res) => middleware(req, res, (error) => {
      if (error) res.writeHead(500, { 'Content-Type': 'text/plain' }).end(error.code);
      else handler(req, res);
    });
  };
  const get = await serve(use(cookie, (req, res) => { visit(req); res.write('a'); res.end('b'); }));
  const first = await get('/');
  same([first.body, first.headers['cache-control']], ['ab', 'no-store']);
  isSet(first);

  const timeless = use(cookieOf({ clock: () => NaN }), (req, res) => res.end(`${req.cretula.notNow}`));
  const late = await (await serve(timeless))('/');
  same([late.status, late.body, late.headers.vary], [500, 'no_clock', 'Cookie']);

  let leave;
  const left = new Promise((resolve) => { leave = resolve; });
  const { port } = await serve(use(cookie, (req, res) => {
    visit(req);
    req.socket.once('close', () => {
      res.write('late', (error) => leave(error.code));
      res.end('later');
    });
  }));
  const socket = connect(port, '127.0.0.1', () => {
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n', () => setTimeout(() => socket.destroy(), 50));
  });
  same(await left, 'ERR_STREAM_DESTROYED');
  same(done, ['seal', 'seal']);
});
