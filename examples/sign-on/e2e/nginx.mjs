// Puts nginx with various buffers in front of the example and measures what passes.
//
//     node nginx.mjs            prints the figures
//     node nginx.mjs --write    writes them into ../docs/nginx.md
//     node nginx.mjs --check    compares them with what stands there
//
// SIGN_ON_BIN names the binary of the example (else it is built), NGINX that of nginx.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server, binary, certificate, listen } from './server.mjs';

const NGINX = process.env.NGINX ?? '/usr/sbin/nginx';
const DOCUMENT = new URL('../docs/nginx.md', import.meta.url);
const NAME = '__Host-Http-session';
/** Octets that a token in two cookies may have. */
const MOST = 5_980;

const VARIANTS = [
  { name: 'stock', lines: '' },
  { name: '`proxy_buffer_size 8k`', lines: 'proxy_buffer_size 8k;' },
  { name: '`proxy_buffer_size 16k; proxy_buffers 8 16k`', lines: 'proxy_buffer_size 16k; proxy_buffers 8 16k;' },
  { name: '`large_client_header_buffers 4 16k`', lines: 'large_client_header_buffers 4 16k;' },
];
const [STOCK, PROXY_8K, PROXY_16K, CLIENT_16K] = VARIANTS;

const folder = mkdtempSync(path.join(tmpdir(), 'sign-on-nginx-'));
const closers = [];
try {
  const version = spawnSync(NGINX, ['-v'], { encoding: 'utf8' }).stderr.trim().replace(/^.*: /, '');
  await setUp();
  const tables = await measure();
  const text = readFileSync(DOCUMENT, 'utf8');
  const written = replaced(replaced(text, 'figures', tables), 'version', `Measured with ${version}.`);
  if (process.argv.includes('--write')) {
    writeFileSync(DOCUMENT, written);
  } else if (process.argv.includes('--check')) {
    // Another version may well measure the same.
    assert.equal(replaced(text, 'figures', tables), text, 'run `node nginx.mjs --write`');
    const rows = tables.split('\n').filter((line) => line.startsWith('|') && !/^\| (---|buffers) /.test(line));
    for (const row of rows) console.log(`ok nginx ${row}`);
    console.log(`${rows.length} passed`);
  } else {
    console.log(`${version}\n\n${tables}`);
  }
} catch (error) {
  process.exitCode = 1;
  console.error(error);
} finally {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true });
}

