import { fromUtf8, isIllFormed, utf8Length } from './bytes.js';
import { INTEGER_MAX, SUB_MAX, TIME_MAX } from './constants.js';
import { fail } from './errors.js';
import {
  isPlainObject, isPortable, JsonNumber, readJson, toPlain, writeMembers, writeNode, writeString, writeValue,
} from './json.js';

const SID = /^[A-Za-z0-9_-]{22}$/;
const MEMBERS = ['sid', 'start', 'end', 'rev', 'sub', 'gen', 'auth_time', 'data', 'flash'];

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
  const node = root.get(name);
  if (!(node instanceof JsonNumber) || !isInteger(node.value, high, low)) throw INVALID;
  return node.value + 0;
}

const INVALID = Symbol('invalid');

/** Step 9a: the session in a payload, or `payload_invalid` ([SESS-01] to [SESS-04], and [SESS-06] as it may). */
export function readPayload(bytes) {
  const text = fromUtf8(bytes);
  const root = text === undefined ? undefined : readJson(text);
  if (!(root instanceof Map) || !isPortable(root)) fail('payload_invalid');
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
  if (typeof sid !== 'string' || !SID.test(sid)) throw INVALID;
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
  const data = root.get('data') ?? (root.has('data') ? null : new Map());
  const flash = root.get('flash') ?? (root.has('flash') ? null : new Map());
  if (!(data instanceof Map) || !(flash instanceof Map)) throw INVALID;
  for (const messages of flash.values()) if (!Array.isArray(messages)) throw INVALID;
  return { ...session, ...values(data, flash) };
}

/** Data and flash as plain values, and as they stood, for a session that leaves them alone ([SESS-12]). */
function values(dataNode, flashNode) {
  const data = toPlain(dataNode);
  const flash = new Map(Array.from(flashNode, ([name, messages]) => [name, messages.map(toPlain)]));
  const asRead = {
    dataSorted: sortedData(data),
    data: Array.from(dataNode, ([name, node]) => [name, writeNode(node)]),
    flashSorted: join(flashMembers(flash, true)),
    flash: Array.from(flashNode).filter(([, list]) => list.length > 0).map(([name, node]) => [name, writeNode(node)]),
  };
  return { data, flash, asRead };
}

/** The members of `data` as [name, text], spelled as read where no value changed. */
export function dataMembers(data, asRead) {
  const sorted = sortedData(data);
  return sorted === asRead?.dataSorted ? asRead.data : writeMembers(data, 2);
}

function sortedData(data) {
  if (!isPlainObject(data)) fail('payload_unserializable', 'data is not an object');
  return join(writeMembers(data, 2, true));
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

/** What the application can change, as a text that is equal for equal values ([SESS-11]). */
export function comparable({ data, flash }) {
  return `${sortedData(data)}${join(flashMembers(flash, true))}`;
}

function join(members) {
  return `{${members.map(([name, text]) => `${writeString(name)}:${text}`).join(',')}}`;
}

/** The payload of [SESS-05]. */
export function writePayload(session) {
  const { sid, start, end, rev, sub, gen, authTime, data, flash, asRead } = session;
  const members = [['sid', writeString(sid)], ['start', start], ['end', end], ['rev', rev]];
  if (sub !== undefined) members.push(['sub', writeString(sub)], ['gen', gen], ['auth_time', authTime]);
  const ofData = dataMembers(data, asRead);
  if (ofData.length > 0) members.push(['data', join(ofData)]);
  const flashAsRead = asRead !== undefined && join(flashMembers(flash, true)) === asRead.flashSorted;
  const ofFlash = flashAsRead ? asRead.flash : flashMembers(flash);
  if (ofFlash.length > 0) members.push(['flash', join(ofFlash)]);
  return join(members);
}
