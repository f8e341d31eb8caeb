/** The calls of `accumulated.json`, made from their numbers (vectors' README). */
import { createHash } from 'node:crypto';
import { Context, CretulaError, Sealer, Signer, Unsealer, Verifier } from '../src/index.js';
import { makeFixed, testRing } from '../src/hazmat.js';

const CASES = 10000;
const LIFE_MAX = 34560000;
const TIME_MAX = 2 ** 48 - 1;
const LIMIT = 16384;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MAGICS = ['CrE1', 'CrS1', 'CrE2', 'CrS0', 'CrE-', 'CrE.', 'crE1', 'C1rE'];

function sha256(text, ...numbers) {
  const tail = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, i) => tail.writeUInt32BE(number, 4 * i));
  return createHash('sha256').update(text).update(tail).digest();
}

/** Case i: what is sealed and signed, and its ring. */
async function makeCase(i) {
  const head = Buffer.concat([0, 1].map((block) => sha256('cretula-accumulated-case', i, block)));
  const n = head.readUInt16BE(52) % 512;
  const blocks = [head];
  for (let block = 2; block * 32 < 64 + n; block += 1) blocks.push(sha256('cretula-accumulated-case', i, block));
  const S = Buffer.concat(blocks);
  const key = Buffer.concat([Buffer.from('cretula-test-key'), S.subarray(0, 16)]);
  return {
    ring: await testRing([{ key }]),
    context: new Context(`audience-${S[16]}`, `purpose-${S[17]}`),
    now: S.readUIntBE(18, 6),
    ttl: 1 + (S.readUInt32BE(24) % LIFE_MAX),
    random: { salt: S.subarray(28, 40), iv: S.subarray(40, 52) },
    payload: S.subarray(64, 64 + n),
  };
}

async function make(Maker, { ring, context, now, ttl, random, payload }) {
  return makeFixed(new Maker({ ring, context, limit: LIMIT }), payload, { ttl, now }, random);
}

/** Mutation j of a token of a case: the text and the parameters of its opening. */
function mutate(j, text, { now: issuedAt, ttl }) {
  const M = sha256('cretula-accumulated-mutation', j);
  const number = M.readUInt32BE(0);
  const p = number % text.length;
  const c = String.fromCharCode(32 + (M[4] % 95));
  const changed = { text, now: issuedAt, maxAge: LIFE_MAX, leeway: 60, limit: LIMIT };
  const set = [
    () => ({ text: text.slice(0, p) + c + text.slice(p + 1) }),
    () => ({ text: text.slice(0, p) + text.slice(p + 1) }),
    () => ({ text: text.slice(0, p) + c + text.slice(p) }),
    () => ({ text: text.slice(0, p) }),
    () => {
      const characters = text.split('');
      const q = (p + 1) % text.length;
      [characters[p], characters[q]] = [characters[q], characters[p]];
      return { text: characters.join('') };
    },
    () => {
      const bytes = Buffer.from(text, 'base64url');
      bytes[number % bytes.length] ^= 1 << (M[6] % 8);
      return { text: bytes.toString('base64url') };
    },
    () => ({ text: text.slice(0, -1) + ALPHABET[M[6] % 64] }),
    () => ({ text: MAGICS[M[6] % 8] + text.slice(4) }),
    () => ({ now: issuedAt + ttl - 2 + (M[6] % 4) }),
    () => ({ now: issuedAt - 62 + (M[6] % 4) }),
    () => {
      const maxAge = 1 + (M.readUInt32BE(8) % LIFE_MAX);
      return { maxAge, now: issuedAt + maxAge - 2 + (M[6] % 4) };
    },
    () => ({ limit: text.length - 1 + (M[6] % 2) }),
  ];
  Object.assign(changed, set[M[5] % 12]());
  return { ...changed, now: Math.min(Math.max(changed.now, 0), TIME_MAX) };
}

async function open(Opener, text, { ring, context }, { now, ...options }) {
  const opener = new Opener({ ring, context, ...options });
  try {
    await (Opener === Unsealer ? opener.unseal(text, { now }) : opener.verify(text, { now }));
    return 'ok';
  } catch (error) {
    if (!(error instanceof CretulaError)) throw error;
    return error.code;
  }
}

/** What `one` gives for 0 to count - 1, a thousand of them at a time. */
async function each(count, one) {
  const all = [];
  while (all.length < count) {
    const start = all.length;
    all.push(...await Promise.all(Array.from({ length: Math.min(1000, count - start) }, (_, i) => one(start + i))));
  }
  return all;
}

function digests(outcomes) {
  const digest = (list) => createHash('sha256').update(list.map((text) => `${text}\n`).join('')).digest('hex');
  const blocks = [];
  for (let at = 0; at < outcomes.length; at += 1000) blocks.push(digest(outcomes.slice(at, at + 1000)));
  return { sha256: digest(outcomes), blocks };
}

let cases;
const tokens = {};

/** The `result` of a vector. Cases and tokens are made once. */
export async function accumulate({ op, count }) {
  cases ??= await each(CASES, makeCase);
  const sealed = op === 'seal' || op === 'unseal';
  const [name, Maker, Opener] = sealed ? ['sealed', Sealer, Unsealer] : ['signed', Signer, Verifier];
  tokens[name] ??= await each(CASES, (i) => make(Maker, cases[i]));
  if (op === 'seal' || op === 'sign') return digests(tokens[name].slice(0, count));
  return digests(await each(count, (j) => {
    const { text, ...options } = mutate(j, tokens[name][j % CASES], cases[j % CASES]);
    return open(Opener, text, cases[j % CASES], options);
  }));
}
