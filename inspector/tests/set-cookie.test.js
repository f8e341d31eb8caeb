// The Set-Cookie checker. What it says of browsers is compared with one in browser.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkLine, checkTotal, heldBy, joined } from '../src/cookie-rules.js';
import { EXAMPLE, EXAMPLE_COOKIE } from '../src/examples.js';
import { parseSetCookie } from '../src/set-cookie.js';

const NOW = 1790000000;
const GOOD = `__Host-session=${EXAMPLE.sealed}; Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax`;
const found = (line, verdict) => checkLine(line, NOW).findings.filter((one) => one.verdict === verdict);
const words = (list) => list.map(({ words: text }) => text).join('\n');

/** The line has a finding of this verdict, with these words and this rule. */
function has(line, verdict, pattern, rule) {
  const list = found(line, verdict);
  assert.ok(
    list.some((one) => pattern.test(one.words) && one.rule === rule),
    `${line}\n${JSON.stringify(list, null, 1)}`,
  );
}

test('finds nothing in the lines that the binding writes', () => {
  for (const line of [GOOD, EXAMPLE_COOKIE, `set-cookie:${GOOD}`]) {
    assert.deepEqual([...found(line, 'error'), ...found(line, 'warning')], [], line);
  }
  has(GOOD, 'fine', /octet by octet, what the library writes/, 'COOK-09');
});

test('finds no error in any line of the vectors', () => {
  let lines = 0;
  for (const { result } of JSON.parse(
    readFileSync(new URL('../../test-vectors/v1/cookie.json', import.meta.url), 'utf8'),
  ).vectors) {
    for (const [name, line] of result?.headers ?? []) {
      if (name !== 'Set-Cookie') continue;
      lines += 1;
      assert.equal(words(found(line, 'error')), '', line);
      has(line, 'fine', /what the library writes/, 'COOK-09');
    }
  }
  assert.ok(lines > 50, `${lines} lines`);
});

