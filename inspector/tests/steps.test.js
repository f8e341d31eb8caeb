// Every vector of the two opening classes, and of opening a session, through the page's steps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { hex, testRing } from '../../interop/javascript/src/hazmat.js';
import { takeSteps } from '../src/steps.js';

const read = (file) =>
  JSON.parse(readFileSync(new URL(`../../test-vectors/v1/${file}`, import.meta.url), 'utf8')).vectors;
const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));

function inputOf(vector, kind) {
  const { audience, purpose, leeway, limit, now, token: text, max_age: maxAge } = vector;
  const readRing = () =>
    testRing(
      vector.keyring.map(({ key, seal_from: sealFrom, accept_until: acceptUntil }) => ({
        key: bytes(key),
        sealFrom,
        acceptUntil,
      })),
    );
  return { kind, readRing, audience, purpose, maxAge, leeway, limit, now, text };
}

/** One step failed, those before passed, those after were not reached; or all passed. */
function checkShape({ steps, outcome }, id) {
  const states = steps.map(({ state }) => state);
  const failed = states.indexOf('failed');
  const expected = states.map((_, i) =>
    failed < 0 || i < failed ? 'passed' : i === failed ? 'failed' : 'not reached',
  );
  assert.deepEqual(states, expected, id);
  assert.equal(failed < 0, outcome.code === undefined, id);
  if (failed >= 0) assert.equal(steps[failed].code, outcome.code, id);
  assert.ok(
    steps.every(({ rules, check }) => rules.length > 0 && check !== ''),
    id,
  );
}

for (const [file, kind] of [
  ['unsealer.json', 'sealed'],
  ['verifier.json', 'signed'],
]) {
  for (const vector of read(file)) {
    if (vector.now === null) continue; // the page always gives a time
    test(vector.id, async () => {
      const taken = await takeSteps(inputOf(vector, kind));
      checkShape(taken, vector.id);
      assert.ok(taken.isConfirmed, `the library says ${taken.library}`);
      assert.equal(taken.outcome.code, vector.error);
      if (vector.result === undefined) return;
      const { payload, issuedAt, ttl, keyId, expiresAt } = taken.outcome;
      const { payload: expected, issued_at, ttl: life, key_id, expires_at } = vector.result;
      assert.deepEqual(
        [hex(payload), issuedAt, ttl, keyId, expiresAt],
        [expected, issued_at, life, key_id, expires_at],
      );
    });
  }
}

for (const vector of read('session.json')) {
  // Ended marks and the application's check are not this page's, and it always gives a time.
  if (vector.op !== 'open' || vector.ended || vector.check !== undefined || vector.now === null) continue;
  if (vector.error === 'recheck_range') continue; // nor does it ask for that
  test(vector.id, async () => {
    const { idle: maxAge, absolute, leeway } = vector.policy;
    const taken = await takeSteps({ ...inputOf(vector, 'sealed'), maxAge, absolute, leeway, limit: 16384 });
    checkShape(taken, vector.id);
    assert.ok(taken.isConfirmed, `the library says ${taken.library}`);
    // The proof of step 9e is not this page's either: a bound session is shown, as one that is bound.
    const isBound = vector.error === 'unproven';
    assert.equal(taken.outcome.code, isBound ? undefined : vector.error);
    assert.equal(taken.outcome.session?.jkt !== undefined, isBound);
  });
}
