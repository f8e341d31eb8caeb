// Drives each shop over a socket with one scenario: `node run.mjs [NAME…]`. Counts lines: `node run.mjs --lines`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Context, Keyring, MasterKey, SessionCookie, Sessions, TokenCookie } from '../../interop/javascript/src/index.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = path.join(HERE, '../..');
const { SHOPS_BIN = path.join(ROOT, 'examples/target/debug'), PYTHON = 'python3' } = process.env;

const rust = (name) => ({ source: `rust/src/bin/${name}.rs`, command: [path.join(SHOPS_BIN, `shop-${name}`)] });
const node = (name) => ({ source: `javascript/${name}.js`, command: [process.execPath, `${name}.js`] });
const python = (name) => ({ source: `python/${name}_shop.py`, command: [PYTHON, `${name}_shop.py`] });
const go = (name) => ({ source: `go/${name}/main.go`, command: [path.join(ROOT, 'target/ci/shops-go', name)] });

/** Each shop's one file of source, and the command that starts it, in the folder of its language. */
export const SHOPS = {
  axum: rust('axum'),
  'actix-web': rust('actix-web'),
  rocket: rust('rocket'),
  express: node('express'),
  fastify: node('fastify'),
  hono: node('hono'),
  flask: python('flask'),
  fastapi: python('fastapi'),
  django: python('django'),
  'net-http': go('net-http'),
  chi: go('chi'),
  gin: go('gin'),
  echo: go('echo'),
  jetty: {
    source: 'java/src/main/java/example/Shop.java',
    command: ['java', '-cp', 'target/classes:target/lib/*', 'example.Shop'],
  },
};

const SESSION = '__Host-Http-session';
const RETURN_URL = '__Host-Http-return-url';
const ATTRIBUTES = ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'];
/** Pages that need no session: some middlewares open none then, and their responses say nothing of it. */
const UNASKED = ['/sign-on', '/no-such-page'];
/** Seconds for a keyring file to be read again: a shop reads it every second. */
const READ_AGAIN = 10;

const newKey = () => MasterKey.generate().exportText();
const now = () => Math.floor(Date.now() / 1_000);

/** What a token of a shop holds: the session, or null if the ring does not open it. */
async function inside(token, text) {
  const ring = await Keyring.fromText(text);
  const context = new Context('shop.example', 'session');
  const sessions = new Sessions({ ring, context, check: async ({ gen }) => ({ gen }), log: null });
  const session = await new SessionCookie({ sessions }).open(`${SESSION}=${token}`);
  return session.reason === null ? session : null;
}

/** A return-url cookie as the shop would have written it. */
async function sealedReturnUrl(payload, text) {
  const set = { ring: await Keyring.fromText(text), context: new Context('shop.example', 'return-url'), ttl: 600 };
  const [[, line]] = await new TokenCookie({ ...set, name: RETURN_URL }).write(payload);
  return line.slice(line.indexOf('=') + 1, line.indexOf(';'));
}

class Shop {
  /** What it has written, without the first line. */
  log = '';

  constructor({ source, command, cwd = path.join(HERE, source.split('/')[0]) }) {
    const [program, ...args] = command;
    this.folder = mkdtempSync(path.join(tmpdir(), 'shop-'));
    this.keys = path.join(this.folder, 'keys');
    Object.assign(this, { program, args, cwd });
  }

  /** Puts a text in the place of the keyring file: a shop that reads meanwhile sees the old one or the new one. */
  give(text) {
    writeFileSync(`${this.keys}.draft`, text, { mode: 0o600 });
    renameSync(`${this.keys}.draft`, this.keys);
  }

