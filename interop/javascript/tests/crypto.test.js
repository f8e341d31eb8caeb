/** The two ways to the primitives, beside each other: what one makes the other opens, and each refuses the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as node from '../src/crypto-node.js';
import * as web from '../src/crypto-web.js';

const both = [node, web];
const same = (a, b) => assert.deepEqual(a, b);
const bytes = (length, first = 0) => Uint8Array.from({ length }, (_, i) => (i * 31 + first) % 256);
const LENGTHS = [0, 1, 15, 16, 17, 255, 4096, 70000];

/** What a call of each gives, which has to be the same. */
async function agreed(call) {
  const [a, b] = await Promise.all(both.map(call));
  same(a, b); // also the class: Buffer has another slice
  return a;
}

test('both have the same exports, and package.json takes node:crypto into nothing but Node', () => {
  same(Object.keys(node), Object.keys(web));
  const { imports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const names = Object.keys(imports['#crypto']);
  same([names.at(-2), names.at(-1)], ['node', 'default']); // those before come first where a bundler sets node too
  for (const name of names) {
    assert.equal(imports['#crypto'][name], `./src/crypto-${name === 'node' ? 'node' : 'web'}.js`);
  }
});

test('hkdf, mac and sha256 agree', async () => {
  for (const length of LENGTHS) {
    await agreed(({ sha256 }) => sha256(bytes(length)));
    await agreed(async ({ mac, macKey }) => mac(await macKey(bytes(32)), bytes(length)));
  }
  for (const length of [0, 13, 524]) await agreed(({ hkdf }) => hkdf(bytes(32, 1), bytes(length), 64));
});

test('a mac is good whole, and only then', async () => {
  for (const { isMac, mac, macKey } of both) {
    const raw = bytes(32);
    const key = await macKey(raw);
    raw.fill(0);
    const tag = await mac(key, bytes(99));
    assert.equal(await isMac(key, tag, bytes(99)), true);
    assert.equal(await isMac(key, tag, bytes(98)), false);
    assert.equal(await isMac(await macKey(raw), tag, bytes(99)), false);
    for (const length of [0, 16, 31]) assert.equal(await isMac(key, tag.subarray(0, length), bytes(99)), false);
    assert.equal(await isMac(key, new Uint8Array(33), bytes(99)), false);
    for (let i = 0; i < 32; i += 1) {
      const wrong = tag.slice();
      wrong[i] ^= 1;
      assert.equal(await isMac(key, wrong, bytes(99)), false);
    }
    assert.doesNotMatch(inspect(key, { depth: 9, showHidden: true }), /\b31\b|001f3e/);
  }
});

test('each opens what the other encrypted; the key is wiped', async () => {
  const [iv, aad] = [bytes(12, 3), bytes(47, 5)];
  for (const length of LENGTHS) {
    const sealed = await agreed(async ({ encrypt }) => {
      const key = bytes(32);
      const made = await encrypt(key, iv, aad, bytes(length));
      same(key, new Uint8Array(32));
      return made;
    });
    assert.equal(sealed.length, length + 16);
    const opened = await agreed(async ({ decrypt }) => {
      const key = bytes(32);
      const made = await decrypt(key, iv, aad, sealed);
      same(key, new Uint8Array(32));
      return made;
    });
    same(opened, bytes(length));
  }
});

test('nothing opens after a change, nor with a tag that was cut', async () => {
  const [iv, aad] = [bytes(12, 3), bytes(47, 5)];
  const sealed = await web.encrypt(bytes(32), iv, aad, bytes(20));
  const flipped = (whole, i) => whole.map((byte, at) => (at === i ? byte ^ 128 : byte));
  for (const { decrypt } of both) {
    for (let i = 0; i < sealed.length; i += 1) {
      const key = bytes(32);
      assert.equal(await decrypt(key, iv, aad, flipped(sealed, i)), undefined);
      same(key, new Uint8Array(32));
    }
    assert.equal(await decrypt(bytes(32, 1), iv, aad, sealed), undefined);
    assert.equal(await decrypt(bytes(32), flipped(iv, 0), aad, sealed), undefined);
    assert.equal(await decrypt(bytes(32), iv, flipped(aad, 46), sealed), undefined);
    for (const octets of [1, 4, 8, 12, 15]) {
      assert.equal(await decrypt(bytes(32), iv, aad, sealed.slice(0, -octets)), undefined);
    }
    // Shorter than a tag, which no token is: both refuse, each in its way.
    const short = async (length) => decrypt(bytes(32), iv, aad, sealed.slice(-length));
    for (const length of [4, 8, 12, 15]) assert.equal(await short(length).catch(() => undefined), undefined);
  }
  // Node's own default takes the last octets as they are, also 4 of them.
  await assert.rejects(async () => node.decrypt(bytes(32), iv, aad, sealed.slice(-12)), /tag length/);
});

test('random bytes differ, and are as many as asked for', () => {
  for (const { random } of both) {
    const made = Array.from({ length: 100 }, () => random(12));
    assert.ok(made.every((one) => one.length === 12 && Object.getPrototypeOf(one) === Uint8Array.prototype));
    assert.equal(new Set(made.map(String)).size, 100);
  }
});
