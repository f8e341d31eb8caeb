import { textLength } from './base64url.js';
import { utf8Length } from './bytes.js';
import {
  COOKIE_LARGE, COOKIE_MAX, COOKIE_TOKEN_MAX, FIRST_PART, LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, MIN_BYTES, TIME_MAX,
} from './constants.js';
import { best, cookieFields, hasEnded, markOf, openCandidates, values } from './cookie-read.js';
import { CookieSettings } from './cookie-settings.js';
import { CretulaError, fail, inRange } from './errors.js';
import { dataMembers } from './session-payload.js';
import { stateOf } from './session.js';
import { checkedSession, codeOf, commitWith, newSession, openSteps, Sessions } from './sessions.js';
import { nowOf, systemDraw } from './system.js';
import { makeToken, openToken, payloadBytes } from './token.js';
import { setUp } from './tokens.js';

/** `cookie_too_large`: octets over, and the member of `data` with the longest value ([COOK-11]). */
export class CookieTooLargeError extends CretulaError {
  constructor(over, largest) {
    super('cookie_too_large', `cookie_too_large: ${over} octets over`);
    this.over = over;
    this.largest = largest;
  }
}

/** Sessions in cookies (§20): `{sessions, ...CookieSettings}`. */
export class SessionCookie {
  #requests = new WeakMap();

  constructor({ sessions, ...settings }) {
    if (!(sessions instanceof Sessions)) throw new TypeError('sessions is a Sessions');
    this.sessions = sessions;
    this.settings = new CookieSettings(settings);
    Object.freeze(this);
  }

  /** The session of a request's Cookie fields (§20.3), raw, in the order received. */
  async open(fields, { now, check = this.sessions.check } = {}) {
    const { sessions, settings: { name } } = this;
    const list = cookieFields(fields);
    const time = nowOf(now, sessions.clock);
    const ring = sessions.ring.current; // one for the shape and for opening ([RING-17])
    let session;
    try {
      const index = await ring.index('sealed', sessions.context);
      const opened = await openCandidates(list, name, index, async (text) => {
        const found = await openSteps(sessions, ring, text, time, COOKIE_TOKEN_MAX);
        if (await hasEnded(list, name, found.sid)) fail('signed_off');
        return found;
      });
      session = await checkedSession(sessions, best(opened), time, check);
    } catch (error) {
      session = newSession(sessions, time, codeOf(error));
    }
    this.#requests.set(session, !values(list, `${name}.1`).next().done);
    return session;
  }

  /** `{headers, wrote, large, payload?, ended?}`: the headers of the response, as [name, value]. */
  async commit(session, { now, cacheControl } = {}) {
    return cookieCommitWith(this, session, { now, cacheControl }, systemDraw);
  }

  /** Whether the request held a value of `name.1`; for commits. */
  _heldSecond(session) {
    const held = this.#requests.get(session);
    if (held === undefined) fail('context_invalid', 'the session was opened by another cookie');
    return held;
  }
}

/** Commit with a draw; hazmat.js gives a fixed one. */
export async function cookieCommitWith(cookie, session, { now, cacheControl }, draw) {
  const held = cookie._heldSecond(session);
  const { settings, sessions } = cookie;
  const fit = (length, values) => checkFit(settings, textLength(MIN_BYTES.sealed + length), values);
  const done = await commitWith(sessions, session, now, draw, fit);
  const pairs = tokenPairs(settings, done, held, draw);
  const mark = await markPair(settings, session, done.now);
  if (mark !== undefined) pairs.push(mark);
  const lines = pairs.map(([name, value, maxAge]) => settings.line(name, value, maxAge));
  const size = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  let total = size;
  if (lines.length > 0) {
    for (const combination of settings.previous) {
      for (const name of held ? [settings.name, `${settings.name}.1`] : [settings.name]) {
        lines.push(settings.expire(name, combination));
        total += name.length;
      }
    }
  }
  const headers = [...lines.map((line) => ['Set-Cookie', line]), ['Vary', 'Cookie']];
  if (lines.length > 0) headers.push(['Cache-Control', 'no-store']);
  else if (cacheControl === undefined || cacheControl === null) headers.push(['Cache-Control', 'private']);
  const { wrote, payload, ended } = done;
  return { headers, wrote, large: total > COOKIE_LARGE, payload, ended };
}

