import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { test } from 'node:test';
import { Context, Keyring, MasterKey, SessionCookie, Sessions } from 'cretula';
import { withSession } from 'cretula/fetch';

const here = (path) => new URL(path, import.meta.url);

test('the Fetch middleware opens, commits, and keeps the headers of the response', async () => {
  const sessions = new Sessions({
    ring: new Keyring([{ key: MasterKey.generate() }]), context: new Context('shop.example', 'session'), check: null,
  });
  const seen = [];
  const handle = withSession(new SessionCookie({ sessions }), (_, session, path) => {
    seen.push(session.reason);
    if (path === 'add') session.data.n = (session.data.n ?? 0) + 1;
    if (path === 'off') session.signOff();
    const headers = { Vary: 'Accept', 'Set-Cookie': 'theme=dark' };
    if (path === 'public') headers['Cache-Control'] = 'max-age=60';
    if (path === 'empty') headers['Cache-Control'] = '';
    return new Response(JSON.stringify(session.data), { status: 201, headers });
  }, { onCommit: ({ ended }) => seen.push(ended.length) });
  const call = (path, cookie) => handle(new Request('https://x/', { headers: cookie ? { cookie } : {} }), path);

  const first = await call('add');
  const [theme, line] = first.headers.getSetCookie();
  assert.equal(theme, 'theme=dark');
  assert.match(line, /^__Host-Http-session=CrE1.*; HttpOnly; SameSite=Lax$/);
  assert.deepEqual([first.status, first.headers.get('vary'), first.headers.get('cache-control')],
    [201, 'Accept, Cookie', 'no-store']);
  const cookie = `a=b; ${line.split(';')[0]}`;
  const read = await call('read', cookie);
  assert.deepEqual([await read.json(), read.headers.get('cache-control')], [{ n: 1 }, 'private']);
  assert.equal((await call('public', cookie)).headers.get('cache-control'), 'max-age=60');
  assert.equal((await call('empty', cookie)).headers.get('cache-control'), '');
  const off = await call('off', cookie);
  assert.equal(off.headers.getSetCookie().length, 3);
  assert.deepEqual(seen, ['absent', 0, null, 0, null, 0, null, 0, null, 1]);
});

const readme = readFileSync(here('../README.md'), 'utf8');
process.env.PORT = '0';
process.env.SHOP_KEYS = await MasterKey.generate().exportText();

/** An example of the README, which has it word for word. */
async function example(name) {
  const source = readFileSync(here(`../example/${name}`), 'utf8');
  assert.ok(readme.includes(`\`\`\`js\n${source}\`\`\``), `README differs from ${name}`);
  return import(`../example/${name}`);
}

/** Serves while `use` asks with `ask(path, cookies, method)`. */
async function served(server, use) {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    await use(async (path, cookies, method = 'GET') => {
      const { port } = server.address();
      const made = request({ port, path, method, host: '127.0.0.1', agent: false, headers: { Cookie: cookies } }).end();
      const [response] = await once(made, 'response');
      let body = '';
      for await (const chunk of response) body += chunk;
      return { body, headers: response.headers };
    });
  } finally {
    server.close();
  }
}

const pairs = ({ headers }) => headers['set-cookie'].map((line) => line.split(';')[0]);

test('the smallest example of the README counts visits', async () => {
  const { length } = readFileSync(here('../example/server.js'), 'utf8').trim().split('\n');
  assert.ok(length <= 20, `${length} lines`);
  const { server } = await example('server.js');
  await served(server, async (ask) => {
    const first = await ask('/', ['a=b']);
    assert.deepEqual([first.body, first.headers['cache-control']], ['visit 1\n', 'no-store']);
    assert.equal((await ask('/', ['a=b', ...pairs(first)])).body, 'visit 2\n');
  });
});

test('the Express example of the README signs on and off', async () => {
  const { app } = await example('express.js');
  await served(createServer(app), async (ask) => {
    assert.equal((await ask('/', ['a=b'])).body, '{"user":null,"messages":[]}');
    const on = pairs(await ask('/sign-on', ['a=b'], 'POST'));
    const page = await ask('/', on);
    assert.equal(page.body, '{"user":"ada","messages":["Welcome"]}');
    assert.equal((await ask('/', pairs(page))).body, '{"user":"ada","messages":[]}');
    const off = pairs(await ask('/sign-off', pairs(page), 'POST'));
    const mark = off.filter((pair) => pair.includes('.end='));
    assert.equal((await ask('/', [...pairs(page), ...mark])).body, '{"user":null,"messages":[]}');
  });
});

test('the Fetch example of the README counts visits', async () => {
  const { default: { fetch: handle } } = await example('fetch.js');
  const first = await handle(new Request('https://shop.example/'));
  const cookie = first.headers.getSetCookie()[0].split(';')[0];
  const second = await handle(new Request('https://shop.example/', { headers: { cookie } }));
  assert.equal(await second.text(), 'visit 2\n');
});

test('the package holds what belongs to it', () => {
  const options = ['--dry-run', '--json', '--ignore-scripts'];
  const packed = execFileSync('npm', ['pack', ...options], { cwd: here('..'), stdio: 'pipe' });
  const [{ files }] = JSON.parse(packed);
  const others = files.map(({ path }) => path).filter((path) => !/^src\/[a-z0-9-]+(\.d\.ts|\.js)$/.test(path));
  assert.deepEqual(others.filter((path) => !path.startsWith('LICENSE-')), ['README.md', 'package.json']);
  const { exports, imports } = JSON.parse(readFileSync(here('../package.json'), 'utf8'));
  for (const { types, default: source } of Object.values(exports)) {
    for (const path of [types, source]) assert.ok(files.some((file) => `./${file.path}` === path), path);
  }
  for (const path of Object.values(imports['#crypto'])) assert.ok(files.some((file) => `./${file.path}` === path), path);
});

test('the sources use the web platform alone, but for the primitives of Node, and are small', () => {
  for (const name of readdirSync(here('../src'))) {
    const source = readFileSync(here(`../src/${name}`), 'utf8');
    assert.ok(source.split('\n').length <= 400, name);
    if (name === 'crypto-node.js') continue; // crypto.test.js: package.json gives it to Node alone
    const optional = /globalThis\.process\?\.(?:env|getBuiltinModule\?\.\('node:fs\/promises'\))/g; // where there is one
    assert.doesNotMatch(source.replace(optional, ''), /['"]node:|\bBuffer\b|\bprocess\b|\brequire\(/, name);
  }
});
