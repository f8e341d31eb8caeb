import { fromUtf8, isIllFormed } from './bytes.js';
import { readJson } from './json.js';

/** Reads either form ([RING-15]) into raw entries `{key, sealFrom?, acceptUntil?}`; undefined: `keyring_format`. */
export function readRingText(text) {
  if (typeof text !== 'string' && !(text instanceof Uint8Array)) throw new TypeError('a ring is a string or bytes');
  if (/^[\t\n\f\r ]*\{/.test(octets(text))) return readDocument(text);
  return octets(text).split(/[\t\n\f\r ,]+/).filter((item) => item !== '').map((key) => ({ key }));
}

/** Bytes one character each: what is not ASCII stays so, and is no key text. */
function octets(text) {
  if (typeof text === 'string') return text;
  const parts = [];
  for (let at = 0; at < text.length; at += 8192) parts.push(String.fromCharCode(...text.subarray(at, at + 8192)));
  return parts.join('');
}

/** The checks of [RING-12]; nesting below an entry's members is refused by the depth of 3. */
function readDocument(input) {
  const text = typeof input === 'string' ? input : fromUtf8(input);
  if (text === undefined || isIllFormed(text)) return undefined;
  const root = readJson(text, 3);
  if (!(root instanceof Map) || root.size !== 2 || root.get('cretula') !== 'keyring-v1') return undefined;
  const keys = root.get('keys');
  if (!Array.isArray(keys) || !keys.every(isEntry)) return undefined;
  return keys.map((entry) => ({
    key: entry.get('key'), // a number, boolean or null is no key text ([RING-13])
    sealFrom: time(entry, 'seal_from'),
    acceptUntil: time(entry, 'accept_until'),
  }));
}

function isEntry(entry) {
  if (!(entry instanceof Map) || !entry.has('key')) return false;
  return Array.from(entry.keys()).every((name) => ['key', 'seal_from', 'accept_until'].includes(name));
}

/** By value as binary64 ([RING-14]); what is no number becomes NaN, and so `keyring_time`. */
function time(entry, name) {
  if (!entry.has(name)) return undefined;
  const value = entry.get(name);
  return typeof value === 'number' ? value : Number.NaN;
}
