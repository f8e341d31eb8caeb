// What the checker says of browsers, compared with what Chromium stores.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parseSetCookie } from '../../src/set-cookie.js';

const far = 'Wed, 21 Oct 2099 07:28:00 GMT';
/** Left out: `Max-Age=+60`, which Chromium takes as 60, against RFC 6265bis. */
const LINES = [
  'a=b',
  'a=b=c',
  ' a \t=\t b ; Path=/',
  '=b',
  'bare',
  '=',
  'a=',
  '="q"',
  'a="q"',
  'a=b,c d',
  'a\tb=c',
  'a=b\tc',
  'a=b\u0001c',
  'a=b\u007fc',
  `a=${'x'.repeat(4095)}`,
  `a=${'x'.repeat(4096)}`,
  `${'n'.repeat(4096)}=`,
  `a=b; Path=/${'x'.repeat(1023)}`,
  `a=b; Path=/${'x'.repeat(1024)}`,
  'a=b; Path=/dog; Path=',
  'a=b; path=/dog; path=dog',
  `a=b; Path=/dog; Path=/${'x'.repeat(1024)}`,
  '__Host-a=b; Secure; Path=/; Path=',
  '__Host-a=b; Secure; Path=/',
  '__Host-a=b; Path=/',
  '__Host-a=b; Secure',
  '__Host-a=b; Secure; Path=/x',
  '__Host-a=b; Secure; Path=/; Domain=localhost',
  '__Host-a=b; Secure; Path=/; Domain=',
  '__host-a=b; Path=/',
  '__HOST-a=b; Secure; Path=/',
  '__Secure-a=b',
  '__Secure-a=b; Secure',
  '__secure-a=b',
  '__Http-a=b; Secure',
  '__Http-a=b; Secure; HttpOnly',
  '__Host-Http-a=b; Secure; Path=/',
  '__Host-Http-a=b; Secure; Path=/; HttpOnly',
  '__Host-http-a=b; Secure; Path=/',
  '__host-Http-a=b; Secure; Path=/; HttpOnly',
  '__HTTP-a=b; Secure',
  '__Host-httpa=b; Secure; Path=/',
  '=__Host-a=b; Secure; Path=/',
  '__Host-a; Secure; Path=/',
  'a=b; SameSite=None',
  'a=b; SameSite=none; Secure',
  'a=b; SameSite=STRICT',
  'a=b; SameSite=Loose',
  'a=b; SameSite',
  'a=b; samesite=lax; SameSite=Strict',
  'a=b; Partitioned',
  'a=b; Partitioned; Secure',
  'a=b; Path=x',
  'a=b; Path=',
  'a=b; path=/x; PATH=/y',
  'a=b; HTTPONLY; SeCuRe=no',
  'a=b; Max-Age=60',
  'a=b; Max-Age=0',
  'a=b; Max-Age=-1',
  'a=b; Max-Age=',
  'a=b; Max-Age=abc',
  'a=b; Max-Age=60.5',
  'a=b; Max-Age=0060',
  'a=b; Max-Age=99999999',
  'a=b; Max-Age=60; Max-Age=90',
  `a=b; Expires=${far}`,
  `a=b; Max-Age=60; Expires=${far}`,
  'a=b; Expires=Wed, 21 Oct 2015 07:28:00 GMT',
  'a=b; Max-Age=60; Expires=Wed, 21 Oct 2015 07:28:00 GMT',
  'a=b; Expires=soon',
  'a=b; Priority=High; Foo=bar;;',
];

export async function cookieFacts({ browser, check }) {
  let line;
  // Raw, since node:http refuses to send what some of these lines hold.
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close';
    socket.once('data', () => socket.end(Buffer.from(`${head}\r\nSet-Cookie: ${line}\r\n\r\nok`, 'latin1')));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://localhost:${server.address().port}/`;
  try {
    await check(`${LINES.length} Set-Cookie lines are what Chromium makes of them`, async () => {
      const differences = [];
      for (line of LINES) {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(address);
        const now = Math.floor(Date.now() / 1000);
        const stored = await context.cookies();
        await context.close();
        const [got, want] = [stored.map((cookie) => shown(cookie, now)), expected(line, now)].map((one) =>
          JSON.stringify(one),
        );
        if (got !== want) differences.push(`${JSON.stringify(line.slice(0, 80))}: ${got}, not ${want}`);
      }
      assert.deepEqual(differences, []);
    });
  } finally {
    server.close();
  }
}

/** What the checker expects to be stored. */
function expected(line, now) {
  const { fault, name, value, effective } = parseSetCookie(line, now);
  const { 'max-age': age, expires, path = '/', secure = false, httponly = false, samesite } = effective;
  const life = age ?? (expires === undefined ? undefined : expires - now);
  if (fault !== undefined || life <= 0) return [];
  const cookie = { name, value, path, secure, httpOnly: httponly, sameSite: samesite ?? 'Lax' };
  return [life === undefined ? cookie : { ...cookie, life: rounded(life) }];
}

function shown({ name, value, path, secure, httpOnly, sameSite, expires }, now) {
  const cookie = { name, value, path, secure, httpOnly, sameSite };
  return expires < 0 ? cookie : { ...cookie, life: rounded(expires - now) };
}

/** The clock goes on between the answer and the look. */
function rounded(seconds) {
  return Math.round(seconds / 15);
}
