import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { expected, runVector } from './run-vector.js';

const folder = new URL('../../../test-vectors/v1/', import.meta.url);
const read = (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

for (const { file, class: name, vectors: count } of read('manifest.json').files) {
  test(`vectors: ${name}`, async () => {
    const { vectors } = read(file);
    assert.equal(vectors.length, count);
    const failed = [];
    for (const vector of vectors) {
      try {
        assert.deepEqual(await runVector(name, vector), expected(vector));
      } catch (error) {
        failed.push(`${vector.id} (${vector.level}): ${error.message}`);
      }
    }
    assert.deepEqual(failed.filter((text) => text.includes('(must)')), []);
    assert.deepEqual(failed, [], 'should and may: reported');
  });
}
