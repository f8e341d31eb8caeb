/** One owner of keyring, audience and clock, and what comes with it. */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Keyring, LiveKeyring, MasterKey, Site } from 'cretula';
import { withSession } from 'cretula/fetch';
import { signedOn } from 'cretula/testing';

const same = (a, b) => assert.deepEqual(a, b);
const code = (expected) => (error) => error.code === expected;
const ringOf = () => new Keyring([{ key: MasterKey.generate() }]);
const textOf = () => MasterKey.generate().exportText();
const lineOf = (pairs) => pairs.find(([name]) => name === 'Set-Cookie')[1].split(';')[0];

function recorded() {
  const lines = [];
  const level = (name) => (text, error) => lines.push([`${name} ${text}`, error?.code]);
  return { lines, log: { error: level('error'), warn: level('warn'), info: level('info') } };
}

async function until(holds) {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 500, 'in five seconds');
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}

test('one exchange of the ring reaches the sessions and every cookie of the site', async () => {
  let now = 1790000000;
  const site = new Site(ringOf(), 'shop.example', { clock: () => now, log: null });
  const sessions = site.sessions({ check: null, idle: 600, absolute: 3600 });
  const returnUrl = site.cookie('return-url', { ttl: 60 });
  const cookie = await signedOn(sessions, 'ada', 7, { theme: 'dark' });
  const token = lineOf(await returnUrl.write('/basket'));
  const opened = await sessions.open([cookie]);
  same([opened.sub, opened.gen, opened.data, opened.end - now], ['ada', 7, { theme: 'dark' }, 3600]);
  same([sessions.settings.name, returnUrl.settings.name], ['__Host-Http-session', '__Host-Http-return-url']);
  const read = await returnUrl.read([token]);
  same([new TextDecoder().decode(read.payload), read.ttl], ['/basket', 60]);
  now += 60;
  await assert.rejects(returnUrl.read([token]), code('expired'));
  now -= 60;
  site.keyring.replace(ringOf());
  same((await sessions.open([cookie])).reason, 'unknown_key');
  await assert.rejects(returnUrl.read([token]), code('unknown_key'));
});

test('cookies of a site that clash are refused when the second is made', () => {
  const site = new Site(ringOf(), 'shop.example');
  site.sessions({ check: null });
  for (const make of [
    () => site.sessions({ check: null }), () => site.cookie('session'), () => site.cookie('session', { name: 'x' }),
    () => site.sessions({ purpose: 'remember', name: '__Host-Http-session' }),
    () => site.cookie('a', { name: '__Host-Http-session.end' }),
  ]) assert.throws(make, code('cookie_clash'));
  site.cookie('return-url', { ttl: 600 });
  assert.throws(() => site.sessions({ purpose: 'return-url', name: '__Host-x' }), code('cookie_clash'), '[SESS-24]');
  site.sessions({ purpose: 'remember', name: '__Host-remember', idle: 2592000, absolute: 2592000 });
  for (const make of [
    () => site.sessions({ idel: 1 }), () => site.cookie('b', { life: 1 }), () => new Site(ringOf(), 'x', { dev: true }),
    () => new Site(ringOf(), 'x', { development: 'yes' }), () => new Site('key', 'x'),
  ]) assert.throws(make, TypeError);
  assert.throws(() => new Site(ringOf(), ''), code('context_invalid'));
  assert.throws(() => site.cookie('c', { ttl: 0 }), code('ttl_range'));
});

test('a development site has plain cookies, with its name in them', async () => {
  const site = new Site(ringOf(), 'https://shop.example', { development: true });
  const sessions = site.sessions({ check: null });
  same(site.cookie('return-url').settings.name, 'https---shop.example-return-url');
  same(site.cookie('a', { name: '__Host-a' }).settings.name, 'https---shop.example-a');
  const handle = withSession(sessions, (_, session) => { session.data.n = 1; return new Response('x'); });
  const [line] = (await handle(new Request('http://localhost/'))).headers.getSetCookie();
  assert.match(line, /^https---shop\.example-session=CrE1[\w-]+; Path=\/; Max-Age=1800; HttpOnly; SameSite=Lax$/);
});

