import { fromHex, hex, utf8 } from './bytes.js';
import { sha256 } from './crypto.js';
import { fail } from './errors.js';
import { randomBytes } from './system.js';

const TEXT = /^cretula_key1_([0-9a-f]{64})_([0-9a-f]{8})$/;
const TEST_PREFIX = utf8('cretula-test-key');
const MAKE = Symbol('make');

/** Reads the secret bytes; not exported from the package. */
export let keyBytes;

/** 32 secret bytes (§4), in a private field: no debugging form shows them ([KEY-08]). */
export class MasterKey {
  #bytes;

  static {
    keyBytes = (key) => key.#bytes;
  }

  constructor(token, bytes) {
    if (token !== MAKE) throw new TypeError('use MasterKey.generate, fromText or fromBytes');
    this.#bytes = bytes;
  }

  /** A new key from the platform's generator ([KEY-03]). */
  static generate() {
    return new MasterKey(MAKE, randomBytes(32));
  }

  /** From 32 bytes, which are copied. */
  static fromBytes(bytes) {
    return keyFromBytes(bytes, false);
  }

  /** From the text form, exactly (§4.2). */
  static async fromText(text) {
    return keyFromText(text, false);
  }

  /** The text form: the key itself, for the operator's secret store. */
  async exportText() {
    const head = `cretula_key1_${hex(this.#bytes)}`;
    return `${head}_${await checksum(head)}`;
  }
}

async function checksum(head) {
  return hex((await sha256(utf8(head))).subarray(0, 4));
}

/** From bytes; `testKeys` is for hazmat.js alone ([KEY-07]). */
export function keyFromBytes(bytes, testKeys) {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('a key is a Uint8Array');
  if (bytes.length !== 32) fail('key_format', 'a key is 32 bytes');
  const copy = Uint8Array.from(bytes);
  if (copy.every((byte) => byte === 0)) fail('key_zero');
  if (!testKeys && TEST_PREFIX.every((byte, i) => byte === copy[i])) fail('key_test', 'a published test key');
  return new MasterKey(MAKE, copy);
}

/** From text; `testKeys` is for hazmat.js alone. */
export async function keyFromText(text, testKeys) {
  const match = typeof text === 'string' && text.length === 86 ? TEXT.exec(text) : null;
  if (match === null) fail('key_format', 'not a key text');
  if ((await checksum(text.slice(0, 77))) !== match[2]) fail('key_checksum', 'the checksum differs: a typo');
  return keyFromBytes(fromHex(match[1]), testKeys);
}
