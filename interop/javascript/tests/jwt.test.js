/** The browser's JWT (§21.5): each fault in turn, its code, and the two ways to the primitives beside each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../src/base64url.js';
import { fromHex, utf8 } from '../src/bytes.js';
import { headerValue } from '../src/cookie-read.js';
import * as node from '../src/crypto-node.js';
import * as web from '../src/crypto-web.js';
import { isPoint, readJwt, thumbprint } from '../src/jwt.js';
import { DeviceKey } from './device-key.js';

const same = (a, b) => assert.deepEqual(a, b);
const key = new DeviceKey();
const good = key.registering('challenge');
const text = (value) => encode(utf8(value));

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const G = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};
const bytesOf = (value) => fromHex(value.toString(16).padStart(64, '0'));
const coordinate = (value) => encode(bytesOf(value));
const pointOf = ({ x, y }) => ({ x: coordinate(x), y: coordinate(y) });

async function codeOf(value, given) {
  try {
    await readJwt(value, given);
    return undefined;
  } catch (error) {
    assert.equal(error.name, 'CretulaError', error.stack);
    return error.code;
  }
}

/** A JWT whose header has these members in the place of the usual ones. */
const withHeader = (header) => key.raw(JSON.stringify(header), '{"jti":"a"}');
const usual = { alg: 'ES256', typ: 'dbsc+jwt', jwk: key.jwk };

test('a right one is read, by its own key or by a given one', async () => {
  const { jti, key: found } = await readJwt(good);
  same([jti, found], ['challenge', { x: key.jwk.x, y: key.jwk.y }]);
  same((await readJwt(key.refreshing('again'), key.jwk)).jti, 'again');
  const more = key.registering('a', { kid: 1, jku: 'x', cty: null }, { aud: [], iat: 1.5, authorization: '' });
  same((await readJwt(more)).jti, 'a');
  const jwk = { ...key.jwk, alg: 'RS256', use: 'enc', key_ops: [], ext: 1, kid: {} };
  same((await readJwt(key.registering('a', { jwk }))).jti, 'a');
  same((await readJwt(key.raw(` {"typ":"dbsc\\u002bjwt","alg":"ES256","jwk":${JSON.stringify(key.jwk)}}\n`,
    '{"jti":""}'))).jti, '');
});

test('each fault has its code, and the earlier step is told', async () => {
  const [header, claims, signature] = good.split('.');
  const other = new DeviceKey();
  for (const [code, ...values] of [
    ['jwt_format', '', '.', '..', '...', header, `${header}.${claims}`, `${good}.`, `.${good}`, `${good}.${signature}`,
      `.${claims}.${signature}`, `${header}..${signature}`, `${header}=.${claims}.${signature}`,
      `${text('[]')}.${claims}.${signature}`, `${header}.${text('"jti"')}.${signature}`, `${header}.${text('{}')}.`,
      `${text('{"alg":"ES256","alg":"ES256"}')}.${claims}.${signature}`, `${header}.${text('{"jti":1}')}.${signature}`,
      `${header}.${text('{"jti":"a","n":1e400}')}.${signature}`, `${header}.${text('{"jti":"\\ud800"}')}.${signature}`,
      `${header}.${text(`{"jti":"a","n":${'['.repeat(16)}${']'.repeat(16)}}`)}.${signature}`,
      `${header}.${text('\ufeff{"jti":"a"}')}.${signature}`, `${header}.${encode(Uint8Array.of(0xff))}.${signature}`,
      `${header}.${text('{"jti":null}')}.${signature}`, withHeader({ ...usual, typ: 'JWT' }).replace(/\.[^.]+\./,
        '.e30.'),
      'x'.repeat(5000), good.padEnd(4097, 'A'), `${good}\u00e9`.replace('.', '.\u00e9'), '\ud800.\ud800.\ud800'],
    ['jwt_algorithm', ...[
      { typ: 'JWT' }, { typ: 'DBSC+JWT' }, { typ: undefined }, { typ: ['dbsc+jwt'] }, { alg: 'none' }, { alg: 'es256' },
      { alg: 'RS256' }, { alg: 'HS256' }, { alg: 'ES384' }, { alg: undefined }, { alg: ['ES256'] }, { crit: [] },
      { crit: null }, { crit: ['exp'] }, { alg: 'none', jwk: undefined },
    ].map((change) => withHeader({ ...usual, ...change })),
      `${withHeader({ ...usual, alg: 'none' }).replace(/[^.]+$/, '')}`],
    ['jwt_key', ...[
      undefined, null, 1, 'jwk', [], {}, { ...key.jwk, kty: 'OKP' }, { ...key.jwk, kty: undefined }, { ...key.jwk,
        kty: 'ec' },
      { ...key.jwk, crv: 'P-384' }, { ...key.jwk, crv: 'secp256r1' }, { ...key.jwk, crv: undefined },
      { ...key.jwk, d: key.privateKey.export({ format: 'jwk' }).d }, { ...key.jwk, d: null }, { ...key.jwk,
        x: undefined },
      { ...key.jwk, y: undefined }, { ...key.jwk, x: `${key.jwk.x}=` }, { ...key.jwk, x: `A${key.jwk.x}` },
      { ...key.jwk, x: key.jwk.x.slice(0, -1) }, { ...key.jwk, x: 1 }, { ...key.jwk, x: [key.jwk.x] },
      { ...key.jwk, x: key.jwk.y, y: key.jwk.x }, { ...key.jwk, x: `+${key.jwk.x.slice(1)}` },
    ].map((jwk) => withHeader({ ...usual, jwk }))],
    ['jwt_signature', `${header}.${claims}.`, `${header}.${claims}.A`, `${good}A`, `${good}AA`, `${good}==`,
      good.slice(0, -1), `${header}.${claims}.${'A'.repeat(86)}`, `${header}.${text('{"jti":"b"}')}.${signature}`,
      other.registering('a', { jwk: key.jwk }), `${header}.${claims}.${signature.slice(0, -1)}\u00e9`,
      `${header}.${claims}.${'A'.repeat(1000)}`],
  ]) for (const value of values) same([await codeOf(value), value], [code, value]);
  same(await codeOf(other.registering('a'), key.jwk), 'jwt_signature',
    'a key of the header is no key where one is given');
  for (const jwk of [null, 'x', { ...key.jwk, x: 1 }, other.jwk]) {
    same(await codeOf(key.refreshing('a', { jwk }), key.jwk), undefined, 'nor is it looked at');
  }
});

