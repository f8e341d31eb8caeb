import { INTEGER_MAX, TIME_MAX } from './constants.js';
import { fail, NotNowError } from './errors.js';
import { isPlainObject } from './json.js';
import { known } from './options.js';
import { comparable, isInteger, isSub } from './session-payload.js';

/** Reads a session's state; not exported from the package. */
export let stateOf;

/** The reasons for which a session may be valid in a moment, or on another server ([SESS-18]). */
const NOT_NOW = ['unknown_key', 'issued_in_future', 'no_clock', 'unproven', 'unchecked'];

/** Whether a code is one of them. */
export function isNotNow(code) {
  return NOT_NOW.includes(code);
}

/** A guest session that nothing was done to ([SESS-10]). */
function fresh() {
  return { sid: undefined, start: undefined, end: undefined, rev: 0, data: {}, flash: new Map() };
}

/** A database may give a string or a BigInt for a number: the message says so. */
function checkType(gen) {
  if (typeof gen !== 'number') fail('user_invalid', `gen is a ${typeof gen}, not a number`);
}

function membersOf(data, names) {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(data, name)).map((name) => [name, data[name]]));
}

/**
 * What works with other libraries, such as `session.theme = 1` or `delete session.user`, would be lost in silence here.
 * A proxy refuses it in sloppy code too. Returned to the subclass, it gets the private members.
 */
class Guarded {
  constructor() {
    const refuse = (_, name) => {
      throw new TypeError(`session.${String(name)}: values belong into session.data, and signOff() ends a session`);
    };
    const set = (target, name, ...rest) => (name === 'data' ? Reflect.set(target, name, ...rest) : refuse(target, name));
    const traps = { set, deleteProperty: refuse, defineProperty: refuse, setPrototypeOf: () => refuse(this, 'prototype') };
    return new Proxy(this, traps);
  }
}

/**
 * The session of one request (§19). `data` is a plain object, yours to read and change. After a commit that succeeded
 * every call that would change the session throws `committed` ([SESS-26]); a change inside `data` then goes unnoticed.
 */
export class Session extends Guarded {
  #state;

  static {
    stateOf = (session) => session.#state;
  }

