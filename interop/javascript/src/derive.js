import { concat, utf8 } from './bytes.js';

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
  const { subtle } = globalThis.crypto;
  const ikm = await subtle.importKey('raw', masterKey, 'HKDF', false, ['deriveBits']);
  const params = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: infoOf(kind, context) };
  return new Uint8Array(await subtle.deriveBits(params, ikm, 512));
}

/** Working key, as a handle that cannot be exported, and key id. */
export async function derive(masterKey, kind, context) {
  const okm = await okmOf(masterKey, kind, context);
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const usages = ['sign', 'verify'];
  const K = await globalThis.crypto.subtle.importKey('raw', okm.subarray(0, 32), hmac, false, usages);
  const keyId = okm.slice(32);
  okm.fill(0);
  return { K, keyId };
}

/** The AES key bytes of one sealed token (§9 step 8). */
export async function subkeyBytes(K, salt) {
  const message = concat(SUBKEY_LABEL, salt, Uint8Array.of(1));
  return new Uint8Array(await globalThis.crypto.subtle.sign('HMAC', K, message));
}

/** The same as a handle. */
export async function subkeyOf(K, salt, usage) {
  const bytes = await subkeyBytes(K, salt);
  const key = await globalThis.crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, [usage]);
  bytes.fill(0);
  return key;
}
