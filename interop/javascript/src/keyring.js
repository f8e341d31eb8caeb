import { hex } from './bytes.js';
import { CretulaError, fail, inRange } from './errors.js';
import { LEEWAY_MAX, LIFE_MAX, TIME_END, TIME_MAX } from './constants.js';
import { derive } from './derive.js';
import { keyBytes, keyFromBytes, keyFromText, MasterKey } from './key.js';
import { readRingText } from './keyring-text.js';

/** 100 years of 365.25 days: a time later than that is probably milliseconds ([RING-18]). */
const FAR = 3155760000;

/** A refused ring: the code, and the position of the entry where there is one ([RING-06]). */
export class KeyringError extends CretulaError {
  constructor(code, entry) {
    super(code, entry === undefined ? code : `${code}: entry ${entry}`);
    this.name = 'KeyringError';
    this.entry = entry;
  }
}

/** The master keys of a server, in order (§11). Immutable; a LiveKeyring exchanges it. */
export class Keyring {
  #entries;
  #derived = new Map();
  #indexes = new Map();

  /** Entries `{key, sealFrom?, acceptUntil?}`, keys being MasterKey. */
  constructor(entries) {
    if (!Array.isArray(entries)) throw new TypeError('entries are an array');
    for (const entry of entries) {
      if (!(entry?.key instanceof MasterKey)) throw new TypeError('key is a MasterKey');
    }
    const seen = new Set();
    this.#entries = entries.map((entry, i) => checked(entry, i, seen));
    if (entries.length === 0) throw new KeyringError('keyring_empty');
  }

  /**
   * Reads either text form, a list or a document ([RING-15]), from a string or bytes. Throws KeyringError with the code
   * of the first fault and, where one entry is at fault, its position ([RING-06]).
   */
  static async fromText(text) {
    return ringFromText(text, false);
  }

  /**
   * Reads the variable `name` of the environment, or of another object that holds strings. An error names the variable,
   * never what it holds.
   */
  static async fromEnv(name, env = globalThis.process?.env) {
    try {
      return await Keyring.fromText(env?.[name] ?? '');
    } catch (error) {
      const unset = env?.[name] === undefined || env[name] === '';
      error.message = unset ? `the variable ${name} is not set` : `the variable ${name}: ${error.message}`;
      throw error;
    }
  }

  /** The ring a call uses throughout ([RING-17]). */
  get current() {
    return this;
  }

  /** The entries, as read. */
  get entries() {
    return this.#entries.slice();
  }

  /** Index of the sealing entry (§11.2), or `no_sealing_key`. */
  sealingEntry(now) {
    const time = inRange(now, 0, TIME_MAX, 'clock_range', 'now');
    let best = -1;
    this.#entries.forEach((entry, i) => {
      if (entry.sealFrom <= time && (best < 0 || entry.sealFrom > this.#entries[best].sealFrom)) best = i;
    });
    if (best < 0 || !this.accepts(best, time)) fail('no_sealing_key');
    return best;
  }

  /** Whether entry `i` is accepted, without leeway ([OPEN-07]). */
  accepts(i, now) {
    const { acceptUntil } = this.#entries[i];
    return acceptUntil === undefined || now < acceptUntil;
  }

  /** Indices of the accepted entries. */
  accepted(now) {
    inRange(now, 0, TIME_MAX, 'clock_range', 'now');
    return Array.from(this.#entries.keys()).filter((i) => this.accepts(i, now));
  }

  /**
   * Returns what a tool warns of ([RING-18]): `{entry, code}`, by entry. All four inputs are seconds, `reloadGrace` at
   * most 34 560 000. Throws `leeway_range`, `clock_range`, `ttl_range`, `grace_range`, in this order.
   */
  warnings({ now, longestTtl, reloadGrace, leeway }) {
    inRange(leeway, 0, LEEWAY_MAX, 'leeway_range', 'leeway');
    inRange(now, 0, TIME_MAX, 'clock_range', 'now');
    inRange(longestTtl, 1, LIFE_MAX, 'ttl_range', 'longestTtl');
    inRange(reloadGrace, 0, LIFE_MAX, 'grace_range', 'reloadGrace');
    const starts = this.#entries.map((entry) => entry.sealFrom);
    const seals = canSeal(this, now);
    const found = [];
    this.#entries.forEach(({ sealFrom, acceptUntil }, entry) => {
      const successor = starts.reduce((least, s) => (s > sealFrom && s < least ? s : least), Infinity);
      if (this.accepts(entry, now) && successor !== Infinity && acceptUntil !== undefined
        && acceptUntil < successor + longestTtl + reloadGrace) {
        found.push({ entry, code: 'ends_before_its_tokens' });
      }
      if (seals && now < sealFrom && sealFrom < now + reloadGrace + leeway) {
        found.push({ entry, code: 'takes_over_too_soon' });
      }
      if (Math.max(sealFrom, acceptUntil ?? 0) > now + FAR) found.push({ entry, code: 'far_in_future' });
    });
    return found;
  }

  /** Working key and key id of entry `i`, derived once ([DERIVE-01]). */
  derived(i, kind, context) {
    const name = `${i} ${kind} ${context.audience} ${context.purpose}`;
    return once(this.#derived, name, () => derive(keyBytes(this.#entries[i].key), kind, context));
  }

  /** Key id in hex to `{K, keyId, entry}`, for one kind and context. */
  index(kind, context) {
    return once(this.#indexes, `${kind} ${context.audience} ${context.purpose}`, async () => {
      const all = await Promise.all(this.#entries.map((_, i) => this.derived(i, kind, context)));
      return new Map(all.map((one, entry) => [hex(one.keyId), { ...one, entry }]));
    });
  }
}

