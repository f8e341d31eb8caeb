import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runVectors } from './run-vector.js';

const folder = new URL('../../../test-vectors/v1/', import.meta.url);
const read = (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

for (const { file, class: name, vectors: count } of read('manifest.json').files) {
  if (name === 'accumulated') continue; // accumulated.test.js
  test(`vectors: ${name}`, async () => {
    const { vectors } = read(file);
    assert.equal(vectors.length, count);
    const { failed } = await runVectors(name, vectors);
    assert.deepEqual(failed.filter((text) => text.includes('(must)')), []);
    assert.deepEqual(failed, [], 'should and may: reported');
  });
}
