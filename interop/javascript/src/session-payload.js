import { isIllFormed, utf8Length } from './bytes.js';
import { INTEGER_MAX, JKT_CHARACTERS, SID_CHARACTERS, SUB_MAX, TIME_MAX } from './constants.js';
import { fail } from './errors.js';
import { isPlainObject, readObject, toPlain, writeMembers, writeString, writeValue } from './json.js';

const CHARACTERS = /^[A-Za-z0-9_-]+$/;
const MEMBERS = ['sid', 'start', 'end', 'rev', 'sub', 'gen', 'auth_time', 'checked', 'jkt', 'data', 'flash'];

/** A string of the base64url alphabet; nothing else is asked of it ([SESS-04]). */
function hasCharacters(value, length) {
  return typeof value === 'string' && value.length === length && CHARACTERS.test(value);
}

/** A `sid`. */
export function isSid(value) {
  return hasCharacters(value, SID_CHARACTERS);
}

/** A `jkt`. */
export function isJkt(value) {
  return hasCharacters(value, JKT_CHARACTERS);
}

/** A `sub` of §19.1. */
export function isSub(sub) {
  if (typeof sub !== 'string' || sub === '' || isIllFormed(sub)) return false;
  return utf8Length(sub) <= SUB_MAX;
}

/** An integer from 0 to `high`; a value and no spelling ([SESS-02]). */
export function isInteger(value, high, low = 0) {
  return Number.isInteger(value) && value >= low && value <= high;
}

function integer(root, name, low, high) {
  const value = root.get(name);
  if (!isInteger(value, high, low)) throw INVALID;
  return value + 0;
}

const INVALID = Symbol('invalid');

/** Step 9a: the session in a payload, or `payload_invalid` ([SESS-01] to [SESS-04], and [SESS-06] as it may). */
export function readPayload(bytes) {
  const root = readObject(bytes);
  if (root === undefined) fail('payload_invalid');
  try {
    return readMembers(root);
  } catch (error) {
    if (error === INVALID) fail('payload_invalid');
    throw error;
  }
}

function readMembers(root) {
  for (const name of root.keys()) if (!MEMBERS.includes(name)) throw INVALID;
  const sid = root.get('sid');
  if (!isSid(sid)) throw INVALID;
  const start = integer(root, 'start', 0, TIME_MAX);
  const end = integer(root, 'end', 0, TIME_MAX);
  if (start >= end) throw INVALID;
  const session = { sid, start, end, rev: integer(root, 'rev', 1, INTEGER_MAX) };
  const user = ['sub', 'gen', 'auth_time'].filter((name) => root.has(name)).length;
  if (user !== 0) {
    if (user !== 3 || !isSub(root.get('sub'))) throw INVALID;
    session.sub = root.get('sub');
    session.gen = integer(root, 'gen', 0, INTEGER_MAX);
    session.authTime = integer(root, 'auth_time', 0, TIME_MAX);
  }
  if (root.has('checked')) session.checked = integer(root, 'checked', 0, TIME_MAX);
  if (root.has('jkt')) {
    session.jkt = root.get('jkt');
    if (user === 0 || !isJkt(session.jkt)) throw INVALID;
  }
  const data = root.get('data') ?? (root.has('data') ? null : new Map());
  const flash = root.get('flash') ?? (root.has('flash') ? null : new Map());
  if (!(data instanceof Map) || !(flash instanceof Map)) throw INVALID;
  for (const list of flash.values()) if (!Array.isArray(list)) throw INVALID;
  const messages = new Map(Array.from(flash, ([name, list]) => [name, toPlain(list)]));
  return { ...session, data: toPlain(data), flash: messages };
}

/** The members of `data` as [name, text]. */
export function dataMembers(data, sorted = false) {
  if (!isPlainObject(data)) fail('payload_unserializable', 'data is not an object');
  return writeMembers(data, 2, sorted);
}

function flashMembers(flash, sorted = false) {
  const members = [];
  for (const name of sorted ? [...flash.keys()].sort() : flash.keys()) {
    if (name === '__proto__') fail('payload_unserializable', 'a member __proto__');
    const messages = flash.get(name);
    if (messages.length > 0) members.push([name, writeValue(messages, 3, sorted)]);
  }
  return members;
}

/** What a request can change, as a text that is equal for equal values ([SESS-11]). */
export function comparable({ jkt = '', data, flash }) {
  return `${jkt}${join(dataMembers(data, true))}${join(flashMembers(flash, true))}`;
}

function join(members) {
  return `{${members.map(([name, text]) => `${writeString(name)}:${text}`).join(',')}}`;
}

/** The payload of [SESS-05]. */
export function writePayload(session) {
  const { sid, start, end, rev, sub, gen, authTime, checked, jkt, data, flash } = session;
  const members = [['sid', writeString(sid)], ['start', start], ['end', end], ['rev', rev]];
  if (sub !== undefined) members.push(['sub', writeString(sub)], ['gen', gen], ['auth_time', authTime]);
  if (checked !== undefined) members.push(['checked', checked]);
  if (jkt !== undefined) members.push(['jkt', writeString(jkt)]);
  const ofData = dataMembers(data);
  if (ofData.length > 0) members.push(['data', join(ofData)]);
  const ofFlash = flashMembers(flash);
  if (ofFlash.length > 0) members.push(['flash', join(ofFlash)]);
  return join(members);
}
