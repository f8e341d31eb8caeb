import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
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
    return new Response(JSON.stringify(session.data), { status: 201, headers });
  }, { onCommit: ({ ended }) => seen.push(ended?.sid?.length) });
  const call = (path, cookie) => handle(new Request('https://x/', { headers: cookie ? { cookie } : {} }), path);

  const first = await call('add');
  const [theme, line] = first.headers.getSetCookie();
  assert.equal(theme, 'theme=dark');
  assert.match(line, /^__Host-session=CrE1.*; HttpOnly; SameSite=Lax$/);
  assert.deepEqual([first.status, first.headers.get('vary'), first.headers.get('cache-control')],
    [201, 'Accept, Cookie', 'no-store']);
  const cookie = `a=b; ${line.split(';')[0]}`;
  const read = await call('read', cookie);
  assert.deepEqual([await read.json(), read.headers.get('cache-control')], [{ n: 1 }, 'private']);
  assert.equal((await call('public', cookie)).headers.get('cache-control'), 'max-age=60');
  const off = await call('off', cookie);
  assert.equal(off.headers.getSetCookie().length, 3);
  assert.deepEqual(seen, ['absent', undefined, null, undefined, null, undefined, null, 22]);
});

test('the example of the README counts visits', async () => {
  const source = readFileSync(here('../example/server.js'), 'utf8');
  assert.ok(readFileSync(here('../README.md'), 'utf8').includes(`\`\`\`js\n${source}\`\`\``), 'README differs');
  process.env.SHOP_KEYS = await MasterKey.generate().exportText();
  const { server } = await import('../example/server.js');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const get = async (cookies) => {
    const made = request({ port: server.address().port, host: '127.0.0.1', agent: false, headers: { Cookie: cookies } });
    made.end();
    const [response] = await once(made, 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    return { body, headers: response.headers };
  };
  try {
    const first = await get(['a=b']);
    assert.equal(first.body, 'visit 1\n');
    assert.equal(first.headers['cache-control'], 'no-store');
    const second = await get(['a=b', first.headers['set-cookie'][0].split(';')[0]]);
    assert.equal(second.body, 'visit 2\n');
  } finally {
    server.close();
  }
});

test('the sources use the web platform alone, and are small', () => {
  for (const name of readdirSync(here('../src'))) {
    const source = readFileSync(here(`../src/${name}`), 'utf8');
    assert.ok(source.split('\n').length <= 400, name);
    assert.doesNotMatch(source, /['"]node:|\bBuffer\b|\bprocess\b|\brequire\(/, name);
  }
});
