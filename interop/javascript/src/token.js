import { decode, digit, encode, textLength } from './base64url.js';
import { concat, hex, isIllFormed, readTimes, timesHead, utf8, utf8Length } from './bytes.js';
import { LIFE_MAX, MAGIC, MAGIC_BYTES, MIN_BYTES, TIME_MAX } from './constants.js';
import { subkeyOf } from './derive.js';
import { fail, inRange } from './errors.js';

/** A payload as bytes; a string is written in UTF-8. */
export function payloadBytes(payload) {
  if (typeof payload === 'string' && !isIllFormed(payload)) return utf8(payload);
  if (payload instanceof Uint8Array) return payload;
  throw new TypeError('a payload is a Uint8Array, or a string without unpaired surrogates');
}

/** Seals or signs (§9): steps 2 to 9, step 1 being done at set-up. `draw` gives salt and iv. */
export async function makeToken(kind, ring, context, limit, payload, ttl, now, draw) {
  const entry = entryFor(kind, ring, limit, payload.length, ttl, now);
  return writeToken(kind, ring, context, entry, payload, ttl, now, draw);
}

/** Steps 2 to 5 of §9, for a payload of `length` bytes: the index of the sealing entry. */
export function entryFor(kind, ring, limit, length, ttl, now) {
  inRange(now, 0, TIME_MAX, 'clock_range', 'now');
  inRange(ttl, 1, LIFE_MAX, 'ttl_range', 'ttl');
  const entry = ring.sealingEntry(now);
  if (textLength(MIN_BYTES[kind] + length) > limit) fail('result_too_long');
  return entry;
}

/** Steps 6 to 9 of §9. */
export async function writeToken(kind, ring, context, entry, payload, ttl, now, draw) {
  const sealed = kind === 'sealed';
  const body = concat(timesHead(now, ttl), payload); // a copy: the caller may change its buffer while we wait
  const salt = sealed ? draw.salt() : undefined;
  const iv = sealed ? draw.iv() : undefined;
  const { K, keyId } = await ring.derived(entry, kind, context);
  const { subtle } = globalThis.crypto;
  const head = concat(MAGIC_BYTES[kind], keyId);
  if (!sealed) {
    const message = concat(head, body);
    return encode(concat(message, new Uint8Array(await subtle.sign('HMAC', K, message))));
  }
  const aad = concat(head, salt);
  const key = await subkeyOf(K, salt, 'encrypt');
  const params = { name: 'AES-GCM', iv, additionalData: aad, tagLength: 128 };
  return encode(concat(aad, iv, new Uint8Array(await subtle.encrypt(params, key, body))));
}

/** Step 2: the code of a magic that is not the one of `kind`. */
function magicFault(kind, text) {
  const start = text.slice(0, 3);
  if (start === 'CrE' || start === 'CrS') {
    const fourth = text.charCodeAt(3); // NaN, if there is none
    if (fourth === 0x31) return text.slice(0, 4) === MAGIC[kind] ? undefined : 'wrong_kind';
    if (fourth < 128 && digit(fourth) >= 0) return 'unsupported_version';
  }
  return 'not_a_token';
}

/** Steps 1 to 8 of §10, in their order ([OPEN-01]); step 0 is the caller's. */
export async function openToken(kind, ring, context, { maxAge, leeway, limit }, text, now) {
  if (typeof text !== 'string') throw new TypeError('a token is a string');
  if (text.length > limit || utf8Length(text) > limit) fail('too_long');
  const fault = magicFault(kind, text);
  if (fault !== undefined) fail(fault);
  const bytes = decode(text);
  if (bytes.length < MIN_BYTES[kind]) fail('too_short');
  const keyId = bytes.slice(3, 35);
  const found = (await ring.index(kind, context)).get(hex(keyId)); // all 32 bytes ([OPEN-06])
  if (found === undefined) fail('unknown_key');
  if (!ring.accepts(found.entry, now)) fail('key_inactive');
  const body = kind === 'sealed' ? await decrypt(found.K, bytes) : await authenticate(found.K, bytes);
  const { issuedAt, ttl } = readTimes(body, 0);
  if (issuedAt > now + leeway) fail('issued_in_future');
  if (ttl < 1 || ttl > LIFE_MAX) fail('expired');
  const expiresAt = issuedAt + Math.min(ttl, maxAge);
  if (now >= expiresAt) fail('expired');
  return { payload: body.slice(10), issuedAt, ttl, keyId, expiresAt };
}

async function decrypt(K, bytes) {
  const key = await subkeyOf(K, bytes.subarray(35, 47), 'decrypt');
  const params = {
    name: 'AES-GCM',
    iv: bytes.subarray(47, 59),
    additionalData: bytes.subarray(0, 47),
    tagLength: 128,
  };
  try {
    return new Uint8Array(await globalThis.crypto.subtle.decrypt(params, key, bytes.subarray(59)));
  } catch (error) {
    if (error?.name !== 'OperationError') throw error; // a fault of the library is no code ([CODE-02])
    return fail('auth_failed'); // no cause chained
  }
}

async function authenticate(K, bytes) {
  const end = bytes.length - 32;
  // subtle.verify compares in constant time ([OPEN-09])
  const good = await globalThis.crypto.subtle.verify('HMAC', K, bytes.subarray(end), bytes.subarray(0, end));
  if (!good) fail('auth_failed');
  return bytes.subarray(35, end);
}