/** The lines of `set_cookies` (§20.4) as [name, value, Max-Age]. */
function tokenPairs({ name, browserSession }, { wrote, token, ttl }, held, draw) {
  const second = `${name}.1`;
  const age = browserSession ? undefined : ttl;
  if (wrote === 'nothing') return [];
  if (wrote === 'seal' && name.length + token.length > COOKIE_MAX) {
    const id = draw.id();
    const first = `2.${id}.${token.slice(0, FIRST_PART)}`;
    return [[name, first, age], [second, `${id}.${token.slice(FIRST_PART)}`, age]];
  }
  const main = wrote === 'seal' ? [name, token, age] : [name, '', 0];
  return held ? [main, [second, '', 0]] : [main];
}

async function markPair({ name }, session, now) {
  const { signedOff, authentic } = stateOf(session);
  if (!signedOff || authentic === undefined || now >= authentic.end) return undefined;
  return [`${name}.end`, await markOf(authentic.sid), Math.min(authentic.end - now, LIFE_MAX)];
}

function checkFit({ name, large }, length, session) {
  if (name.length + length <= COOKIE_MAX || (large && length <= COOKIE_TOKEN_MAX)) return;
  const over = large ? length - COOKIE_TOKEN_MAX : name.length + length - COOKIE_MAX;
  let longest = -1;
  let largest;
  for (const [member, text] of dataMembers(session.data, session.asRead)) {
    const octets = utf8Length(text);
    if (octets > longest) [longest, largest] = [octets, member];
  }
  throw new CookieTooLargeError(over, largest);
}

/** Tokens that are no session (§20.6): `{ring, context, maxAge?, leeway?, limit?, clock?, ...CookieSettings}`. */
export class TokenCookie {
  #set;

  constructor({ ring, context, maxAge = LIFE_MAX, leeway = LEEWAY_DEFAULT, limit, clock, ...settings }) {
    this.#set = setUp({ ring, context, limit, clock });
    this.#set.leeway = inRange(leeway, 0, LEEWAY_MAX, 'leeway_range', 'leeway');
    this.#set.maxAge = inRange(maxAge, 1, LIFE_MAX, 'max_age_range', 'maxAge');
    this.settings = new CookieSettings(settings);
    if (this.settings.large || this.settings.previous.length > 0) fail('cookie_attributes');
    Object.freeze(this);
  }

  /** The token's payload and times ([COOK-08]), or an error with the code. */
  async read(fields, { now } = {}) {
    const { context, clock, maxAge, leeway } = this.#set;
    const list = cookieFields(fields);
    const time = nowOf(now, clock);
    const ring = this.#set.ring.current;
    const opening = { maxAge, leeway, limit: COOKIE_TOKEN_MAX };
    const opened = await openCandidates(list, this.settings.name, await ring.index('sealed', context), (text) => (
      openToken('sealed', ring, context, opening, text, time)));
    if (opened.length > 1) fail('ambiguous');
    return opened[0];
  }

  /** The headers that set it. */
  async write(payload, { ttl, now } = {}) {
    const { ring, context, limit, clock } = this.#set;
    const { name, browserSession } = this.settings;
    const bytes = payloadBytes(payload);
    const time = inRange(nowOf(now, clock), 0, TIME_MAX, 'clock_range', 'now');
    inRange(ttl, 1, LIFE_MAX, 'ttl_range', 'ttl');
    const over = name.length + textLength(MIN_BYTES.sealed + bytes.length) - COOKIE_MAX;
    if (over > 0) throw new CookieTooLargeError(over);
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
