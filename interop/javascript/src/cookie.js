import { textLength } from './base64url.js';
import { compareUtf8, utf8Length } from './bytes.js';
import {
  COOKIE_LARGE, COOKIE_MAX, COOKIE_TOKEN_MAX, FIRST_PART, LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, MIN_BYTES, TIME_MAX,
} from './constants.js';
import { best, bySid, cookieFields, hasEnded, markOf, openCandidates, values } from './cookie-read.js';
import { CookieSettings } from './cookie-settings.js';
import { CretulaError, fail, inRange } from './errors.js';
import { Device, refresh, register } from './device.js';
import { known } from './options.js';
import { dataMembers } from './session-payload.js';
import { stateOf } from './session.js';
import {
  checkedSession, commitWith, newSession, noProofs, nowOfOpen, openSteps, Sessions, uncommitted, unsealed,
} from './sessions.js';
import { nowOf, systemDraw } from './system.js';
import { makeToken, openToken, payloadBytes } from './token.js';
import { setUp } from './tokens.js';

/** `cookie_too_large` ([COOK-11]): `over`, in octets, and `largest`, the member of `data` with the longest value. */
export class CookieTooLargeError extends CretulaError {
  constructor(over, largest) {
    super('cookie_too_large', `cookie_too_large: ${over} octets over`);
    this.over = over;
    this.largest = largest;
  }
}

/**
 * Sessions in cookies (§20): `{sessions, deviceBinding?, ...CookieSettings}`. `deviceBinding` is `{path?, proof?,
 * requireAfter?}`, or true for the defaults (§21). Throws `device_settings`, `cookie_attributes` or `context_invalid`
 * for what it does not allow ([DEV-01]).
 */
export class SessionCookie {
  #requests = new WeakMap();

  constructor({ sessions, deviceBinding = false, ...settings }) {
    if (!(sessions instanceof Sessions)) throw new TypeError('sessions is a Sessions');
    this.sessions = sessions;
    this.settings = new CookieSettings(settings);
    const bound = deviceBinding === true ? {} : deviceBinding || undefined;
    if (typeof (bound ?? {}) !== 'object') throw new TypeError('deviceBinding is true, false or an object');
    if (bound !== undefined) this.device = new Device(bound, this.settings, sessions);
    Object.freeze(this);
  }

  /**
   * Opens the session of a request's Cookie fields (§20.3): raw, in the order received, each character an octet. What
   * the browser sent never makes it throw: `reason` is the code. Throws `clock_range` for a `now` out of range, and
   * TypeError if the check answers with a `gen` that is no integer.
   */
  async open(fields, options) {
    const { now, check = this.sessions.check } = known(options, ['now', 'check'], 'open');
    const list = cookieFields(fields);
    const session = await this.#chosen(list, nowOfOpen(now, this.sessions.clock), check);
    this._hold(session, list);
    return session;
  }

  async #chosen(fields, now, check) {
    const { sessions, device } = this;
    const ring = sessions.ring.current; // one for the shape and for opening ([RING-17])
    const { found, code, authentic } = await this._choose(fields, ring, now);
    if (code !== undefined) return newSession(sessions, now, code, authentic);
    const proofs = device === undefined ? noProofs(found) : await device.proofs(found, fields, ring, now);
    return checkedSession(sessions, found, now, check, proofs);
  }

  /** `choose` of §20.3, to step 9d: `{found}`, or `{code, authentic}`. */
  async _choose(fields, ring, now) {
    const { sessions, settings: { name } } = this;
    if (now === undefined) return { code: 'no_clock' };
    const index = await ring.index('sealed', sessions.context);
    const { opened, code } = await openCandidates(fields, name, index, async (text) => {
      const found = await openSteps(sessions, ring, text, now, COOKIE_TOKEN_MAX);
      if (await hasEnded(fields, name, found.sid)) fail('signed_off');
      return found;
    });
    const authentic = bySid(opened);
    if (code !== undefined) return { code, authentic };
    if (authentic.length > 1) return { code: 'ambiguous', authentic };
    return { found: best(opened) };
  }

  /**
   * Commits the session: `{headers, wrote, large, payload?, ended}`. `headers` are [name, value] pairs for the response
   * ([COOK-09], [COOK-10]). Throws as `Sessions.commit`, and `cookie_too_large` after `payload_unserializable`.
   */
  async commit(session, options) {
    return cookieCommitWith(this, session, known(options, ['now', 'cacheControl'], 'commit'), systemDraw);
  }

  /**
   * Returns by how many octets the session, if it were sealed now, would not fit its cookie ([COOK-17]): 0 if it fits.
   * Nothing is drawn or changed. Throws `context_invalid`, `committed`, `clock_range` or `no_clock`,
   * `payload_unserializable`.
   */
  excess(session, options) {
    const { now } = known(options, ['now'], 'excess');
    this._held(session);
    const { sessions } = this;
    const state = uncommitted(sessions, session);
    const { text } = unsealed(sessions, state, nowOf(now, sessions.clock));
    return Math.max(0, over(this.settings, tokenLength(utf8Length(text))));
  }

  /**
   * Answers `POST <path>/start` of device binding (§21.6): `{status, reason?, headers, body, committed?, session?}`.
   * `cookies` are the request's Cookie fields, `responses` its values of Secure-Session-Response. Throws as a commit,
   * and TypeError as an open.
   */
  async register(request, options) {
    return answerWith(register, this, request, known(options, ['now', 'check'], 'register'), systemDraw);
  }

  /** Answers `POST <path>/refresh` (§21.7); `ids` are the values of Sec-Secure-Session-Id. */
  async refresh(request, options) {
    return answerWith(refresh, this, request, known(options, ['now', 'check'], 'refresh'), systemDraw);
  }

  /** Notes which values the request held, for the commit. */
  _hold(session, fields) {
    const holds = (name) => !values(fields, name).next().done;
    const { settings: { name }, device } = this;
    const proof = device !== undefined && holds(device.settings.cookieName);
    this.#requests.set(session, { second: holds(`${name}.1`), proof });
  }

  /** Whether the request held a value of `name.1`, and with device binding a proof; for commits. */
  _held(session) {
    const held = this.#requests.get(session);
    if (held === undefined) fail('context_invalid', 'the session was opened by another cookie');
    return held;
  }
}

