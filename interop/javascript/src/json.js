import { fromUtf8, isIllFormed } from './bytes.js';
import { fail } from './errors.js';
import { NESTING_MAX } from './constants.js';

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS = [['true', true], ['false', false], ['null', null]];

/**
 * Reads a JSON text strictly (RFC 8259) into Map, array, string, number, boolean and null, and refuses what
 * JSON.parse hides: duplicate names, lone surrogates. Returns undefined for every refused text. A number is its
 * binary64 value, rounded to nearest; one beyond that is infinite.
 */
export function readJson(text, maxDepth = NESTING_MAX) {
  const reader = new Reader(text, maxDepth);
  try {
    const value = reader.value(1);
    reader.space();
    return reader.at === text.length ? value : undefined;
  } catch (error) {
    if (error === REFUSED) return undefined; // nothing of the text leaves with it
    throw error;
  }
}

const REFUSED = Symbol('refused');

class Reader {
  constructor(text, maxDepth) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.at = 0;
  }

  space() {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.at += 1;
    }
  }

  /** Skips space and takes the character, if it is the next. */
  take(character) {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  need(character) {
    if (!this.take(character)) throw REFUSED;
  }

  value(depth) {
    this.space();
    const first = this.text[this.at];
    if (first === '"') return this.string();
    if (first === '{' || first === '[') {
      if (depth > this.maxDepth) throw REFUSED;
      this.at += 1;
      return first === '{' ? this.object(depth) : this.array(depth);
    }
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) throw REFUSED;
    this.at += match[0].length;
    return Number(match[0]);
  }

  object(depth) {
    const members = new Map();
    if (this.take('}')) return members;
    do {
      this.space();
      if (this.text[this.at] !== '"') throw REFUSED;
      const name = this.string();
      if (members.has(name)) throw REFUSED;
      this.need(':');
      members.set(name, this.value(depth + 1));
    } while (this.take(','));
    this.need('}');
    return members;
  }

  array(depth) {
    const items = [];
    if (this.take(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.take(','));
    this.need(']');
    return items;
  }

  string() {
    const start = this.at;
    this.at += 1;
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (!(unit >= 0x20)) throw REFUSED; // a control character, or the end (NaN)
      this.at += unit === 0x5c ? 2 : 1;
      if (unit === 0x22) break;
    }
    let text;
    try {
      text = JSON.parse(this.text.slice(start, this.at));
    } catch {
      throw REFUSED;
    }
    if (isIllFormed(text)) throw REFUSED;
    return text;
  }
}

/** A read value as plain JavaScript. Refuses nothing: see `isPortable`. */
export function toPlain(node) {
  if (node === 0) return 0; // -0 too
  if (Array.isArray(node)) return node.map(toPlain);
  if (node instanceof Map) return Object.fromEntries(Array.from(node, ([name, value]) => [name, toPlain(value)]));
  return node;
}

function isPortableNumber(value) {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** False for what [SESS-06] lets an opener refuse: plain JavaScript would change it in silence. */
export function isPortable(node) {
  if (typeof node === 'number') return isPortableNumber(node);
  if (Array.isArray(node)) return node.every(isPortable);
  if (node instanceof Map) return !node.has('__proto__') && Array.from(node.values()).every(isPortable);
  return true;
}

/** The object of a JSON text in UTF-8, as [SESS-01], [SESS-03] and [SESS-06] judge it; undefined for all else. */
export function readObject(bytes) {
  const text = fromUtf8(bytes);
  const root = text === undefined ? undefined : readJson(text);
  return root instanceof Map && isPortable(root) ? root : undefined;
}

/** A string as [SESS-05] escapes it, which is what JSON.stringify does to a well-formed one. */
export function writeString(text) {
  if (isIllFormed(text)) fail('payload_unserializable', 'a string with an unpaired surrogate');
  return JSON.stringify(text);
}

/** A plain JavaScript value as text, or `payload_unserializable` ([SESS-06]); `sorted` for comparing ([SESS-11]). */
export function writeValue(value, depth, sorted = false) {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') {
    if (!isPortableNumber(value)) fail('payload_unserializable', 'a number beyond 53 bits, or none');
    return String(value); // ECMAScript's Number::toString, the one spelling of a number ([SESS-05]); -0 is 0
  }
  if (Array.isArray(value)) {
    if (depth > NESTING_MAX) fail('payload_unserializable', 'nested too deeply');
    checkArray(value);
    return `[${Array.from(value, (item) => writeValue(item, depth + 1, sorted)).join(',')}]`;
  }
  if (isPlainObject(value)) {
    return `{${writeMembers(value, depth, sorted).map(([name, text]) => `${writeString(name)}:${text}`).join(',')}}`;
  }
  return fail('payload_unserializable', `a ${typeof value} that JSON does not have`);
}

/** The members of a plain object as [name, text]; those that are undefined are left out. */
export function writeMembers(value, depth, sorted = false) {
  if (depth > NESTING_MAX) fail('payload_unserializable', 'nested too deeply');
  const names = Object.keys(value);
  if (Reflect.ownKeys(value).length !== names.length) fail('payload_unserializable', 'a symbol or a hidden property');
  if (sorted) names.sort();
  const members = [];
  for (const name of names) {
    if (name === '__proto__') fail('payload_unserializable', 'a member __proto__');
    const member = value[name]; // read once: a getter may answer otherwise the next time
    if (member !== undefined) members.push([name, writeValue(member, depth + 1, sorted)]);
  }
  return members;
}

/** Refuses what the items do not show: a class of its own, holes, further properties (as of a match of a RegExp). */
function checkArray(array) {
  const isOwnClass = !Array.isArray(Object.getPrototypeOf(array)); // Array.prototype is an array, in every realm
  if (isOwnClass || Reflect.ownKeys(array).length !== array.length + 1) { // the items and `length`
    fail('payload_unserializable', 'an array with more than items');
  }
}

/** An object literal, or one whose prototype gives it nothing; no Date, Map or instance of a class. */
export function isPlainObject(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  if (Object.getPrototypeOf(prototype) !== null) return false;
  // Another realm's Object.prototype, or an empty one, as node:querystring has.
  return Object.hasOwn(prototype, 'isPrototypeOf') || Reflect.ownKeys(prototype).length === 0;
}
