/** A number of data has one spelling in every language ([SESS-05]). */
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { test } from 'node:test';
import { Context, Keyring, MasterKey, Sealer, Sessions } from '../src/index.js';
import { writeValue } from '../src/json.js';

const abs = (n) => (n < 0n ? -n : n);

/** The shortest digits that read back to `x`, of several the closest, of two the even; the power of ten of the first. */
function shortest(x) {
  const exact = BigInt(x.toExponential(40).split('e')[0].replace('.', '')); // 41 digits
  for (let places = 1; places <= 17; places += 1) {
    const [mantissa, exponent] = x.toExponential(places - 1).split('e');
    const nearest = BigInt(mantissa.replace('.', ''));
    const scale = 10n ** BigInt(41 - places);
    const distance = (digits) => abs(digits * scale - exact);
    const [best] = [nearest - 1n, nearest, nearest + 1n] // below a power of two the nearest may not read back
      .filter((digits) => Number(`${digits}e${Number(exponent) - places + 1}`) === x)
      .sort((a, b) => Number(distance(a) - distance(b)) || Number(a % 2n - b % 2n));
    if (best === undefined) continue;
    return { text: String(best).replace(/0+$/, ''), first: Number(exponent) + String(best).length - places };
  }
  throw new Error(`${x}`);
}

/** As the specification says it, for a number above 0 that is not integral. */
function spelled(x) {
  const { text, first } = shortest(x);
  if (first < -6) return `${text[0]}${text.length > 1 ? `.${text.slice(1)}` : ''}e${first}`;
  if (first < 0) return `0.${'0'.repeat(-first - 1)}${text}`;
  return `${text.slice(0, first + 1)}.${text.slice(first + 1)}`;
}

test('the examples of the specification', () => {
  for (const [value, text] of [
    [0, '0'], [-0, '0'], [1e0, '1'], [1e15, '1000000000000000'], [-9007199254740991, '-9007199254740991'],
    [0.000001, '0.000001'], [0.1, '0.1'], [123456.789, '123456.789'], [1e-7, '1e-7'], [1.5e-10, '1.5e-10'],
    [5e-324, '5e-324'], [-2.5, '-2.5'], [4503599627370495.5, '4503599627370495.5'],
    [1225468718796071.25, '1225468718796071.2'], [2 ** -44, '5.684341886080802e-14'],
    [0.1 + 0.2, '0.30000000000000004'],
  ]) assert.equal(writeValue(value, 1), text);
});

test('20 000 random numbers are written as another way finds it', () => {
  const doubles = new Float64Array(10000);
  randomFillSync(doubles);
  const usual = Array.from({ length: 10000 }, (_, i) => Math.random() * 10 ** (i % 24 - 12));
  const powers = Array.from({ length: 1074 }, (_, i) => 2 ** -(i + 1));
  let compared = 0;
  for (const x of [...Array.from(doubles, Math.abs), ...usual, ...powers]) {
    if (!Number.isFinite(x) || Number.isInteger(x)) continue;
    const expected = spelled(x);
    assert.equal(writeValue(x, 1), expected);
    assert.equal(writeValue(-x, 1), `-${expected}`);
    assert.equal(Number(expected), x);
    compared += 1;
  }
  assert.ok(compared > 10000);
});

test('a refresh writes the one spelling of a number that came in another', async () => {
  const now = 1790000000;
  const context = new Context('shop.example', 'session');
  const ring = new Keyring([{ key: MasterKey.generate() }]);
  const sessions = new Sessions({ ring, context, check: null, policy: { idle: 60, absolute: 600 } });
  const data = (x, y, z) => `"data":{"x":${x},"y":[${y}]},"flash":{"m":[${z}]}`;
  const head = `{"sid":"AAECAwQFBgcICQoLDA0ODw","start":${now},"end":${now + 600}`;
  const body = (rev, members) => `${head},"rev":${rev},${members}}`;
  const came = body(1, data('1.50', '1e2,0.10,-0.0', '0.00000010'));
  const token = await new Sealer({ ring, context }).seal(came, { ttl: 60, now });
  const session = await sessions.open(token, { now: now + 40 });
  const { payload } = await sessions.commit(session, { now: now + 40 });
  assert.equal(payload, body(2, data('1.5', '100,0.1,0', '1e-7')));
});