/** Commits with a draw; hazmat.js gives a fixed one. All is sealed under one ring ([RING-17]). */
export async function cookieCommitWith(
  cookie, session, { now, cacheControl }, draw, ring = cookie.sessions.ring.current,
) {
  const { second: held, proof } = cookie._held(session);
  const { settings, sessions, device } = cookie;
  const done = await commitWith(sessions, session, now, draw, ring, (length, values) => (
    needsTwo(settings, tokenLength(length), values)), async (state, sealed) => (
    isOffered(device, state) ? { offer: await device.offer(sealed.sid, ring, sealed.now, draw) } : {}));
  const lines = linesOf(settings, done, held, await markOfEnded(settings, session, done.now));
  const isOver = done.wrote === 'expire' || stateOf(session).signedOff; // [DEV-10]
  if (proof && isOver) lines.unshift([device.settings.cookieName, '', 0]);
  const headers = lines.map((line) => ['Set-Cookie', settings.line(...line)]);
  headers.push(['Vary', 'Cookie']);
  if (lines.length > 0) headers.push(['Cache-Control', 'no-store']);
  else if (cacheControl === undefined || cacheControl === null) headers.push(['Cache-Control', 'private']);
  if (done.offer !== undefined) headers.push(done.offer);
  const { wrote, payload, ended } = done;
  const octets = lines.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return { headers, wrote, large: octets > COOKIE_LARGE, payload, ended };
}

/** Whether a seal carries the offer of [DEV-05]: after a sign-on or a re-authentication, if no key is bound. */
function isOffered(device, { offer, values: { sub, jkt } }) {
  return device !== undefined && offer && sub !== undefined && jkt === undefined;
}

/** Answers a POST of device binding with a draw; hazmat.js gives a fixed one. */
export async function answerWith(answer, cookie, request, { now, check = cookie.sessions.check }, draw) {
  if (cookie.device === undefined) throw new TypeError('device binding is not set up');
  const { cookies, ids, responses } = request;
  const fields = cookieFields(cookies);
  const time = nowOfOpen(now, cookie.sessions.clock);
  const commit = (session, ring) => {
    cookie._hold(session, fields);
    return cookieCommitWith(cookie, session, { now: time }, draw, ring);
  };
  const post = { fields, ids: listOf(ids), responses: listOf(responses), now: time, check, draw, commit };
  return answer(cookie, post);
}

function listOf(values) {
  return [values ?? []].flat();
}

/** `set_cookies` of §20.4, each line as [name, value, Max-Age, combination]: the cookie's own name comes last. */
function linesOf({ name, browserSession, previous }, { wrote, token, ttl, id }, held, mark) {
  if (wrote === 'nothing') return [];
  const second = `${name}.1`;
  const expire = (one, combination) => [one, '', 0, combination];
  const maxAge = browserSession ? undefined : ttl;
  const lines = previous.flatMap((combination) => (
    (held ? [name, second] : [name]).map((one) => expire(one, combination))));
  if (id !== undefined) lines.push([second, `${id}.${token.slice(FIRST_PART)}`, maxAge]);
  else if (held) lines.push(expire(second));
  if (mark !== undefined) lines.push(mark);
  if (wrote === 'expire') lines.push(expire(name));
  else lines.push([name, id === undefined ? token : `2.${id}.${token.slice(0, FIRST_PART)}`, maxAge]);
  return lines;
}

