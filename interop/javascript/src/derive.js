import { concat, utf8 } from './bytes.js';
import { hkdf, mac, macKey } from './crypto.js';

const LABEL = concat(utf8('cretula-v1'), Uint8Array.of(0));
const KIND = { sealed: 0x45, signed: 0x53 };
const SUBKEY_LABEL = utf8('cretula-v1 token');

/** HKDF's info (§6). */
export function infoOf(kind, context) {
  const audience = utf8(context.audience);
  const purpose = utf8(context.purpose);
  const head = Uint8Array.of(KIND[kind], audience.length);
  return concat(LABEL, head, audience, Uint8Array.of(purpose.length), purpose);
}

/** The 64 bytes of output keying material ([DERIVE-01]). */
export async function okmOf(masterKey, kind, context) {
  return hkdf(masterKey, infoOf(kind, context), 64);
}

/** Working key, as a handle, and key id. */
export async function derive(masterKey, kind, context) {
  const okm = await okmOf(masterKey, kind, context);
  const K = await macKey(okm.subarray(0, 32));
  const keyId = okm.slice(32);
  okm.fill(0);
  return { K, keyId };
}

/** The AES key bytes of one sealed token (§9 step 8). */
export async function subkeyBytes(K, salt) {
  return mac(K, concat(SUBKEY_LABEL, salt, Uint8Array.of(1)));
}
