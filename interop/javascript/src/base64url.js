import { fromUtf8, utf8 } from './bytes.js';
import { fail } from './errors.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CODES = utf8(ALPHABET);
const VALUE = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i += 1) VALUE[ALPHABET.charCodeAt(i)] = i;

/** The value of a character of the alphabet, or -1. */
export function digit(code) {
  return code < 128 ? VALUE[code] : -1;
}

/** Base64url without padding, unused bits zero ([TEXT-01]). */
export function encode(bytes) {
  const codes = new Uint8Array(textLength(bytes.length)); // a string that grows takes far longer
  let out = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2]; // beyond the end undefined, which shifts as 0
    codes[out] = CODES[word >> 18];
    codes[out + 1] = CODES[(word >> 12) & 63];
    codes[out + 2] = CODES[(word >> 6) & 63]; // beyond the end of codes nothing is written
    codes[out + 3] = CODES[word & 63];
    out += 4;
  }
  return fromUtf8(codes);
}

/** Strict decoding: one text for each byte string ([TEXT-02]); all else is `encoding`. */
export function decode(text) {
  const rest = text.length % 4;
  if (rest === 1) fail('encoding');
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let out = 0;
  let bits = 0;
  let word = 0;
  for (let i = 0; i < text.length; i += 1) {
    const value = digit(text.charCodeAt(i));
    if (value < 0) fail('encoding');
    word = (word << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[out] = word >> bits;
      out += 1;
      word &= (1 << bits) - 1;
    }
  }
  if (word !== 0) fail('encoding');
  return bytes;
}

/** Characters of the text of `bytes` bytes (§9). */
export function textLength(bytes) {
  return Math.ceil((bytes * 4) / 3);
}