/** The line of the marks, if it is due: after a sign-off, for the authentic sessions whose end has not come. */
async function markOfEnded({ name }, session, now) {
  const { signedOff, authentic } = stateOf(session);
  const alive = signedOff ? authentic.filter(({ end }) => now < end) : [];
  if (alive.length === 0) return undefined;
  const marks = await Promise.all(alive.map(({ sid }) => markOf(sid)));
  return [`${name}.end`, marks.join('.'), Math.min(Math.max(...alive.map(({ end }) => end - now)), LIFE_MAX)];
}

/** Octets of the token of a payload of `bytes` bytes. */
function tokenLength(bytes) {
  return textLength(MIN_BYTES.sealed + bytes);
}

/** By how many octets a token of `length` octets does not fit ([COOK-11]); 0 or less if it fits. */
function over({ name, large }, length) {
  return large ? length - COOKIE_TOKEN_MAX : name.length + length - COOKIE_MAX;
}

/** Whether a token of `length` octets is written as two cookies (§20.5); or `cookie_too_large`. */
function needsTwo(settings, length, session) {
  const octets = over(settings, length);
  if (octets > 0) throw new CookieTooLargeError(octets, largestOf(session));
  return settings.name.length + length > COOKIE_MAX;
}

/** The member of `data` with the longest value; of several the one whose name's UTF-8 bytes are the smallest. */
function largestOf({ data }) {
  const members = dataMembers(data).map(([name, text]) => ({ name, octets: utf8Length(text) }));
  return members.sort((a, b) => b.octets - a.octets || compareUtf8(a.name, b.name))[0]?.name;
}

/** Tokens that are no session (§20.6): `{ring, context, ttl?, maxAge?, leeway?, limit?, clock?, ...CookieSettings}`. */
export class TokenCookie {
  #set;

  constructor({ ring, context, ttl, maxAge = LIFE_MAX, leeway = LEEWAY_DEFAULT, limit, clock, ...settings }) {
    this.#set = setUp({ ring, context, limit, clock });
    if (ttl !== undefined) this.#set.ttl = inRange(ttl, 1, LIFE_MAX, 'ttl_range', 'ttl');
    this.#set.leeway = inRange(leeway, 0, LEEWAY_MAX, 'leeway_range', 'leeway');
    this.#set.maxAge = inRange(maxAge, 1, LIFE_MAX, 'max_age_range', 'maxAge');
    this.settings = new CookieSettings(settings);
    if (this.settings.large || this.settings.previous.length > 0) fail('cookie_attributes');
    Object.freeze(this);
  }

  /** The token's payload and times ([COOK-08]), or an error with the code. */
  async read(fields, options) {
    const { now } = known(options, ['now'], 'read');
    const { context, clock, maxAge, leeway } = this.#set;
    const list = cookieFields(fields);
    const time = nowOf(now, clock);
    const ring = this.#set.ring.current;
    const opening = { maxAge, leeway, limit: COOKIE_TOKEN_MAX };
    const index = await ring.index('sealed', context);
    const { opened, code } = await openCandidates(list, this.settings.name, index, (text) => (
      openToken('sealed', ring, context, opening, text, time)));
    if (code !== undefined) fail(code);
    if (opened.length > 1) fail('ambiguous');
    return opened[0];
  }

  /** The headers that set it, for `ttl` seconds: those of the set-up, if none are given. */
  async write(payload, options) {
    const { ttl = this.#set.ttl, now } = known(options, ['ttl', 'now'], 'write');
    const { ring, context, limit, clock } = this.#set;
    const { name, browserSession } = this.settings;
    const bytes = payloadBytes(payload);
    const time = inRange(nowOf(now, clock), 0, TIME_MAX, 'clock_range', 'now');
    inRange(ttl, 1, LIFE_MAX, 'ttl_range', 'ttl');
    const octets = over(this.settings, tokenLength(bytes.length));
    if (octets > 0) throw new CookieTooLargeError(octets);
    const token = await makeToken('sealed', ring.current, context, limit, bytes, ttl, time, systemDraw);
    return headersOf(this.settings.line(name, token, browserSession ? undefined : ttl));
  }

  /** The headers that take it away. */
  expire() {
    return headersOf(this.settings.expire());
  }
}

function headersOf(line) {
  return [['Set-Cookie', line], ['Cache-Control', 'no-store']];
}
