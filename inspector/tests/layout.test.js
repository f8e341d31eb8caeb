// Text faults and fields, against the library's decoder and the vectors.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decode } from '../../interop/javascript/src/base64url.js';
import { hex } from '../../interop/javascript/src/bytes.js';
import { anatomy, fieldsOf, magicOf, textFault } from '../src/layout.js';
import { duration, moment, quoted } from '../src/words.js';

const read = (file) =>
  JSON.parse(readFileSync(new URL(`../../test-vectors/v1/${file}`, import.meta.url), 'utf8')).vectors;
const refused = (text) => {
  try {
    decode(text);
    return false;
  } catch {
    return true;
  }
};

test('finds a fault exactly where the library refuses the text', () => {
  const pieces = [
    '',
    'A',
    'Q',
    'AA',
    'QQ',
    'gg',
    'AB',
    'QE',
    'AAA',
    'AAE',
    'AAB',
    'AA=',
    'A+',
    'A/',
    ' AA',
    'AA\n',
    'é',
    'AAAé',
    '\ud800',
  ];
  for (const front of pieces) {
    for (const back of pieces) {
      const text = front + back;
      assert.equal(textFault(text) !== undefined, refused(text), JSON.stringify(text));
    }
  }
  for (const { token } of [...read('unsealer.json'), ...read('verifier.json')]) {
    assert.equal(textFault(token) !== undefined, refused(token));
  }
});

test('names the position and the rule', () => {
  assert.deepEqual(
    ['AA=A', 'AAAAA', 'AAB'].map((text) => textFault(text).at),
    [2, 4, 2],
  );
  assert.match(textFault('AA=A').words, /character 2 is "=", which is outside the alphabet/);
  assert.match(textFault('AAAAA').words, /leave 1 when divided by 4/);
  assert.match(textFault('AB').words, /low 4 bits of the last character \(1\)/);
  assert.match(textFault('AAB').words, /low 2 bits of the last character \(2\)/);
  assert.match(textFault('A\u202eA').words, /\\u\{202e\}/);
});

test('tells kinds, later versions and other texts apart', () => {
  assert.deepEqual(
    ['CrE1', 'CrS1x'].map((text) => magicOf(text).kind),
    ['sealed', 'signed'],
  );
  assert.deepEqual(
    ['CrE2', 'CrS_', 'CrE', 'CrE=', 'CrX1', ''].map((text) => magicOf(text).code),
    ['unsupported_version', 'unsupported_version', 'not_a_token', 'not_a_token', 'not_a_token', 'not_a_token'],
  );
});

for (const [file, kind] of [
  ['sealer.json', 'sealed'],
  ['signer.json', 'signed'],
]) {
  test(`divides every token of ${file}`, () => {
    for (const { id, result, salt, iv } of read(file)) {
      if (result === undefined) continue;
      const { bytes, fields, code, ...shown } = anatomy(result.token);
      assert.deepEqual([code, shown.kind], [undefined, kind], id);
      assert.equal(fields.map((field) => hex(field.bytes)).join(''), hex(bytes), id);
      const found = Object.fromEntries(fields.map((field) => [field.name, hex(field.bytes)]));
      assert.equal(found.key_id, result.key_id, id);
      if (kind === 'sealed') assert.deepEqual([found.salt, found.iv], [salt, iv], id);
      else assert.equal(found.issued_at + found.ttl + found.payload, result.body, id);
      assert.ok(
        fields.every(({ rules, words }) => rules.length > 0 && words !== ''),
        id,
      );
    }
  });
}

test('shows a token cut short as far as it goes', () => {
  const { code, fields } = anatomy('CrE1AAAA');
  assert.equal(code, 'too_short');
  assert.deepEqual(fields.map(({ name, bytes, size }) => [name, bytes.length, size]).slice(0, 3), [
    ['magic', 3, 3],
    ['key_id', 3, 32],
    ['salt', 0, 12],
  ]);
  assert.equal(fields[1].value, 'cut short: 3 bytes of 32');
});

test('shows times beyond 32 bits, ttl out of range, and payloads that are no text', () => {
  const body = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xfe);
  const values = fieldsOf('body', body).map(({ value }) => value);
  assert.deepEqual(values, ['281474976710655 (beyond the year 275760)', '0 s, out of range', 'no UTF-8: fffe']);
  assert.equal(moment(1790000000), '2026-09-21 14:13:20 UTC (1790000000)');
  assert.deepEqual(
    [duration(59), duration(1800), duration(34560000)],
    ['59 s', '1800 s (30 min)', '34560000 s (400 d)'],
  );
  assert.equal(quoted('a\u0000\u202e\u200b\u2028"', 9), '"a\\u{0}\\u{202e}\\u{200b}\\u{2028}""');
  assert.equal(quoted('éééé', 3), '"ééé" and 1 character more');
});