  async start() {
    const env = { ...process.env, PORT: '0', KEYS: this.keys };
    this.child = spawn(this.program, this.args, { cwd: this.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (status, signal) => resolve(`ended: ${status ?? signal}`));
      this.child.once('error', (error) => resolve(error.message));
    });
    this.child.stderr.setEncoding('utf8').on('data', (text) => { this.log += text; });
    const first = new Promise((resolve) => {
      const lines = createInterface(this.child.stdout);
      lines.once('line', (line) => {
        resolve(line);
        lines.on('line', (next) => { this.log += `${next}\n`; });
      });
    });
    const late = sleep(60_000, 'nothing for 60 seconds', { ref: false });
    const line = await Promise.race([first, this.ended, late]);
    if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(line)) throw new Error(`it did not start: ${line}`);
    this.origin = line;
  }

  async stop() {
    if (this.child?.pid !== undefined) {
      this.child.kill('SIGTERM');
      const killed = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
      await this.ended;
      clearTimeout(killed);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A browser, as far as it matters here: cookies by name, kept and sent as if the shop were on https. */
class Jar {
  cookies = new Map();

  constructor(shop) {
    this.shop = shop;
  }

  get session() {
    return this.cookies.get(SESSION);
  }

  /** A second browser with the same cookies. */
  copy() {
    const jar = new Jar(this.shop);
    jar.cookies = new Map(this.cookies);
    return jar;
  }

  get(url) {
    return this.send('GET', url);
  }

  post(url, form = {}, headers = {}, expected = {}) {
    return this.send('POST', url, {
      ...expected,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(form).toString(),
    });
  }

  /**
   * Sends a request, keeps the cookies, and checks what every response has to carry. `may5xx`: it may fail. `unopened`:
   * it may be refused before its session is opened.
   */
  async send(method, url, { headers = {}, body = '', may5xx = false, unopened = false } = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await exchange(`${this.shop.origin}${url}`, method, {
      'Sec-Fetch-Site': 'same-origin',
      ...(method === 'POST' && { 'Content-Length': Buffer.byteLength(body) }),
      ...(cookie && { Cookie: cookie }),
      ...headers,
    }, body);
    const where = `${method} ${url} → ${response.status}`;
    assert.ok(response.status < 500 || may5xx, `${where}\n${response.body.slice(0, 400)}`);
    const lines = response.headers['set-cookie'] ?? [];
    const cacheControl = response.headers['cache-control'];
    if (lines.length > 0 || !(unopened || UNASKED.includes(url))) {
      assert.equal(cacheControl, lines.length > 0 ? 'no-store' : 'private', `Cache-Control of ${where}`);
      assert.match(response.headers.vary ?? '', /\bcookie\b/i, `Vary of ${where}`);
    }
    response.set = new Map(lines.map((line) => this.#keep(line, where)));
    assert.equal(response.set.size, lines.length, `${where}: a cookie is set twice: ${lines.map((it) => it.split('=')[0])}`);
    return response;
  }

  #keep(line, where) {
    const [pair, ...rest] = line.split('; ');
    const maxAge = Number(rest.find((it) => it.startsWith('Max-Age='))?.slice('Max-Age='.length));
    const others = rest.filter((it) => !/^(?:Max-Age|Expires)=/.test(it));
    const [, name, value] = /^([^=]+)=(.*)$/.exec(pair);
    assert.deepEqual(others.sort(), ATTRIBUTES, `attributes of ${name}: ${where}`);
    assert.ok(Number.isInteger(maxAge), `Max-Age of ${name}: ${where}`);
    if (maxAge > 0) this.cookies.set(name, value);
    else this.cookies.delete(name);
    return [name, { value, maxAge }];
  }
}

function exchange(url, method, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => { text += chunk; }).once('error', reject).once('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: text });
      });
    });
    request.once('timeout', () => request.destroy(new Error(`no response in 10 seconds: ${method} ${url}`)));
    request.once('error', reject).end(body);
  });
}

const page = (user, basket = [], message) => (
  `user: ${user}\nbasket: ${basket.join(', ')}\n${message === undefined ? '' : `message: ${message}\n`}`);
const isPage = (response, ...expected) => {
  assert.equal(response.status, 200);
  assert.equal(response.body, page(...expected));
};
const isRedirect = ({ status, headers }, to) => {
  // Some frameworks make the address absolute.
  const { pathname, host } = new URL(headers.location ?? 'http://none', 'http://127.0.0.1');
  assert.deepEqual([status, host.split(':')[0], pathname], [303, '127.0.0.1', to]);
};