/** Starts the example, an upstream whose response heads have any length, and nginx in front of both. */
async function setUp() {
  const server = await Server.start(binary(), { DATA: path.join(folder, 'data'), PROFILE: 'production' });
  closers.push(() => server.kill());
  const bare = net.createServer(answer);
  const port = await listen(bare);
  closers.push(() => bare.close());

  const { cert, key } = certificate(folder);
  for (const variant of VARIANTS) variant.port = await free();
  const servers = VARIANTS.map((variant) => `
    server {
      listen 127.0.0.1:${variant.port} ssl http2;
      ssl_certificate ${cert};
      ssl_certificate_key ${key};
      ${variant.lines}
      proxy_set_header Host $http_host;
      location / { proxy_pass ${server.origin.replace('localhost', '127.0.0.1')}; }
      location /head/ { proxy_pass http://127.0.0.1:${port}; }
      location /plain { return 200; }
    }`);
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(path.join(folder, 'nginx.conf'), `
    worker_processes 1;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log;
    events {}
    http {
      access_log off;
      ${places.map((place) => `${place}_temp_path ${folder}/${place};`).join('\n      ')}
      ${servers.join('')}
    }`);
  writeFileSync(path.join(folder, 'error.log'), '');
  const nginx = spawn(NGINX, ['-p', folder, '-c', path.join(folder, 'nginx.conf'), '-e', path.join(folder, 'error.log'),
    '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(nginx, 'exit');
  const leave = () => nginx.kill('SIGTERM');
  process.once('exit', leave);
  closers.push(async () => {
    process.off('exit', leave);
    nginx.kill('SIGTERM');
    await ended;
  });
  await until(async () => {
    assert.equal(nginx.exitCode, null, 'nginx runs');
    return (await ask(STOCK, '/plain').catch(() => ({}))).status === 200;
  });
  STOCK.direct = server.origin;
}

/** Answers `/head/1234` with a response head of so many octets. */
function answer(socket) {
  let request = '';
  socket.on('error', () => {}).on('data', (data) => {
    request += data.toString('latin1');
    if (!request.includes('\r\n\r\n')) return;
    const octets = Number(/^GET \/head\/([0-9]+)/.exec(request)[1]);
    const [before, after] = ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Filling: ', '\r\n\r\n'];
    socket.end(before + 'x'.repeat(octets - before.length - after.length) + after);
  });
}

async function measure() {
  const heads = [];
  const sessions = [];
  for (const variant of [STOCK, PROXY_8K, PROXY_16K]) {
    const head = await largest(1_000, 20_000, async (octets) => (await ask(variant, `/head/${octets}`)).status === 200);
    const { status } = await ask(variant, `/head/${head + 1}`);
    heads.push([variant.name, thousands(head), `${status}`]);
    sessions.push([variant.name, await one(variant), await two(variant)]);
  }
  const log = readFileSync(path.join(folder, 'error.log'), 'utf8');
  assert.match(log, /upstream sent too big header while reading response header from upstream/);

  const requests = [];
  const forms = [
    ['HTTP/1.1, one line', line], ['HTTP/2, one field', field], ['HTTP/2, a field for each cookie of 4 096', crumbs],
  ];
  for (const variant of [STOCK, CLIENT_16K]) {
    for (const [form, ask] of forms) {
      const octets = await largest(1_000, 100_000, async (n) => (await ask(variant, n)).status === 200);
      const { status, error } = await ask(variant, octets + 1);
      requests.push([variant.name, form, thousands(octets), error ?? `${status}`]);
    }
  }
  return [
    'Response heads, all lines together:\n',
    table(['buffers', 'largest that passes, octets', 'one octet more'], heads),
    '\nThe example’s answer to a change of the session, over HTTP/1.1 and HTTP/2 alike:\n',
    table(['buffers', 'one cookie: largest name and value', 'two cookies: largest token'], sessions),
    '\nCookies of a request:\n',
    table(['buffers', 'form', 'octets of `Cookie` that pass', 'one octet more'], requests),
  ].join('\n');
}

/** The largest session in one cookie that passes, with the head of its response. */
async function one(variant) {
  const inOne = (lines) => lines.length === 1;
  return session(variant, inOne, (lines) => size(lines[0]));
}

/** The largest session in two cookies that passes. */
async function two(variant) {
  const inTwo = (lines) => lines.length === 2;
  // The second part comes first, after id `.`; then the first one, after `2.` id `.`.
  return session(variant, inTwo, (lines) => value(lines[0]).length - 9 + value(lines[1]).length - 11);
}

/** Searches by the number of letters in the notes; the lines that a proxy swallows are read without it. */
async function session(variant, isSo, octets) {
  const direct = async (letters) => save(STOCK.direct, letters);
  const fits = async (letters) => {
    const { status, lines } = await direct(letters);
    return status === 303 && (isSo(lines) || lines.length === 1);
  };
  const most = await largest(1, 6_000, fits);
  const inOne = async (letters) => (await direct(letters)).lines.length === 1;
  const least = isSo((await direct(1)).lines) ? 1 : 1 + await largest(1, 6_000, inOne);
  const passes = async (letters) => (await save(variant, letters)).status === 303;
  if (!await passes(least)) {
    const { status } = await save(variant, least);
    return `none: ${status} from ${thousands(octets((await direct(least)).lines))} on`;
  }
  const found = await largest(least, most, passes);
  const { lines, head } = await direct(found);
  const said = `${thousands(octets(lines))}, in a head of ${thousands(head)}`;
  for (const letters of [found, Math.min(found + 1, most)]) {
    const [first, second] = [await save(variant, letters), await save(variant, letters, true)];
    assert.equal(second.status, first.status, 'HTTP/2 as HTTP/1.1');
  }
  if (found === most) return `${said}: all there are`;
  const over = await direct(found + 1);
  const { status } = await save(variant, found + 1);
  return `${said}; ${status} from ${thousands(octets(over.lines))}, in ${thousands(over.head)}, on`;
}

/** Posts notes of so many letters as a new guest. */
async function save(where, letters, overHttp2 = false) {
  const body = `notes=${'x'.repeat(letters)}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  if (typeof where === 'string') return send(http.request(new URL('/notes', where), { method: 'POST', headers }), body);
  if (overHttp2) return stream(where, { ':method': 'POST', ':path': '/notes', ...headers }, body);
  return send(request(where, '/notes', { method: 'POST', headers }), body);
}

function ask(variant, where, headers = {}) {
  return send(request(variant, where, { headers }));
}

function request({ port }, where, options) {
  const there = { host: '127.0.0.1', port, path: where, rejectUnauthorized: false, agent: false };
  return https.request({ ...there, maxHeaderSize: 65_536, ...options });
}

async function send(request, body) {
  request.end(body);
  const [response] = await once(request, 'response');
  response.resume();
  const { statusCode: status, statusMessage, rawHeaders } = response;
  // As they came: name, colon, space, value, CR LF; and the first line, and the empty one.
  const head = `HTTP/1.1 ${status} ${statusMessage}\r\n`.length + 2
    + rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0);
  return { status, head, lines: response.headers['set-cookie'] ?? [] };
}

/** One request over HTTP/2; `error` where there is no response. */
async function stream({ port }, headers, body) {
  const options = { rejectUnauthorized: false, maxSendHeaderBlockLength: 1 << 20 };
  const client = http2.connect(`https://127.0.0.1:${port}`, options);
  let away;
  client.on('error', () => {}).on('goaway', (code) => { away = code; });
  try {
    const request = client.request(headers, { endStream: body === undefined });
    if (body !== undefined) request.end(body);
    const [response] = await once(request, 'response');
    return { status: response[':status'], lines: response['set-cookie'] ?? [] };
  } catch (error) {
    if (away === undefined) throw error;
    const calm = away === http2.constants.NGHTTP2_ENHANCE_YOUR_CALM;
    return { error: `connection closed, \`${calm ? 'ENHANCE_YOUR_CALM' : away}\`` };
  } finally {
    client.destroy();
  }
}

function line(variant, octets) {
  return ask(variant, '/plain', { cookie: filling(octets) });
}

function field(variant, octets) {
  return stream(variant, { ':path': '/plain', cookie: filling(octets) });
}

/** As browsers send them over HTTP/2. */
function crumbs(variant, octets) {
  const text = filling(octets);
  const fields = [];
  for (let at = 0; at < octets; at += 4_096) fields.push(text.slice(at, at + 4_096));
  return stream(variant, { ':path': '/plain', cookie: fields });
}

/** Base64url letters, like a token’s. */
function filling(octets) {
  const letters = 'CrE1AgQYx3dF-7bZm_K0pWv9sLtUhNqJ';
  return `a=${letters.repeat(Math.ceil(octets / letters.length))}`.slice(0, octets);
}

/** The largest number in the range for which the test holds, if it holds up to there and not beyond. */
async function largest(low, high, holds) {
  assert.ok(await holds(low), `${low}`);
  let [yes, no] = [low, high + 1];
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (await holds(middle)) yes = middle; else no = middle;
  }
  return yes;
}

/** The value in a Set-Cookie line. */
function value(line) {
  return line.slice(line.indexOf('=') + 1, line.indexOf(';'));
}

/** The octets of name and value of a Set-Cookie line. */
function size(line) {
  return line.indexOf(';') - 1;
}

function thousands(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ' ');
}

async function free() {
  const listener = net.createServer();
  const port = await listen(listener);
  listener.close();
  return port;
}

async function until(holds) {
  for (let at = 0; at < 100; at += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('nginx does not answer');
}

function table(names, rows) {
  return [names, names.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** The text with another content between the two marks of this name. */
function replaced(text, name, content) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  assert.ok(from >= 0 && to > from, `the marks of ${name}`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}
