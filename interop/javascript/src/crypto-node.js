/**
 * The primitives on node:crypto, for Node. WebCrypto hands each step to another thread there, which costs far more than
 * the step. `crypto-web.js` has the same exports for all else; its calls are asynchronous, so callers await these too.
 */
import {
  createCipheriv, createDecipheriv, createHash, createHmac, createPublicKey, createSecretKey, hkdfSync, randomFillSync,
  timingSafeEqual, verify,
} from 'node:crypto';

const AES = 'aes-256-gcm';
const TAG = 16;
const NO_SALT = new Uint8Array(0);

/** HKDF-SHA256 without a salt. */
export function hkdf(key, info, octets) {
  return new Uint8Array(hkdfSync('sha256', key, NO_SALT, info, octets));
}

/** A handle for `mac` and `isMac`, of bytes that may be wiped afterwards: no debugging form shows its own. */
export function macKey(bytes) {
  return createSecretKey(bytes);
}

/** HMAC-SHA256. */
export function mac(handle, message) {
  return plain(createHmac('sha256', handle).update(message).digest());
}

/** Whether `tag` is the whole HMAC-SHA256 of the message, compared in constant time ([OPEN-09]). */
export function isMac(handle, tag, message) {
  const good = mac(handle, message);
  return tag.length === good.length && timingSafeEqual(tag, good);
}

/** AES-256-GCM: ciphertext and tag of 16 bytes. The key's bytes are wiped. */
export function encrypt(key, iv, aad, plaintext) {
  const cipher = createCipheriv(AES, key, iv, { authTagLength: TAG });
  key.fill(0);
  cipher.setAAD(aad);
  const sealed = new Uint8Array(plaintext.length + TAG);
  sealed.set(cipher.update(plaintext));
  cipher.final(); // empty: GCM holds nothing back
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

/** The plaintext, or undefined if the tag is not good. The key's bytes are wiped. */
export function decrypt(key, iv, aad, sealed) {
  const end = Math.max(0, sealed.length - TAG);
  const decipher = createDecipheriv(AES, key, iv, { authTagLength: TAG });
  key.fill(0);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end)); // a shorter tag throws
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final(); // checks the tag, and nothing else can fail here: a fault of the library is no code ([CODE-02])
  } catch {
    plaintext.fill(0); // it was not authentic
    return undefined;
  }
  return plain(plaintext);
}

/** SHA-256. */
export function sha256(bytes) {
  return plain(createHash('sha256').update(bytes).digest());
}

/** Whether the signature, r | s, is that of the key `{x, y}`, a point of the curve: ECDSA, P-256 and SHA-256. */
export function isEs256({ x, y }, signature, message) {
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** Bytes of the system's generator; throws if it fails. */
export function random(octets) {
  return randomFillSync(new Uint8Array(octets));
}

/** The same bytes without what Buffer adds: its `slice` is no copy. */
function plain(buffer) {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
