import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { accumulate } from './accumulated.js';

const file = new URL('../../../test-vectors/v1/accumulated.json', import.meta.url);

for (const vector of JSON.parse(readFileSync(file, 'utf8')).vectors) {
  test(vector.id, async () => assert.deepEqual(await accumulate(vector), vector.result));
}
