/** Compares vectors with the calls of the adapter, and with the intermediates, which the protocol leaves out. */
import { bytes, call, contextOf, defined, hexes, ringOf } from '../calls.js';
import * as hazmat from '../src/hazmat.js';

const OPS = { derivation: 'derive', sealer: 'seal', signer: 'sign', unsealer: 'unseal', verifier: 'verify' };

async function intermediates(key, kind, v, { salt, issued_at: issuedAt, ttl, payload }) {
  const values = { salt: salt === undefined ? undefined : bytes(salt), issuedAt, ttl, payload: bytes(payload) };
  const { workingKey, keyId, ...rest } = await hazmat.intermediates(key, kind, contextOf(v), values);
  return hexes({ ...rest, working_key: workingKey, key_id: keyId });
}

async function ofMade(kind, v) {
  const ring = await ringOf(v);
  return intermediates(ring.entries[ring.sealingEntry(v.now)].key, kind, v, { ...v, issued_at: v.now });
}

async function ofOpened(kind, v, result) {
  const { key, salt } = v.made_from;
  return intermediates(hazmat.testKeyFromBytes(bytes(key)), kind, v, { ...result, salt });
}

const MORE = {
  sealer: (v) => ofMade('sealed', v),
  signer: (v) => ofMade('signed', v),
  unsealer: (v, result) => ofOpened('sealed', v, result),
  verifier: (v, result) => ofOpened('signed', v, result),
};

/** Takes what the actions are to answer out of them: `answers` of the protocol. */
function expectedAnswers(actions) {
  const all = actions.map((one) => one.take_flash?.messages ?? one.reauth_within?.holds ?? one.excess?.over);
  const answers = all.filter((answer) => answer !== undefined);
  return answers.length > 0 ? { answers } : {};
}

/** What a vector expects, as the call gives it. */
function expected(v) {
  const { error, entry, over, largest, result } = v;
  if (error !== undefined) return defined({ error, entry, over, largest });
  if (v.op === 'write') return { result: { ...result, ...expectedAnswers(v.actions) } };
  if (v.op !== 'run') return { result };
  const requests = result.requests.map((one, i) => ({ ...one, ...expectedAnswers(v.requests[i].actions) }));
  return { result: { requests } };
}

/** What was opened is compared by value: a plain object has names of digits first. */
function byValue({ op }, found) {
  if (!['open', 'read'].includes(op) || found.result === undefined) return found;
  return { result: { ...found.result, payload: JSON.parse(found.result.payload) } };
}

/** Values without regard to the order of members. */
function canonical(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

/** Undefined, or what is wrong. */
async function fault(name, v) {
  const found = await call(name, v.op ?? OPS[name], v);
  if (found.result !== undefined) Object.assign(found.result, await MORE[name]?.(v, found.result));
  const [is, should] = [found, expected(v)].map((one) => canonical(byValue(v, one)));
  return is === should ? undefined : `${is} and not ${should}`;
}

/** Runs the vectors of a class: how many pass, and a line for each that does not. */
export async function runVectors(name, vectors) {
  const failed = [];
  for (const vector of vectors) {
    const wrong = await fault(name, vector).catch((error) => String(error));
    if (wrong !== undefined) failed.push(`${vector.id} (${vector.level}): ${wrong}`);
  }
  return { passed: vectors.length - failed.length, failed };
}

/** Runs all files of the manifest; `read` gives a file's value. The accumulated cases have a test of their own. */
export async function runSuite(read) {
  const all = { passed: 0, failed: [] };
  for (const { file, class: name, vectors: count } of (await read('manifest.json')).files) {
    if (name === 'accumulated') continue;
    const { vectors } = await read(file);
    const { passed, failed } = await runVectors(name, vectors);
    if (vectors.length !== count) failed.push(`${file}: ${vectors.length} vectors, not ${count}`);
    all.passed += passed;
    all.failed.push(...failed);
  }
  return all;
}