  /**
   * Made by the calls that open: `opened` is what a good token held, `reason` why there is none, `authentic` the
   * sessions that the request's tokens held ([SESS-17]), `now` undefined without a clock ([SESS-27]).
   */
  constructor({ owner, now, leeway, reason, opened, authentic }) {
    super();
    const values = opened ?? fresh();
    this.#state = {
      owner, now, leeway, reason, authentic, values,
      isNew: opened === undefined,
      expiresAt: opened?.expiresAt,
      before: opened === undefined ? undefined : comparable(opened),
      send: false, signedOff: false, offer: false, proved: false, earlier: false, answered: false, committed: false,
    };
  }

  /** null if the request's session opened; otherwise the code for the log, `absent` without a token. */
  get reason() {
    return this.#state.reason;
  }

  /**
   * True if the request's session may be valid in a moment, or on another server, but could not be opened now
   * ([SESS-18]). Do not write then: it would replace a session that may still be valid. Answer 503.
   */
  get notNow() {
    return isNotNow(this.#state.reason);
  }

  /** Returns this session; throws NotNowError, which the middlewares answer with 503, if it cannot be told now. */
  need() {
    if (this.notNow) throw new NotNowError(this.reason);
    return this;
  }

  /** The session's name, or undefined until it is first sealed. */
  get sid() {
    return this.#state.values.sid;
  }

  get start() {
    return this.#state.values.start;
  }

  get end() {
    return this.#state.values.end;
  }

  /** Who is signed on, or undefined: a guest. */
  get sub() {
    return this.#state.values.sub;
  }

  get gen() {
    return this.#state.values.gen;
  }

  /** When the user proved who they are; the time of the open until a proof of this request is committed. */
  get authTime() {
    const { values, now } = this.#state;
    return values.sub === undefined ? undefined : values.authTime ?? now;
  }

  /** True if the session is bound to a device (§21). */
  get isBound() {
    return this.#state.values.jkt !== undefined;
  }

  /** Idle end and absolute end of what was opened. */
  get expiresAt() {
    return this.#state.expiresAt;
  }

  get last() {
    return this.#state.values.last;
  }

  get data() {
    return this.#state.values.data;
  }

  set data(value) {
    this.#changeable().values.data = value;
  }

  #changeable() {
    if (this.#state.committed) fail('committed', 'the session was committed already');
    return this.#state;
  }

  /** Asks for the session to be sent, changed or not. */
  send() {
    this.#changeable().send = true;
  }

  /**
   * Signs a user on ([SESS-14]): a new session. `keep` names the members of `data` that stay. `authTime`, in seconds,
   * is the time of the earlier proof, if the sign-on rests on one. Throws `user_invalid`, and changes nothing, for a
   * `sub` or `gen` outside §19.1, and for an `authTime` that is negative or later than the open plus the leeway.
   */
  signOn(user) {
    const state = this.#changeable();
    const { sub, gen, keep = [], authTime } = known(user, ['sub', 'gen', 'keep', 'authTime'], 'signOn');
    checkType(gen);
    if (!isSub(sub) || !isInteger(gen, INTEGER_MAX)) fail('user_invalid');
    const latest = Math.min(TIME_MAX, state.now + state.leeway); // NaN without a clock: no time is at most that
    if (authTime !== undefined && !isInteger(authTime, latest)) fail('user_invalid', 'authTime is out of range');
    const old = state.values.data;
    // What is no object has no members to take out; it stays, for the commit to refuse it.
    const data = keep.length === 0 ? {} : isPlainObject(old) ? membersOf(old, keep) : old;
    state.values = { ...fresh(), sub, gen: gen + 0, authTime: authTime === undefined ? undefined : authTime + 0, data };
    this.#begin();
    state.proved = authTime === undefined;
    state.earlier = !state.proved;
  }

  /**
   * Re-authentication or step-up ([SESS-15]): a new sid; everything else stays. Throws `user_invalid` if nobody is
   * signed on, or for a `gen` outside §19.1.
   */
  reauthenticate(user) {
    const state = this.#changeable();
    const { gen } = known(user, ['gen'], 'reauthenticate');
    checkType(gen);
    if (state.values.sub === undefined || !isInteger(gen, INTEGER_MAX)) fail('user_invalid');
    state.values = { ...state.values, sid: undefined, gen: gen + 0, authTime: undefined };
    state.proved = true;
    state.earlier = false;
    state.offer = true;
  }

  /** Signs off ([SESS-16]): a new guest session. */
  signOff() {
    this.#changeable().values = fresh();
    this.#begin();
    this.#state.signedOff = true;
  }

  #begin() {
    Object.assign(this.#state, { isNew: true, send: false, offer: true, proved: false });
  }

  /** Adds a message for the next page. */
  flash(name, message) {
    if (typeof name !== 'string') throw new TypeError('the name of a message is a string');
    const { flash } = this.#changeable().values;
    flash.set(name, [...(flash.get(name) ?? []), message]);
  }

  /** Returns the messages of a name and drops them ([SESS-19]). */
  takeFlash(name) {
    const { flash } = this.#changeable().values;
    const messages = flash.get(name) ?? [];
    flash.delete(name);
    return messages;
  }

  /** Returns true if the user proved who they are less than `seconds` seconds before the open ([SESS-20]). */
  reauthWithin(seconds) {
    const { values, now, proved } = this.#state;
    if (!Number.isInteger(seconds)) throw new TypeError('seconds is not an integer'); // a string would be appended
    if (seconds <= 0 || values.sub === undefined) return false;
    return proved || now < this.authTime + seconds;
  }
}
