/** Any name and any JSON value is data; what JavaScript would change in silence is refused ([SESS-06], [SESS-11]). */
import assert from 'node:assert/strict';
import { parse as parseQuery } from 'node:querystring';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { Context, Keyring, MasterKey, Sealer, Sessions } from '../src/index.js';

const now = 1790000000;
const late = now + 1000; // a refresh is due
const context = new Context('shop.example', 'session');
const ring = new Keyring([{ key: MasterKey.generate() }]);
const sessions = new Sessions({ ring, context, check: null });
const head = `{"sid":"AAECAwQFBgcICQoLDA0ODw","start":${now},"end":${now + 86400},"rev":1`;
const code = (expected) => (error) => error.code === expected;

async function opened(more) {
  const token = await new Sealer({ ring, context }).seal(`${head}${more}}`, { ttl: 1800, now });
  return sessions.open(token, { now });
}

/** Commits a new session that `change` changed. */
async function committed(change) {
  const session = await sessions.open(null, { now });
  change(session);
  return sessions.commit(session, { now });
}

const refused = (change) => assert.rejects(committed(change), code('payload_unserializable'));

// For readers of JSON, JavaScript, Python, PHP or databases these are more than names.
const NAMES = [
  ...Object.getOwnPropertyNames(Object.prototype), ...Object.getOwnPropertyNames(Array.prototype),
  ...Object.getOwnPropertyNames(Function.prototype), ...Object.getOwnPropertyNames(Map.prototype),
  'toJSON', 'then', 'prototype', '__class__', 'py/object', '$type', '@type', '$ref', '$date', 'json_class',
  '$serde_json::private::RawValue', '$serde_json::private::Number', '__proto', '0', '01', '-1', '-0', '1e0',
  '4294967295', 'true', 'null', 'NaN', 'undefined', 'sid', 'rev', 'sub', 'data', 'flash', '', ' ', '\0', '\0*\0b', 'é',
  'e\u0301', '\u2028', '\ufeff', '😀', 'Symbol(Symbol.iterator)', 'a.b', 'a[0]',
].filter((name) => name !== '__proto__');

test('names stay, by a refresh and when something else changes, at every depth', async () => {
  for (const name of new Set(NAMES)) {
    const n = JSON.stringify(name);
    const value = `{${n}:{${n}:[{${n}:${n}}]}}`;
    const session = await opened(`,"data":${value},"flash":{${n}:[${value}]}`);
    assert.equal(session.reason, null, n);
    assert.deepEqual(session.data, JSON.parse(value));
    assert.ok(Object.hasOwn(session.data, name), n);
    assert.equal((await sessions.commit(session, { now })).wrote, 'nothing', n);

    const read = await opened(`,"data":${value},"flash":{${n}:[${value}]}`);
    const { payload } = await sessions.commit(read, { now: late });
    assert.ok(payload.endsWith(`,"rev":2,"data":${value},"flash":{${n}:[${value}]}}`), payload);

    const changed = await opened(`,"data":${value}`);
    changed.data.more = 1;
    const written = JSON.parse((await sessions.commit(changed, { now })).payload);
    assert.deepEqual(written.data, { ...JSON.parse(value), more: 1 });

    const other = await opened(`,"data":${value},"flash":{${n}:[${value}]}`);
    assert.deepEqual(other.takeFlash(name), [JSON.parse(value)]);
    other.signOn({ sub: 'ada', gen: 7, keep: [name, 'isPrototypeOf'] });
    assert.deepEqual(other.data, JSON.parse(value));
    assert.deepEqual(other.takeFlash(name), []);
  }
});

test('texts that plain objects would change are refused', async () => {
  for (const text of [
    '{"__proto__":1}', '{"a":[{"__pr\\u006fto__":{}}]}', '{"0":1,"\\u0030":1}', '{"a":{"length":1,"length":1}}',
    '{"":null,"":null}', '{"a":9007199254740991.5}', '{"a":-1e400}',
  ]) assert.equal((await opened(`,"data":${text}`)).reason, 'payload_invalid', text);
});

test('a session differs by value', async () => {
  for (const [before, after, wrote] of [
    ['{"a":1,"b":{"c":[1],"d":2}}', '{"b":{"d":2.0,"c":[1e0]},"a":10E-1}', 'nothing'],
    ['{"a":0}', '{"a":-0.0}', 'nothing'],
    ['{"a":-0.0}', '{"a":0}', 'nothing'],
    ['{"a":0}', '{"a":-1e-400}', 'nothing'],
    ['{"a":0.1}', '{"a":0.1000000000000000055511}', 'nothing'],
    ['{"b":1,"0":[],"a":2}', '{"a":2,"b":1,"0":[]}', 'nothing'],
    ['{"a":0.1}', '{"a":0.10000000000000002}', 'seal'],
    ['{"a":1}', '{"a":true}', 'seal'],
    ['{"a":[[false]]}', '{"a":[[0]]}', 'seal'],
    ['{"a":1}', '{"a":"1"}', 'seal'],
    ['{"a":null}', '{}', 'seal'],
    ['{"a":{}}', '{"a":[]}', 'seal'],
    ['{"a":{"0":1}}', '{"a":[1]}', 'seal'],
    ['{"a":[1,2]}', '{"a":[2,1]}', 'seal'],
    ['{"é":1}', '{"e\u0301":1}', 'seal'],
  ]) {
    const session = await opened(`,"data":${before}`);
    session.data = JSON.parse(after);
    assert.equal((await sessions.commit(session, { now })).wrote, wrote, `${before} ${after}`);
    const other = await opened(`,"flash":{"m":[${before}],"n":[1]}`);
    for (const name of ['m', 'n']) other.takeFlash(name);
    other.flash('n', 1); // in another order
    other.flash('m', JSON.parse(after));
    assert.equal((await sessions.commit(other, { now })).wrote, wrote, `${before} ${after}`);
  }
});


