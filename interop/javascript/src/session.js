import { INTEGER_MAX, TIME_MAX } from './constants.js';
import { fail } from './errors.js';
import { isPlainObject } from './json.js';
import { comparable, isInteger, isSub } from './session-payload.js';

/** Reads a session's state; not exported from the package. */
export let stateOf;

/** A guest session that nothing was done to ([SESS-10]). */
function fresh() {
  return { sid: undefined, start: undefined, end: undefined, rev: 0, data: {}, flash: new Map() };
}

function membersOf(data, names) {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(data, name)).map((name) => [name, data[name]]));
}

/** The session of one request (§19). `data` is a plain object, yours to read and change. */
export class Session {
  #state;

  static {
    stateOf = (session) => session.#state;
  }

  /** Made by Sessions.open: `opened` is what a good token held, `reason` why there is none. */
  constructor({ owner, now, leeway, reason, opened, authentic }) {
    const values = opened ?? fresh();
    this.#state = {
      owner, now, leeway, reason, authentic, values,
      isNew: opened === undefined,
      expiresAt: opened?.expiresAt,
      before: opened === undefined ? undefined : comparable(opened),
      send: false, signedOff: false, offer: false, proved: false, committed: false,
    };
  }

  /** null when the request's session opened; else the code for the log, `absent` without a token. */
  get reason() {
    return this.#state.reason;
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
    this.#state.values.data = value;
  }

  /** Asks for the session to be sent, changed or not. */
  send() {
    this.#state.send = true;
  }

  /** Sign-on ([SESS-14]): a new session; `keep` names members of data that stay. */
  signOn({ sub, gen, keep = [], authTime }) {
    const state = this.#state;
    if (!isSub(sub) || !isInteger(gen, INTEGER_MAX)) fail('user_invalid');
    if (authTime !== undefined && !isInteger(authTime, Math.min(TIME_MAX, state.now + state.leeway))) {
      fail('user_invalid');
    }
    const old = state.values.data;
    // What is no object has no members to take out; it stays, for the commit to refuse it.
    const data = keep.length === 0 ? {} : isPlainObject(old) ? membersOf(old, keep) : old;
    state.values = { ...fresh(), sub, gen: gen + 0, authTime: authTime === undefined ? undefined : authTime + 0, data };
    this.#begin();
    state.proved = authTime === undefined;
  }

  /** Re-authentication or step-up ([SESS-15]): a new sid, the rest stays. */
  reauthenticate({ gen }) {
    const state = this.#state;
    if (state.values.sub === undefined || !isInteger(gen, INTEGER_MAX)) fail('user_invalid');
    state.values = { ...state.values, sid: undefined, gen: gen + 0, authTime: undefined };
    state.proved = true;
    state.offer = true;
  }

  /** Sign-off ([SESS-16]): a new guest session. */
  signOff() {
    this.#state.values = fresh();
    this.#begin();
    this.#state.signedOff = true;
  }

  #begin() {
    Object.assign(this.#state, { isNew: true, send: false, offer: true, proved: false });
  }

  /** Adds a message for the next page. */
  flash(name, message) {
    if (typeof name !== 'string') throw new TypeError('the name of a message is a string');
    const { flash } = this.#state.values;
    flash.set(name, [...(flash.get(name) ?? []), message]);
  }

  /** Reads and drops the messages of a name ([SESS-19]). */
  takeFlash(name) {
    const { flash } = this.#state.values;
    const messages = flash.get(name) ?? [];
    flash.delete(name);
    return messages;
  }

  /** The guard of [SESS-20]. */
  reauthWithin(seconds) {
    const { values, now, proved } = this.#state;
    if (!Number.isInteger(seconds)) throw new TypeError('seconds is not an integer'); // a string would be appended
    if (seconds <= 0 || values.sub === undefined) return false;
    return proved || now < this.authTime + seconds;
  }
}