test('a keyring of a variable: errors name the variable, and not what it holds', async () => {
  const key = await textOf();
  same((await Keyring.fromEnv('SHOP_KEYS', { SHOP_KEYS: key })).entries.length, 1);
  process.env.CRETULA_TEST_KEYS = key;
  same((await Keyring.fromEnv('CRETULA_TEST_KEYS')).entries.length, 1);
  await assert.rejects(Keyring.fromEnv('CRETULA_TEST_NONE'), {
    code: 'keyring_empty', message: 'the variable CRETULA_TEST_NONE is not set',
  });
  const wrong = `${key.slice(0, -1)}!`;
  await assert.rejects(Keyring.fromEnv('SHOP_KEYS', { SHOP_KEYS: wrong }), ({ message, entry }) => {
    assert.match(message, /^the variable SHOP_KEYS: key_\w+: entry 0$/);
    return entry === 0;
  });
});

test('a mounted file is read again; a refused one changes nothing and is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cretula-'));
  const path = join(folder, 'keys');
  const put = async (text) => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  const { lines, log } = recorded();
  const events = [];
  const watch = () => Site.watching(path, 'shop.example', { every: 0.02, log, onEvent: (event) => events.push(event) });
  await assert.rejects(watch(), code('ENOENT'));
  await put('no key');
  await assert.rejects(watch(), code('key_format'));
  const [first, second] = [await textOf(), await textOf()];
  await put(first);
  const site = await watch();
  try {
    const sessions = site.sessions({ check: null });
    const cookie = await signedOn(sessions, 'ada', 7);
    const ring = site.keyring.current;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    same([lines, events, site.keyring.current === ring], [[], [], true]);
    await put('no key');
    await until(() => lines.length > 1);
    same(lines[0], ['error keyring refused: key_format', 'key_format']);
    same([events[0].type, events[0].error.code], ['refused', 'key_format']);
    same((await sessions.open([cookie])).sub, 'ada');
    await put(`${second},${first}`);
    await until(() => events.at(-1).type === 'exchanged');
    same(lines.at(-1), ['info keyring exchanged', undefined]);
    same((await sessions.open([cookie])).sub, 'ada');
    await put(second);
    await until(() => events.filter(({ type }) => type === 'exchanged').length === 2);
    same((await sessions.open([cookie])).reason, 'unknown_key');
    await rm(path);
    await until(() => lines.at(-1)[1] === 'ENOENT');
    await put(second); // the ring in force: that it is well again is told
    await until(() => events.filter(({ type }) => type === 'exchanged').length === 3);
  } finally {
    site.close();
    await rm(folder, { recursive: true });
  }
});

test('readings take effect in the order in which they began, the same text too', async () => {
  const [one, two] = [await textOf(), await textOf()];
  const readings = [];
  const read = () => new Promise((resolve, reject) => { readings.push({ resolve, reject }); });
  const watching = Site.watching(read, 'shop.example', { every: 0.01, log: null });
  readings[0].resolve(one);
  const site = await watching;
  await until(() => readings.length > 3);
  const ring = site.keyring.current;
  readings[3].resolve(one); // a later reading that finds the present text
  await new Promise(setImmediate);
  readings[1].resolve(two); // is not undone by an earlier one that was slow
  readings[2].reject(new Error('gone'));
  await new Promise((resolve) => { setTimeout(resolve, 30); });
  same(site.keyring.current === ring, true);
  site.close();
  readings.forEach(({ resolve }) => resolve(one));
  const live = new LiveKeyring(ring);
  same([await live.reload(one), await live.reload(one), await live.reload(Buffer.from(one))], [true, false, true]);
  live.replace(ring);
  same(await live.reload(Buffer.from(one)), true);
});
