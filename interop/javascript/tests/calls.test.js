/** What the adapter makes of a request of `../protocol.md`, where no vector needs the adapter to be right. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../calls.js';
import { hex } from '../src/hazmat.js';
import { utf8 } from '../src/bytes.js';

const now = 1790000000;
const same = (a, b) => assert.deepEqual(a, b);
const ringOf = (...numbers) => numbers.map((n) => ({ key: hex(utf8(`cretula-test-key-number-${n}.......`)) }));
const common = {
  keyring: ringOf(1), audience: 'shop.example', purpose: 'session', policy: { idle: 1800, absolute: 86400, leeway: 60 },
};
const run = (...requests) => call('session', 'run', {
  ...common, requests: requests.map((one) => ({ now, commit: now, actions: [], ...one })),
});
const write = (inputs) => call('cookie', 'write', {
  ...common, cookie: {}, now, commit: now, fields: [], actions: [], ...inputs,
});
const set = { actions: [{ set_data: '{"a":[1,{"b":2}]}' }] };

test('a text that no reader of all languages takes fails the action', async () => {
  for (const text of [
    '', '1', '[]', 'null', '{"a":1,}', "{'a':1}", '{"a":1}x', '{"a":1,"a":1}', '{"a":[{"b":1,"\\u0062":1}]}',
    '{"a":"\\ud800"}', '{"\\udc00":1}', '{"a":1e400}', '{"a":[-1e400]}', '\ufeff{}', '{"a":01}', '{"a":NaN}',
  ]) {
    const off = { set_data: text };
    same(await run({ actions: [off, { set_data: '{}' }] }), { error: 'payload_unserializable' }, text);
    same(await write({ actions: [off, { sign_off: true }] }), { error: 'payload_unserializable' }, text);
    if (!/^([1n[].*)$/.test(text)) {
      const flash = { flash: { name: 'a', message: text } };
      same(await run({ actions: [flash] }), { error: 'payload_unserializable' }, text);
    }
  }
});

test('what JSON has and sessions do not fails the commit, if it seals', async () => {
  const deep = `{"a":${'['.repeat(16)}${']'.repeat(16)}}`;
  for (const text of ['{"a":9007199254740992}', '{"a":-1e300}', '{"__proto__":1}', '{"a":{"__proto__":{}}}', deep]) {
    same(await run({ actions: [{ set_data: text }] }), { error: 'payload_unserializable' }, text);
    const { result } = await run({ actions: [{ set_data: text }, { sign_off: true }] });
    same(result.requests[0].wrote, 'expire', text);
  }
});

test('without a clock, without randomness', async () => {
  const { result: { requests: [one] } } = await run({ now: null });
  same(one, { open: 'no_clock', not_now: true, wrote: 'nothing' });
  same(await run({ commit: null }), { error: 'no_clock' });
  same(await run({ ...set, no_randomness: true }), { error: 'no_randomness' });
  same((await write({ now: null })).result.open, 'no_clock');
  same(await write({ commit: null }), { error: 'no_clock' });
  same(await write({ ...set, no_randomness: true }), { error: 'no_randomness' });
  same(await call('cookie', 'read', { ...common, cookie: {}, now: null, fields: [] }), { error: 'no_clock' });
  const sealing = { ...common, limit: 16384, now, ttl: 60, payload: '' };
  same(await call('sealer', 'seal', { ...sealing, no_randomness: true }), { error: 'no_randomness' });
  same(await call('sealer', 'seal', { ...sealing, now: null, ttl: 0 }), { error: 'no_clock' });
  same(await call('signer', 'sign', { ...sealing, now: null }), { error: 'no_clock' });
  const opening = { ...common, limit: 16384, max_age: 60, leeway: 0, now: null, token: '' };
  same(await call('unsealer', 'unseal', opening), { error: 'no_clock' });
  same(await call('verifier', 'verify', opening), { error: 'no_clock' });
  assert.ok((await call('keyring', 'accept', { ...common, now: null })).skip);
});

test('rings are exchanged, before an open and before a commit', async () => {
  const { result: { requests } } = await run(
    set, { keyring: ringOf(2) }, { keyring: ringOf(1, 2), ...set, actions: [{ send: true }], exchange: ringOf(2) }, {},
  );
  same(requests.map(({ open, not_now: notNow, wrote }) => [open, notNow, wrote]), [
    ['new', undefined, 'seal'], ['unknown_key', true, 'nothing'], ['opened', undefined, 'seal'],
    ['opened', undefined, 'nothing'],
  ]);
});

test('a commit elsewhere, a second one, and actions after it', async () => {
  for (const [commitAs, error] of [
    [{ audience: 'x' }, 'context_invalid'], [{ purpose: 'x' }, 'context_invalid'],
    [{ policy: { idle: 1, absolute: 86400, leeway: 60 } }, 'context_invalid'], [{ policy: { idle: 1800 } }, undefined],
  ]) same((await run({ commit_as: commitAs })).error, error);
  same(await run({ commits: 2 }), { error: 'committed' });
  for (const action of [
    { set_data: '{}' }, { sign_on: { sub: 'ada', gen: 7, keep: [] } }, { reauthenticate: { gen: 7 } },
    { sign_off: true }, { flash: { name: 'a', message: '1' } }, { take_flash: { name: 'a' } }, { send: true },
  ]) same(await run({ after: [action] }), { error: 'committed' });
});

test('data is changed in place, and a dry run answers', async () => {
  const actions = [
    ...set.actions, { change: { path: ['a', 1, 'c'], value: '[1e0]' } }, { change: { path: ['a', 0], value: '"x"' } },
    { change: { path: ['d'], value: 'null' } }, { excess: { now } },
  ];
  const { result } = await write({ actions });
  assert.ok(result.payload.endsWith(',"data":{"a":["x",{"b":2,"c":[1]}],"d":null}}'), result.payload);
  same(result.answers, [0]);
  const { error, over, largest } = await write({ actions: [{ set_data: `{"b":"${'x'.repeat(5000)}"}` }] });
  same([error, over > 0, largest], ['cookie_too_large', true, 'b']);
  same(await write({ actions: [{ excess: { now: null } }] }), { error: 'no_clock' });
});