/** The checks, in their order: each needs the state that those before it left. */
async function scenario(shop, check) {
  const first = await newKey();
  let ring = first;
  shop.give(ring);
  await check('it starts', () => shop.start());

  const ada = new Jar(shop);
  const signOn = async (jar) => isRedirect(await jar.post('/sign-on', { sub: 'ada' }), '/');
  const open = (jar) => inside(jar.session, ring);
  let guest; // a copy of ada's cookies from before she signed on
  let sid; // of the guest

  await check('1 a guest who looks gets no cookie', async () => {
    const response = await ada.get('/');
    isPage(response, 'guest');
    assert.equal(response.set.size, 0);
  });

  await check('2 a guest has a basket', async () => {
    const response = await ada.post('/basket', { item: 'tea' });
    isRedirect(response, '/');
    assert.deepEqual([...response.set.keys()], [SESSION]);
    isPage(await ada.get('/'), 'guest', ['tea']);
    const session = await open(ada);
    assert.ok(session, 'the cookie is sealed with the key of the file, for shop.example and session');
    ({ sid } = session);
  });

  await check('3 the account of a guest: to sign-on, and back later', async () => {
    const response = await ada.get('/account');
    isRedirect(response, '/sign-on');
    assert.deepEqual([...response.set].map(([name, { maxAge }]) => [name, maxAge]), [[RETURN_URL, 600]]);
    assert.equal((await ada.get('/sign-on')).body, 'please sign on\n');
  });

  await check('4 an unknown user is not signed on', async () => {
    for (const form of [{ sub: 'eve' }, {}]) {
      const response = await ada.post('/sign-on', form);
      assert.deepEqual([response.status, response.body, response.set.size], [403, 'no such user\n', 0]);
    }
    isPage(await ada.get('/'), 'guest', ['tea']);
  });

  await check('5 sign-on leads to the account', async () => {
    guest = ada.copy();
    const response = await ada.post('/sign-on', { sub: 'ada' });
    isRedirect(response, '/account');
    assert.equal(response.set.get(RETURN_URL)?.maxAge, 0, 'the return-url is expired');
    const account = await ada.get('/account');
    assert.deepEqual([account.status, account.body], [200, 'account of ada\n']);
  });

  await check('5 sign-on gives a new session ID', async () => {
    const session = await open(ada);
    assert.deepEqual([session?.sub, session?.gen], ['ada', 1]);
    assert.notEqual(session.sid, sid);
  });

  await check('5 sign-on keeps the basket', async () => {
    assert.deepEqual((await open(ada)).data, { basket: ['tea'] });
  });

  await check('5 the cookie of the guest is refused', async () => isPage(await guest.get('/'), 'guest'));

  await check('6 a message is shown once', async () => {
    isPage(await ada.get('/'), 'ada', ['tea'], 'Welcome, ada');
    isPage(await ada.get('/'), 'ada', ['tea']);
  });

  await check('7 a second item', async () => {
    await ada.post('/basket', { item: 'milk' });
    isPage(await ada.get('/'), 'ada', ['tea', 'milk']);
  });

  await check('8 a post of another site is refused', async () => {
    const evil = { Origin: 'https://evil.example' };
    for (const headers of [{ ...evil, 'Sec-Fetch-Site': 'cross-site' }, { ...evil, 'Sec-Fetch-Site': [] }]) {
      const response = await ada.post('/basket', { item: 'poison' }, headers, { unopened: true });
      assert.deepEqual([response.status, response.set.size], [403, 0], JSON.stringify(headers));
    }
    isPage(await ada.get('/'), 'ada', ['tea', 'milk']);
  });

  const basket = ['tea', 'milk'];
  await check('8 … and one of an older browser from a page of the shop is not', async () => {
    basket.push('jam');
    isRedirect(await ada.post('/basket', { item: 'jam' }, { Origin: shop.origin, 'Sec-Fetch-Site': [] }), '/');
    isPage(await ada.get('/'), 'ada', basket);
  });

  await check('9 a session that is too large is not written, and says what is', async () => {
    const response = await ada.post('/basket', { item: 'x'.repeat(5_000) });
    assert.equal(response.status, 413);
    const over = Number(/^basket: (\d+) octets too many\n$/.exec(response.body)?.[1]);
    assert.ok(over > 2_000 && over < 5_000, response.body.slice(0, 200));
    assert.deepEqual([response.set.size, response.headers.location], [0, undefined], 'nothing of the dropped response');
    isPage(await ada.get('/'), 'ada', basket);
  });

  /** Waits until the shop seals with a ring, for a new guest each time: no session of the scenario changes. */
  const sealsWith = async (text) => {
    const until = Date.now() + READ_AGAIN * 1_000;
    for (;;) {
      const jar = new Jar(shop);
      await jar.post('/basket', { item: 'tea' });
      if (await inside(jar.session, text)) return;
      assert.ok(Date.now() < until, `the keyring file was not read again in ${READ_AGAIN} seconds`);
      await sleep(100);
    }
  };
  const second = await newKey();
  const other = await newKey();

  await check('10 a new key takes over while sessions live', async () => {
    const keys = [{ key: first }, { key: second, seal_from: now() + 2 }];
    ring = JSON.stringify({ cretula: 'keyring-v1', keys });
    shop.give(ring);
    isPage(await ada.get('/'), 'ada', basket);
    await sealsWith(second);
    isPage(await ada.get('/'), 'ada', basket);
  });

  await check('10 a session whose key is not there is read as none', async () => {
    shop.give(other);
    await sealsWith(other);
    const response = await ada.get('/');
    isPage(response, 'guest');
    assert.equal(response.set.size, 0);
  });

  await check('10 … and no write replaces it: 503', async () => {
    const response = await ada.post('/basket', { item: 'lost' }, {}, { may5xx: true });
    assert.deepEqual([response.status, response.set.size, response.headers.location], [503, 0, undefined]);
  });

  await check('10 … and it is back with its key', async () => {
    shop.give(ring);
    await sealsWith(second);
    isPage(await ada.get('/'), 'ada', basket);
  });

  await check('11 a refused keyring file changes nothing', async () => {
    const from = shop.log.length;
    shop.give('garbage');
    const until = Date.now() + READ_AGAIN * 1_000;
    while (!/refused|keyring_format/i.test(shop.log.slice(from))) {
      assert.ok(Date.now() < until, 'the log says nothing about it');
      await sleep(50);
    }
    await ada.post('/basket', { item: 'salt' });
    basket.push('salt');
    isPage(await ada.get('/'), 'ada', basket);
    await sealsWith(second);
    shop.give(ring);
  });

  await check('12 sign-off ends the session, and copies of it', async () => {
    const copy = ada.copy();
    isPage(await copy.get('/'), 'ada', basket);
    isRedirect(await ada.post('/sign-off'), '/');
    assert.equal(ada.session, undefined);
    isPage(await ada.get('/'), 'guest');
    isPage(await copy.get('/'), 'guest');
  });

  const [one, two] = [new Jar(shop), new Jar(shop)];
  await check('13 sign-off everywhere ends the sessions of other browsers', async () => {
    await signOn(one);
    await signOn(two);
    isPage(await two.get('/'), 'ada', [], 'Welcome, ada');
    isRedirect(await one.post('/sign-off-everywhere'), '/');
    isPage(await two.get('/'), 'guest');
    await signOn(two);
    assert.equal((await open(two))?.gen, 2);
  });

  await check('14 HEAD and an unknown page leave the session alone', async () => {
    isPage(await two.get('/'), 'ada', [], 'Welcome, ada');
    const head = await two.send('HEAD', '/');
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.equal((await two.get('/no-such-page')).status, 404);
    isPage(await two.get('/'), 'ada');
  });

  await check('15 garbage in the Cookie header does no harm', async () => {
    for (const garbage of [`${SESSION}=garbage; =; ;;${RETURN_URL}=%00"`, `${SESSION}=`, 'é\u{80}=\u{ff}', `${SESSION}="x"; ${SESSION}=y`]) {
      const response = await new Jar(shop).send('GET', '/sign-on', { headers: { Cookie: garbage } });
      assert.deepEqual([response.status, response.body], [200, 'please sign on\n']);
      isPage(await new Jar(shop).send('GET', '/', { headers: { Cookie: garbage } }), 'guest');
    }
  });

  await check('16 sign-on leads to no other site', async () => {
    const forged = ['garbage', await sealedReturnUrl('/account', other)];
    for (const url of ['//evil.example', 'https://evil.example/']) forged.push(await sealedReturnUrl(url, ring));
    for (const value of forged) {
      const jar = new Jar(shop);
      jar.cookies.set(RETURN_URL, value);
      await signOn(jar);
    }
  });
  if (shop.child.exitCode !== null) throw new Error('it ended');
}