/**
 * Holds the ring of a running server; calls begun before an exchange may end with the old one (§11.5). Exchanges take
 * effect in the order in which they began: one that is ready after a later one is in force changes nothing ([RING-17]).
 */
export class LiveKeyring {
  #ring;
  #text;
  #begun = 0;
  #inForce = 0;

  /** `text` is what the ring was read from, if it was: the same text again is then no exchange. */
  constructor(ring, text) {
    this.replace(ring);
    this.#text = text;
  }

  get current() {
    return this.#ring;
  }

  /** Puts another ring in force, whole. */
  replace(ring) {
    if (!(ring instanceof Keyring)) throw new TypeError('not a Keyring');
    this.#exchange(ring, this.#begin());
  }

  /**
   * Reads a ring text and puts it in force. `text` may be a promise, such as `readFile(path)`: the reading then began
   * with this call. If it fails or the text is refused, the old ring stays and the error is thrown ([RING-16]). Returns
   * whether another ring is in force now: the text of the present one, read again, leaves it and what it derived.
   */
  async reload(text) {
    const number = this.#begin();
    const read = await text;
    if (number > this.#inForce && isSameText(read, this.#text)) {
      this.#inForce = number;
      return false;
    }
    return this.#exchange(await Keyring.fromText(read), number, read);
  }

  #begin() {
    this.#begun += 1;
    return this.#begun;
  }

  #exchange(ring, number, text) {
    if (number < this.#inForce) return false;
    this.#ring = ring;
    this.#text = text;
    this.#inForce = number;
    return true;
  }
}

function isSameText(a, b) {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function canSeal(ring, now) {
  try {
    return ring.sealingEntry(now) >= 0;
  } catch {
    return false;
  }
}

function once(map, name, make) {
  let made = map.get(name);
  if (made === undefined) {
    made = make();
    map.set(name, made);
    made.catch(() => map.delete(name));
  }
  return made;
}

function isTime(value) {
  return Number.isInteger(value) && value >= 0 && value < TIME_END;
}

/** One entry's checks after its key's, in the order of [RING-06]. */
function checked({ key, sealFrom, acceptUntil }, position, seen) {
  if (sealFrom !== undefined && !isTime(sealFrom)) throw new KeyringError('keyring_time', position);
  if (acceptUntil !== undefined && !isTime(acceptUntil)) throw new KeyringError('keyring_time', position);
  const from = (sealFrom ?? 0) + 0;
  if (acceptUntil !== undefined && from >= acceptUntil) throw new KeyringError('keyring_window', position);
  const bytes = hex(keyBytes(key));
  if (seen.has(bytes)) throw new KeyringError('key_duplicate', position);
  seen.add(bytes);
  return Object.freeze({ key, sealFrom: from, ...(acceptUntil === undefined ? {} : { acceptUntil }) });
}

/** A ring of raw entries, keys as text or bytes, one entry wholly before the next. */
export async function ringFromRaw(raw, testKeys) {
  const entries = [];
  const seen = new Set();
  for (const [position, { key, sealFrom, acceptUntil }] of raw.entries()) {
    let made;
    try {
      made = key instanceof Uint8Array ? keyFromBytes(key, testKeys) : await keyFromText(key, testKeys);
    } catch (error) {
      throw error instanceof CretulaError ? new KeyringError(error.code, position) : error;
    }
    entries.push(checked({ key: made, sealFrom, acceptUntil }, position, seen));
  }
  return new Keyring(entries);
}

/** A ring of a text; `testKeys` is for hazmat.js alone. */
export async function ringFromText(text, testKeys) {
  const raw = readRingText(text);
  if (raw === undefined) throw new KeyringError('keyring_format');
  return ringFromRaw(raw, testKeys);
}
