import { decode, digit, encode } from './base64url.js';
import { hex, utf8 } from './bytes.js';
import { COOKIE_CANDIDATES_MAX, COOKIE_PART_MAX, COOKIE_TOKEN_MAX } from './constants.js';
import { sha256 } from './crypto.js';
import { CretulaError, fail } from './errors.js';

const ID = /^2\.[A-Za-z0-9_-]{8}\./;

/** SP and HTAB at both ends, nothing else. */
function trimmed(text, from, to) {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return [start, end];
}

/** The value of a field of §21.5: without blanks around it, and then without the quotation marks around that. */
export function headerValue(text) {
  const value = text.slice(...trimmed(text, 0, text.length));
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function isBlank(code) {
  return code === 0x20 || code === 0x09;
}

/** The values of a name (§20.2), one at a time: nothing is kept of foreign pairs ([COOK-05]). */
export function* values(fields, name) {
  for (const field of fields) {
    for (let from = 0; from <= field.length;) {
      const semicolon = field.indexOf(';', from);
      const to = semicolon < 0 ? field.length : semicolon;
      const [start, end] = trimmed(field, from, to);
      from = to + 1;
      if (!field.startsWith(name, start)) continue;
      let equals = start + name.length;
      while (equals < end && isBlank(field.charCodeAt(equals))) equals += 1;
      if (equals >= to || field[equals] !== '=') continue;
      const [first, last] = trimmed(field, equals + 1, end);
      yield field.slice(first, last);
    }
  }
}

/** Checks the fields: strings, each character an octet. */
export function cookieFields(fields) {
  const list = typeof fields === 'string' ? [fields] : Array.from(fields ?? []);
  if (!list.every((field) => typeof field === 'string')) throw new TypeError('Cookie fields are strings');
  return list;
}

function isOfRing(text, index) {
  if (!text.startsWith('CrE1')) return false;
  for (let i = 4; i < 48; i += 1) if (digit(text.charCodeAt(i)) < 0) return false;
  return index.has(hex(decode(text.slice(0, 48)).subarray(3, 35)));
}

/** The shape of a token of the ring (§20.3). */
function hasShape(value, index) {
  if (value.startsWith('2.')) {
    return value.length >= 59 && value.length <= COOKIE_PART_MAX && ID.test(value) && isOfRing(value.slice(11), index);
  }
  return value.length >= 114 && value.length <= COOKIE_TOKEN_MAX && isOfRing(value, index);
}

/** The first value of the name, and the candidates, equal ones once: five at most, which is one too many. */
function candidates(fields, name, index) {
  let first;
  const found = [];
  for (const value of values(fields, name)) {
    first ??= value;
    if (hasShape(value, index) && !found.includes(value)) found.push(value);
    if (found.length > COOKIE_CANDIDATES_MAX) break;
  }
  return { first, found };
}

/** The values of the name that may be proofs (§21.3): of the shape of one cookie, equal ones once, the first four. */
export function proofCandidates(fields, name, index) {
  const found = [];
  for (const value of values(fields, name)) {
    if (found.length === COOKIE_CANDIDATES_MAX) break;
    if (!value.startsWith('2.') && hasShape(value, index) && !found.includes(value)) found.push(value);
  }
  return found;
}

/** The text of a candidate, its second part joined ([COOK-14]). */
function joined(fields, name, candidate) {
  if (!candidate.startsWith('2.')) return candidate;
  const start = candidate.slice(2, 11);
  let second;
  for (const value of values(fields, `${name}.1`)) {
    if (!value.startsWith(start) || value.length === start.length || value.length > COOKIE_PART_MAX) continue;
    if (second !== undefined && second !== value) fail('chunks');
    second = value;
  }
  if (second === undefined) fail('chunks');
  return candidate.slice(11) + second.slice(start.length);
}

/**
 * Opens the candidates (§20.3): `{opened, code}`. `code` says why none may be chosen; with `ambiguous`, for more than
 * four candidates, `opened` are those of the first four that open ([SESS-17]).
 */
export async function openCandidates(fields, name, index, openText) {
  const { first, found } = candidates(fields, name, index);
  if (first === undefined) return { opened: [], code: 'absent' };
  if (found.length === 0 && first.startsWith('2.')) return { opened: [], code: 'chunks' };
  const isOver = found.length > COOKIE_CANDIDATES_MAX;
  const tried = found.length === 0 ? [first] : found.slice(0, COOKIE_CANDIDATES_MAX);
  const opened = [];
  let code = isOver ? 'ambiguous' : undefined;
  for (const candidate of tried) {
    try {
      opened.push(await openText(octets(joined(fields, name, candidate))));
    } catch (error) {
      if (!(error instanceof CretulaError)) throw error;
      code ??= error.code;
    }
  }
  return { opened, code: opened.length === 0 || isOver ? code : undefined };
}

/** Each character is one octet (§20.2); in UTF-8 one beyond ASCII would count twice. Neither it nor `.` is a token's. */
function octets(text) {
  return text.replace(/[\u0080-\u00ff]/g, '.');
}

/** The mark of a sid ([COOK-07]). */
export async function markOf(sid) {
  return encode(await sha256(utf8(sid))).slice(0, 22);
}

/** Whether the request holds a mark of this sid: a value of `<name>.end` is marks joined by `.` ([COOK-07]). */
export async function hasEnded(fields, name, sid) {
  let mark; // most requests hold none, and a digest of WebCrypto takes a turn through another thread
  for (const value of values(fields, `${name}.end`)) {
    mark ??= await markOf(sid);
    for (let from = 0; from <= value.length;) {
      const dot = value.indexOf('.', from);
      const to = dot < 0 ? value.length : dot;
      if (to - from === mark.length && value.startsWith(mark, from)) return true;
      from = to + 1;
    }
  }
  return false;
}

/** The sessions that opened, by sid once each, in the order received. */
export function bySid(opened) {
  return opened.filter(({ sid }, i) => opened.findIndex((one) => one.sid === sid) === i);
}

/** The one that is chosen of several with the same sid ([COOK-06]). */
export function best(opened) {
  return opened.reduce((a, b) => (b.rev > a.rev || (b.rev === a.rev && b.issuedAt > a.issuedAt) ? b : a));
}