/** Runs the scenario: the names of the checks that failed. */
export async function run(shop, print = console.log) {
  const server = new Shop(shop);
  const kill = () => server.child?.kill('SIGKILL');
  process.once('exit', kill);
  const failed = [];
  let passed = 0;
  const check = async (name, body) => {
    try {
      await body();
      passed += 1;
      print(`  ok      ${name}`);
    } catch (error) {
      failed.push(name);
      print(`  FAILED  ${name}\n${indented(error.message)}`);
      if (name === 'it starts') throw error;
    }
  };
  try {
    await scenario(server, check);
  } catch (error) {
    if (failed.length === 0) failed.push(error.message);
  } finally {
    await server.stop();
    process.removeListener('exit', kill);
  }
  if (failed.length > 0) print(`  its log\n${indented(server.log.slice(-4_000))}`);
  return { passed, failed };
}

/** Does the work for each item, three at a time: a shop mostly waits. */
export async function each(items, work) {
  const waiting = [...items];
  await Promise.all(Array.from({ length: 3 }, async () => {
    while (waiting.length > 0) await work(waiting.shift());
  }));
}

const indented = (text) => text.replace(/^/gm, '    | ');

const DUTIES = ['set-up', 'sign-on', 'flash', 'return-url', 'reload', '503', 'too-large', 'posts'];

