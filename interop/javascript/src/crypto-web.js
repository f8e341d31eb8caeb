/**
 * The primitives on WebCrypto, for browsers and edge runtimes. `crypto-node.js` has the same exports for Node;
 * `imports` of package.json says which of them `#crypto` is.
 */
const HMAC = { name: 'HMAC', hash: 'SHA-256' };
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ES256 = { name: 'ECDSA', hash: 'SHA-256' };

/** HKDF-SHA256 without a salt. */
export async function hkdf(key, info, octets) {
  const { subtle } = globalThis.crypto;
  const ikm = await subtle.importKey('raw', key, 'HKDF', false, ['deriveBits']);
  const params = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info };
  return new Uint8Array(await subtle.deriveBits(params, ikm, octets * 8));
}

/** A handle for `mac` and `isMac`, of bytes that may be wiped afterwards. */
export async function macKey(bytes) {
  return globalThis.crypto.subtle.importKey('raw', bytes, HMAC, false, ['sign', 'verify']);
}

/** HMAC-SHA256. */
export async function mac(handle, message) {
  return new Uint8Array(await globalThis.crypto.subtle.sign('HMAC', handle, message));
}

/** Whether `tag` is the whole HMAC-SHA256 of the message; subtle.verify compares in constant time ([OPEN-09]). */
export async function isMac(handle, tag, message) {
  return globalThis.crypto.subtle.verify('HMAC', handle, tag, message);
}

/** AES-256-GCM: ciphertext and tag of 16 bytes. The key's bytes are wiped. */
export async function encrypt(key, iv, aad, plaintext) {
  const handle = await aesKey(key, 'encrypt');
  const params = { name: 'AES-GCM', iv, additionalData: aad, tagLength: 128 };
  return new Uint8Array(await globalThis.crypto.subtle.encrypt(params, handle, plaintext));
}

/** The plaintext, or undefined if the tag is not good. The key's bytes are wiped. */
export async function decrypt(key, iv, aad, sealed) {
  const handle = await aesKey(key, 'decrypt');
  const params = { name: 'AES-GCM', iv, additionalData: aad, tagLength: 128 };
  try {
    return new Uint8Array(await globalThis.crypto.subtle.decrypt(params, handle, sealed));
  } catch (error) {
    if (error?.name !== 'OperationError') throw error; // a fault of the library is no code ([CODE-02])
    return undefined;
  }
}

async function aesKey(bytes, usage) {
  const handle = await globalThis.crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, [usage]);
  bytes.fill(0);
  return handle;
}

/** SHA-256. */
export async function sha256(bytes) {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
}

/** Whether the signature, r | s, is that of the key `{x, y}`, a point of the curve: ECDSA, P-256 and SHA-256. */
export async function isEs256({ x, y }, signature, message) {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, P256, false, ['verify']);
  return subtle.verify(ES256, key, signature, message);
}

/** Bytes of the platform's generator; throws if it fails. */
export function random(octets) {
  return globalThis.crypto.getRandomValues(new Uint8Array(octets));
}