class Basket {}
class List extends Array {}
class Bare extends null {}
const hidden = (value, name) => Object.defineProperty(value, name, { value: 1, enumerable: false });

const REFUSED = {
  'an inherited name': Object.create({ a: 1 }),
  'a name inherited from an object without a prototype': Object.create(Object.assign(Object.create(null), { a: 1 })),
  'a class without a prototype': Reflect.construct(Object, [], Bare),
  'a class': new Basket(),
  'a symbol for a name': { [Symbol('a')]: 1 },
  'a symbol that JavaScript knows': { [Symbol.toPrimitive]: 1 },
  'a hidden member': hidden({ a: 1 }, 'b'),
  'a match of a RegExp': /a/.exec('a'),
  'an array with a name': Object.assign([1], { a: 1 }),
  'an array with a negative index': Object.assign([1], { '-1': 1 }),
  'an array with a symbol': Object.assign([1], { [Symbol('a')]: 1 }),
  'an array with toJSON': hidden([1], 'toJSON'),
  'an array of a class': List.of(1),
  'an array without a prototype': Object.setPrototypeOf([1], null),
  'strings of a template': ((strings) => strings)`a`,
  'a hole': [1, , 2], // eslint-disable-line no-sparse-arrays
  'a hole and a name': Object.assign([,], { a: 1 }), // eslint-disable-line no-sparse-arrays
  'undefined in an array': [undefined],
  arguments: (function list() { return arguments; })(1), // eslint-disable-line prefer-rest-params
  Math,
  JSON,
  'Object.prototype': Object.prototype,
  'a toJSON': { toJSON: () => 1 },
  Date: new Date(0),
  Map: new Map([['a', 1]]),
  Set: new Set([1]),
  RegExp: /a/,
  Error: new Error('a'),
  Promise: Promise.resolve(1),
  Uint8Array: new Uint8Array(1),
  'a boxed number': Object(1),
  'a boxed string': Object('a'),
  'a boxed boolean': Object(false),
  'a boxed BigInt': Object(1n),
  BigInt: 1n,
  Symbol: Symbol('a'),
  'a function': () => 1,
  NaN: Number.NaN,
  Infinity: -Infinity,
  'another realm’s Date': runInNewContext('new Date(0)'),
  'another realm’s class': runInNewContext('new (class A {})()'),
  'a getter that throws': { get a() { throw new Error('secret'); } },
};

for (const [name, value] of Object.entries(REFUSED)) {
  test(`refused: ${name}`, async () => {
    await refused((session) => { session.data.a = value; });
    await refused((session) => { session.data = { a: [{ b: value }] }; });
    await refused((session) => session.flash('a', value));
    if (typeof value !== 'object') return;
    await refused((session) => { session.data = value; });
  });
}

const flips = (first, later) => {
  let reads = 0;
  return { get a() { reads += 1; return reads % 2 === 1 ? first : later; } };
};

const WRITTEN = {
  'no prototype': [Object.assign(Object.create(null), { toString: 1 }), '{"toString":1}'],
  'a parsed query': [parseQuery('a=1&a=2&constructor=x'), '{"a":["1","2"],"constructor":"x"}'],
  'groups of a RegExp': [/(?<then>a)/.exec('a').groups, '{"then":"a"}'],
  'another realm': [runInNewContext('({ a: [1, { b: [] }] })'), '{"a":[1,{"b":[]}]}'],
  'a frozen object': [Object.freeze({ a: Object.freeze([1]) }), '{"a":[1]}'],
  'a getter, read once': [flips(undefined, 1), '{"a":1}'], // once to compare, once to write,
  'a proxy': [new Proxy({ a: new Proxy([1], {}) }, {}), '{"a":[1]}'],
  'digits, first and in their order': [{ b: 1, 1: 2, 0: 3, '01': 4, '-1': 5 }, '{"0":3,"1":2,"b":1,"01":4,"-1":5}'],
  'undefined, left out': [{ a: undefined, b: 1 }, '{"b":1}'],
};

for (const [name, [value, text]] of Object.entries(WRITTEN)) {
  test(`written: ${name}`, async () => {
    const { payload } = await committed((session) => session.flash('a', value));
    assert.ok(payload.endsWith(`,"flash":{"a":[${text}]}}`), payload);
  });
}

test('a sign-on cuts nothing of data that could not have been written', async () => {
  const map = new Map([['a', 1]]);
  await refused((session) => { session.data = map; session.signOn({ sub: 'ada', gen: 7, keep: ['a'] }); });
  const { wrote } = await committed((session) => { session.data = map; session.signOn({ sub: 'ada', gen: 7 }); });
  assert.equal(wrote, 'seal');
});

test('names of messages are strings', async () => {
  const session = await sessions.open(null, { now });
  for (const name of [1, null, undefined, true, {}, ['a'], Object('a'), Symbol('a')]) {
    assert.throws(() => session.flash(name, 1), TypeError);
  }
});