/** Lines of source for each duty: between `[duty]` and `[/]`, without blank lines, comments and lone brackets. */
export function linesOf(text, source) {
  const found = Object.fromEntries(DUTIES.map((duty) => [duty, 0]));
  let inside;
  text.split('\n').forEach((line, i) => {
    const [, mark] = /^\s*(?:\/\/|#)\s*\[([a-z0-9/-]+)\]\s*$/.exec(line) ?? [];
    if (mark === undefined) {
      if (inside !== undefined && !/^\s*(?:(?:\/\/|\/\*|\*(?:[\s/]|$)|#(?!\[)).*|[\s()[\]{};,]*)$/.test(line)) found[inside] += 1;
    } else if (inside === undefined ? !DUTIES.includes(mark) : mark !== '/') {
      throw new Error(`${source}:${i + 1}: [${mark}] is not expected here`);
    } else {
      inside = mark === '/' ? undefined : mark;
    }
  });
  if (inside !== undefined) throw new Error(`${source}: [${inside}] has no end`);
  return found;
}

function table() {
  const rows = Object.entries(SHOPS).map(([name, { source }]) => {
    const lines = linesOf(readFileSync(path.join(HERE, source), 'utf8'), source);
    const found = DUTIES.map((duty) => lines[duty]);
    const duties = found.reduce((sum, it) => sum + it, 0) - lines[DUTIES[0]];
    const most = source.startsWith('rust/') ? 25 : 20;
    if (duties > most) throw new Error(`${source}: ${duties} lines for its duties, at most ${most}`);
    return [`[${name}](${source})`, ...found, `**${duties}**`];
  });
  const head = ['shop', ...DUTIES, 'without set-up'];
  return [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

/** Prints the table; with `--check` compares it with that of README.md, with `--write` puts it there. */
function lines(option) {
  const text = table();
  process.stdout.write(text);
  if (option === undefined) return;
  const file = path.join(HERE, 'README.md');
  const readme = readFileSync(file, 'utf8');
  const written = readme.replace(/(<!-- lines -->\n)[^]*(?=<!-- \/lines -->)/, (_, mark) => mark + text);
  if (option === '--write') writeFileSync(file, written);
  else if (option !== '--check') throw new Error(`no option ${option}; there are: --check, --write`);
  else if (written !== readme || !readme.includes(text)) throw new Error('README.md has another table: --lines --write');
}

async function main(args) {
  if (args[0] === '--lines') return lines(args[1]);
  const unknown = args.find((name) => !Object.hasOwn(SHOPS, name));
  if (unknown !== undefined) throw new Error(`no shop ${unknown}; there are: ${Object.keys(SHOPS).join(', ')}`);
  let sum = 0;
  const failed = [];
  await each(args.length > 0 ? args : Object.keys(SHOPS), async (name) => {
    const said = [name];
    const result = await run(SHOPS[name], (line) => said.push(line));
    console.log(said.join('\n'));
    sum += result.passed;
    if (result.failed.length > 0) failed.push(name);
  });
  console.log(`${sum} passed${failed.length > 0 ? `, failed: ${failed.join(', ')}` : ''}`);
  if (failed.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