test('4 096 octets are read, one more is not', async () => {
  const padded = (pad) => key.registering('a', {}, { pad: 'x'.repeat(pad) });
  const short = padded(0).length;
  let pad = Math.floor(((4096 - short) * 3) / 4);
  while (padded(pad).length < 4096) pad += 1;
  same([padded(pad).length, await codeOf(padded(pad))], [4096, undefined]);
  while (padded(pad).length <= 4096) pad += 1;
  same(await codeOf(padded(pad)), 'jwt_format');
});

test('a point is one of the curve, its coordinates below p', () => {
  same(isPoint(key.jwk.x, key.jwk.y), true);
  const root = 0x66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4n; // of b: the point with x = 0
  for (const [holds, x, y] of [
    [true, G.x, G.y], [true, G.x, P - G.y], [true, 0n, root], [true, 0n, P - root],
    [false, 0n, 0n], [false, G.x, G.y + 1n], [false, G.x ^ 1n, G.y], [false, G.y, G.x], [false, G.x, 0n], [false, P,
      root],
    [false, P, 0n], [false, 0n, P + root], [false, 2n ** 256n - 1n, 2n ** 256n - 1n], [false, P - 1n, P - 1n], [false,
      N, N],
  ]) {
    const point = pointOf({ x, y });
    same(isPoint(point.x, point.y), holds, `${x} ${y}`);
  }
  const { x, y } = pointOf(G);
  for (const bad of [undefined, null, 1, '', x.slice(1), `${x}A`, `${x}=`, ` ${x.slice(1)}`, `${x.slice(0, -1)}B`, [x],
    { x }]) {
    same([isPoint(bad, y), isPoint(x, bad)], [false, false]);
  }
});

test('a point off the curve is jwt_key, whatever the platform would say', async () => {
  for (const point of [{ x: 0n, y: 0n }, { x: G.x, y: G.y + 1n }, { x: P, y: G.y }, { x: 2n ** 256n - 1n, y: 0n }]) {
    same(await codeOf(withHeader({ ...usual, jwk: { ...key.jwk, ...pointOf(point) } })), 'jwt_key');
  }
});

test('r and s of zero, or not below the order, verify nowhere; a high s does, in both', async () => {
  const message = utf8(good.slice(0, good.lastIndexOf('.')));
  const [, r, s] = /^(.{64})(.{64})$/.exec(Buffer.from(good.split('.')[2], 'base64url').toString('hex'))
    .map((digits) => BigInt(`0x${digits}`));
  for (const [holds, first, second] of [
    [true, r, s], [true, r, N - s], [false, r, 0n], [false, 0n, s], [false, 0n, 0n], [false, N, s], [false, r, N],
    [false, N, N], [false, 2n ** 256n - 1n, 2n ** 256n - 1n], [false, s, r], [false, N - r, s], [false, 1n, 1n],
    [false, r + 1n, s], ...(r + N < 2n ** 256n ? [[false, r + N, s]] : []), ...(s + N < 2n ** 256n ? [[false, r,
      s + N]] : []),
  ]) {
    const signature = new Uint8Array([...bytesOf(first), ...bytesOf(second)]);
    for (const { isEs256 } of [node, web]) same(await isEs256(key.jwk, signature, message), holds,
      `${first} ${second}`);
  }
});

test('the thumbprint is that of RFC 7638', async () => {
  const jwk = { x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' };
  same(await thumbprint(jwk), 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U');
});

test('the value of a field', () => {
  for (const [field, value] of [
    ['a', 'a'], [' \ta\t ', 'a'], ['"a"', 'a'], ['\t"a" ', 'a'], ['" a "', ' a '], ['""', ''], ['"', '"'], ['', ''],
    [' ', ''], ['"a', '"a'], ['a"', 'a"'], ['""a""', '"a"'], ["'a'", "'a'"], ['\u00a0a\v', '\u00a0a\v'],
  ]) same(headerValue(field), value);
});