test('prefixes', () => {
  has('__Host-a=b; Path=/; HttpOnly', 'error', /__Host- without Secure/, undefined);
  has('__Host-a=b; Path=/; HttpOnly', 'error', /Secure is missing, which the prefix needs/, 'COOK-02');
  has('__Host-a=b; Path=/x; Secure', 'error', /__Host- needs Path=\//, 'COOK-02');
  has('__Host-a=b; Secure', 'error', /__Host- without Path=\//, undefined);
  has('__Host-a=b; Path=/; Secure; Domain=shop.example', 'error', /__Host- does not go with Domain/, 'COOK-02');
  has('__host-a=b; Path=/; Secure', 'error', /case variant of __Host-/, 'COOK-01');
  for (const name of ['__Host-http-a', '__HOST-a', '__http-a', '__host-Http-a', '__SECURE-a'])
    has(`${name}=b; Path=/; Secure; HttpOnly`, 'error', /case variant/, 'COOK-01');
  for (const name of ['__Host-Http-a', '__Http-a', '__Host-httpa'])
    assert.deepEqual(found(`${name}=b; Path=/; Max-Age=9; Secure; HttpOnly; SameSite=Lax`, 'error'), [], name);
  has('__Http-a=b; Secure; Domain=shop.example', 'fine', /^Domain=shop.example/, 'COOK-02');
  has('__Host-Http-a=b; Secure; Domain=shop.example', 'error', /does not go with Domain/, 'COOK-02');
  has('__Host-Http-a=b; Path=/; Secure', 'error', /__Host-Http- without HttpOnly/, undefined);
  has('__Secure-a=b', 'error', /__Secure- without Secure/, undefined);
  has('a=b; Domain=shop.example; Secure', 'error', /needs a name that begins with __Secure- or __Http-/, 'COOK-02');
  has('__Secure-a=b; Domain=.shop.example; Secure; Path=/', 'warning', /the dot before it is ignored/, 'COOK-02');
  has('session=b; Path=/', 'warning', /no prefix/, '§20.3');
});

test('names and values', () => {
  has('a b=c', 'error', /RFC 9110/, 'COOK-01');
  has('=c', 'error', /there is no name/, 'COOK-01');
  has('bare', 'error', /a cookie that has no name/, 'COOK-04');
  has(`${'n'.repeat(65)}=c`, 'error', /65 characters, over 64/, 'COOK-01');
  has('a="b"', 'warning', /quotation marks are a part/, 'COOK-04');
  has('a=b,c', 'warning', /outside RFC 6265's/, undefined);
  has('a=b\u0000c', 'error', /control character/, undefined);
  has('a=b\tc', 'error', /a tab inside/, undefined);
  has(`a=${EXAMPLE.signed}`, 'warning', /its holder can read it/, '§20');
});

test('sizes', () => {
  has(`a=${'x'.repeat(4095)}`, 'fine', /4096 octets/, 'COOK-11');
  has(`a=${'x'.repeat(4096)}`, 'error', /1 over 4096/, 'COOK-11');
  has(`a=${'é'.repeat(2048)}`, 'error', /1 over 4096/, 'COOK-11');
  has(`a=b; Path=/${'x'.repeat(1024)}`, 'warning', /"Path" is ignored: its value has 1025 octets/, 'COOK-09');
  const total = (...lines) => checkTotal(lines.map((line) => checkLine(line, NOW))).verdict;
  assert.deepEqual([total(`a=${'x'.repeat(3499)}`), total(`a=${'x'.repeat(3499)}`, 'b=')], ['fine', 'warning']);
});

test('attributes', () => {
  has('a=b; SameSite=None', 'error', /SameSite=None needs Secure/, 'COOK-02');
  has('a=b; SameSite=None; Secure', 'warning', /sent with requests of other sites/, 'COOK-02');
  has('a=b; SameSite=Loose', 'warning', /neither Strict, Lax nor None/, 'COOK-09');
  has('a=b', 'warning', /SameSite is missing/, 'COOK-09');
  has('a=b', 'error', /HttpOnly is missing/, 'COOK-09');
  has('a=b; Partitioned', 'error', /Partitioned needs Secure/, 'COOK-02');
  has('a=b; Path=/; Path=/x', 'warning', /path stands more than once/, 'COOK-09');
  has('a=b; Priority=High', 'warning', /browsers do not know it/, 'COOK-09');
  has('a=b; HTTPONLY ; secure', 'fine', /^HttpOnly$/, 'COOK-09');
  has('a=b; Domain=', 'warning', /"Domain" is ignored: it is empty/, 'COOK-09');
});

test('life', () => {
  for (const age of ['', 'abc', '60.5', '+5', '0x9'])
    has(`a=b; Max-Age=${age}`, 'warning', /no whole number/, 'COOK-09');
  has('a=b; Max-Age=34560001', 'warning', /cut to 34560000, 400 days/, '§20.8');
  has('a=b; Max-Age=0', 'fine', /takes the cookie away/, 'COOK-09');
  has('a=b; Expires=Wed, 21 Oct 2099 07:28:00 GMT', 'warning', /cut to 400 days/, 'COOK-09');
  has('a=b; Max-Age=5; Expires=Wed, 21 Oct 2015 07:28:00 GMT', 'warning', /Max-Age counts/, 'COOK-09');
  has('a=b; Expires=Wed, 21 Oct 2015 07:28:00 GMT', 'fine', /browsers take the cookie away/, undefined);
  has('a=b; Expires=soon', 'warning', /it is no date/, 'COOK-09');
  has('a=b', 'fine', /forgets the cookie when it closes/, '§20.1');
});

test('dates', () => {
  const date = (text) => parseSetCookie(`a=b; Expires=${text}`, NOW).effective.expires;
  const expected = Date.UTC(2015, 9, 21, 7, 28) / 1000;
  for (const text of [
    'Wed, 21 Oct 2015 07:28:00 GMT',
    'Wednesday, 21-Oct-15 07:28:00 GMT',
    'Wed Oct 21 07:28:00 2015',
  ]) {
    assert.equal(date(text), expected, text);
  }
  for (const text of ['', '31 Feb 2015 07:28:00', '21 Oct 2015 24:00:00', '21 Oct 1600 07:28:00', '21 Oct 2015']) {
    assert.equal(date(text), undefined, text);
  }
});

test('the two cookies of a large token', () => {
  const token = `CrE1${'A'.repeat(4500)}`;
  const rest = '; Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax';
  const one = checkLine(`__Host-session=2.abcdefgh.${token.slice(0, 2989)}${rest}`, NOW);
  const two = checkLine(`__Host-session.1=abcdefgh.${token.slice(2989)}${rest}`, NOW);
  assert.deepEqual(
    [one, two].map(({ held }) => held.form),
    ['first part', 'second part'],
  );
  assert.equal(joined([one, two]), token);
  assert.equal(joined([two, one]), token);
  assert.equal(joined([one]), undefined);
  assert.equal(joined([one, checkLine('__Host-session.1=abcdefgi.AAAA', NOW)]), undefined);
  assert.equal(joined([one, checkLine('__Host-other.1=abcdefgh.AAAA', NOW)]), undefined);
  has(`__Host-session=2.abcdefgh.CrE1${rest}`, 'warning', /a writer cuts at 2989/, 'COOK-15');
  has(`__Host-session.1=abcdefgh.${'A'.repeat(2992)}${rest}`, 'error', /3001 octets/, 'COOK-14');
  const mark = 'fCvH-ZXPfMOzdxqR_WS2sG';
  has(`s.end=${mark}`, 'fine', /^the mark of an ended session$/, 'COOK-07');
  has(`s.end=${mark}.${mark}`, 'fine', /^the marks of 2 ended sessions$/, 'COOK-07');
  const long = `__Host-${'s'.repeat(57)}`;
  for (const suffix of ['.1', '.end', '.proof']) has(`${long}${suffix}=${rest}`, 'fine', /^the name,/, 'COOK-01');
  has(`${long}.prof=${rest}`, 'error', /69 characters, over 64/, 'COOK-01');
  const forms = [
    ['s', ''],
    ['s.end', mark],
    ['s.end', `${mark}.${mark}`],
    ['s.end', `${mark}.`],
    ['s', mark],
    ['s', EXAMPLE.sealed],
    ['s', EXAMPLE.signed],
    ['s', 'abcdefgh.x'],
  ];
  assert.deepEqual(
    forms.map((one) => heldBy(...one).form),
    ['empty', 'marks', 'marks', 'other', 'other', 'sealed', 'signed', 'other'],
  );
});
