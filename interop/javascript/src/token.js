import { decode, digit, encode, textLength } from './base64url.js';
import { concat, hex, isIllFormed, readTimes, timesHead, utf8, utf8Length } from './bytes.js';
import { LIFE_MAX, MAGIC, MAGIC_BYTES, MIN_BYTES, TIME_MAX } from './constants.js';
import { decrypt, encrypt, isMac, mac } from './crypto.js';
import { subkeyBytes } from './derive.js';
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
  const head = concat(MAGIC_BYTES[kind], keyId);
  if (!sealed) {
    const message = concat(head, body);
    return encode(concat(message, await mac(K, message)));
  }
  const aad = concat(head, salt);
  const subkey = await subkeyBytes(K, salt);
  return encode(concat(aad, iv, await encrypt(subkey, iv, aad, body)));
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
  const body = kind === 'sealed' ? await unlock(found.K, bytes) : await authenticate(found.K, bytes);
  const { issuedAt, ttl } = readTimes(body, 0);
  if (issuedAt > now + leeway) fail('issued_in_future');
  if (ttl < 1 || ttl > LIFE_MAX) fail('expired');
  const expiresAt = issuedAt + Math.min(ttl, maxAge);
  if (now >= expiresAt) fail('expired');
  return { payload: body.slice(10), issuedAt, ttl, keyId, expiresAt };
}

async function unlock(K, bytes) {
  const subkey = await subkeyBytes(K, bytes.subarray(35, 47));
  const aad = bytes.subarray(0, 47);
  const body = await decrypt(subkey, bytes.subarray(47, 59), aad, bytes.subarray(59));
  return body ?? fail('auth_failed'); // no cause chained
}

async function authenticate(K, bytes) {
  const end = bytes.length - 32;
  if (!await isMac(K, bytes.subarray(end), bytes.subarray(0, end))) fail('auth_failed');
  return bytes.subarray(35, end);
}
