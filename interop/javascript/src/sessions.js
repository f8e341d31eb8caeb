import {
  ABSOLUTE_DEFAULT, IDLE_DEFAULT, INTEGER_MAX, LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, RECHECK_MAX, SID_CHARACTERS,
  TIME_MAX,
} from './constants.js';
import { CretulaError, fail, inRange } from './errors.js';
import { entryFor, openToken, payloadBytes, writeToken } from './token.js';
import { known, logOf } from './options.js';
import { nowOf, systemDraw } from './system.js';
import { comparable, readPayload, writePayload } from './session-payload.js';
import { Session, stateOf } from './session.js';
import { setUp } from './tokens.js';

export const POLICY = ['idle', 'absolute', 'leeway', 'recheck'];

/** The server's policy (§19.2), checked in the order of the table. */
export function policyOf(policy) {
  const {
    idle = IDLE_DEFAULT, absolute = ABSOLUTE_DEFAULT, leeway = LEEWAY_DEFAULT, recheck = 0,
  } = known(policy, POLICY, 'policy');
  inRange(idle, 1, LIFE_MAX, 'idle_range', 'idle');
  inRange(absolute, idle, LIFE_MAX, 'absolute_range', 'absolute');
  inRange(leeway, 0, LEEWAY_MAX, 'leeway_range', 'leeway');
  inRange(recheck, 0, RECHECK_MAX, 'recheck_range', 'recheck');
  return Object.freeze({ idle, absolute, leeway, recheck });
}

/**
 * Opens and commits sessions, wherever their token is kept: `{ring, context, policy?, check?, limit?, clock?, log?}`.
 * The times of a policy are seconds. `check: null` says that the application wants no check (§19.5). Throws
 * `context_invalid`, `limit_range`, and the codes of a policy: `idle_range`, `absolute_range`, `leeway_range`,
 * `recheck_range`.
 *
 * `log`, the console by default, gets an error that the check threw, and the code of a refused session unless it is
 * `absent` or `expired`; null switches it off.
 */
export class Sessions {
  constructor({ policy, check, log, ...options }) {
    Object.assign(this, setUp(options));
    this.policy = policyOf(policy);
    this.log = logOf(log);
    if (check !== undefined && check !== null && typeof check !== 'function') throw new TypeError('check is a function');
    this.check = check;
    Object.freeze(this);
  }

  /**
   * Opens the session of a token (§19.3). If there is no token or it does not open, the session is a new one, and its
   * `reason` is the code ([SESS-10]). Throws `clock_range` for a `now` out of range, and TypeError if the check answers
   * with a `gen` that is no integer.
   */
  async open(token, options) {
    const { now, ended = false, check = this.check } = known(options, ['now', 'ended', 'check'], 'open');
    const time = nowOfOpen(now, this.clock);
    if (time === undefined) return newSession(this, time, 'no_clock');
    if (token === null || token === undefined) return newSession(this, time, 'absent');
    let found;
    try {
      found = await openSteps(this, this.ring.current, token, time, this.limit);
      if (ended) fail('signed_off');
    } catch (error) {
      return newSession(this, time, codeOf(error));
    }
    return checkedSession(this, found, time, check, noProofs(found));
  }

  /**
   * Decides what the response does, and seals if it is to be sealed (§19.4): `{wrote, now, token?, ttl?, payload?,
   * ended}`. Throws, in this order, `context_invalid`, `committed`, `clock_range` or `no_clock`,
   * `payload_unserializable`, `ttl_range`, `no_sealing_key`, `result_too_long`, `no_randomness` ([SESS-28]). A commit
   * that failed may be tried again ([SESS-26]).
   */
  async commit(session, options) {
    const { now } = known(options, ['now'], 'commit');
    return commitWith(this, session, now, systemDraw);
  }
}

/** `now` of an open: undefined if there is no clock ([SESS-27]). */
export function nowOfOpen(given, clock) {
  try {
    return nowOf(given, clock);
  } catch (error) {
    if (codeOf(error) !== 'no_clock') throw error;
    return undefined;
  }
}

/** The code of a refused token or session; any other error is thrown again. */
export function codeOf(error) {
  if (error instanceof CretulaError) return error.code;
  throw error;
}

/** A new guest session, the reason for it ([SESS-10]), and the authentic sessions of the request ([SESS-17]). */
export function newSession(owner, now, reason, authentic = []) {
  if (reason !== 'absent' && reason !== 'expired') owner.log.info(`session refused: ${reason}`);
  return new Session({ owner, now, leeway: owner.policy.leeway, reason, authentic });
}

/** Steps 0 to 9c. */
export async function openSteps({ context, policy }, ring, token, now, limit) {
  const opening = { maxAge: policy.idle, leeway: policy.leeway, limit };
  const { payload, issuedAt, expiresAt } = await openToken('sealed', ring, context, opening, token, now);
  const found = readPayload(payload);
  const latest = now + policy.leeway;
  if (found.start > latest || (found.authTime ?? 0) > latest || (found.checked ?? 0) > latest) fail('issued_in_future');
  const last = lastOf(found, policy);
  if (now >= last) fail('expired');
  return { ...found, issuedAt, expiresAt, last };
}

function lastOf({ start, end }, policy) {
  return Math.min(end, start + policy.absolute);
}

/** Step 9e without device binding ([SESS-29]). */
export function noProofs({ jkt }) {
  return jkt === undefined ? [] : undefined;
}

/**
 * Steps 9e and 9f: an opened session, or a new one that they demanded. `proofs` are the times of the proofs that the
 * transport shows, undefined if there are none and one is needed ([DEV-04], [SESS-29]).
 */
export async function checkedSession(owner, found, now, check, proofs) {
  if (proofs === undefined) return newSession(owner, now, 'unproven', [found]);
  if (!isDue(owner.policy, found, proofs, now)) return openedSession(owner, found, now);
  return askedSession(owner, found, now, check);
}

/** [SESS-30]. */
function isDue({ recheck }, { checked }, proofs, now) {
  const times = checked === undefined ? proofs : [checked, ...proofs];
  return recheck === 0 || times.every((time) => now >= time + recheck);
}

function openedSession(owner, found, now) {
  return new Session({ owner, now, leeway: owner.policy.leeway, reason: null, opened: found, authentic: [found] });
}

/** Step 9f (§19.5), also where the check is not due. */
export async function askedSession(owner, found, now, check) {
  const opened = openedSession(owner, found, now);
  if (check === null) return opened;
  const reason = await checkFault(found, check, opened, owner.log);
  return reason === undefined ? opened : newSession(owner, now, reason, [found]);
}

/** The code, or undefined; then `checked` is written, if the check was asked and did not throw ([SESS-31]). */
async function checkFault(found, check, opened, log) {
  const { sid, sub, gen } = found;
  const { authTime, start, end } = opened;
  const state = stateOf(opened);
  let answer;
  let isAnswered = false;
  try {
    answer = await check?.({ sid, sub, gen, authTime, start, end });
    isAnswered = check !== undefined;
  } catch (error) {
    log.error('the check failed', error); // it has not answered; but somebody must hear of a database that is gone
  }
  if (answer?.denied) return 'signed_off'; // any truth: a count of rows too
  if (sub !== undefined) {
    if (answer?.gen === undefined || answer.gen === null) return 'unchecked';
    if (!Number.isInteger(answer.gen)) throw new TypeError(`check: gen is a ${typeof answer.gen}, not an integer`);
    if (answer.gen !== gen) return 'revoked';
  }
  if (isAnswered && state.owner.policy.recheck > 0) {
    found.checked = state.now;
    state.answered = true;
  }
  return undefined;
}

/**
 * Commits (§19.4). `fit(length, values)` refuses a payload's length before it is sealed ([COOK-11]), and says whether
 * the token needs two cookies (§20.5). `offer(state, sealed)` adds to what was sealed; if it fails, the commit does.
 */
export async function commitWith(
  owner, session, given, draw, ring = owner.ring.current, fit = () => false, offer = () => ({}),
) {
  const state = uncommitted(owner, session);
  state.committed = true; // while it waits too: a change would come too late
  try {
    const done = await decideAndSeal(owner, state, nowOf(given, owner.clock), draw, ring, fit);
    return done.wrote === 'seal' ? { ...done, ...await offer(state, done) } : done;
  } catch (error) {
    state.committed = false;
    throw error;
  }
}

/** The state of a session that may be committed here: the first two checks of a commit ([SESS-26]). */
export function uncommitted({ context, policy }, session) {
  const state = stateOf(session);
  const { context: itsContext, policy: itsPolicy } = state.owner;
  if (!isSame(itsContext, context) || !isSame(itsPolicy, policy)) {
    fail('context_invalid', 'the session was opened under another context or policy');
  }
  if (state.committed) fail('committed', 'the session was committed already');
  return state;
}

/** Ends what may be done with a session: every later change throws `committed`. */
export function close(session) {
  stateOf(session).committed = true;
}

/** Whether the application changed the session in this request; `forGood` if by a sign-on or sign-off. */
export function changeOf(session) {
  const state = stateOf(session);
  return { changed: state.send || state.offer || differs(state), forGood: state.offer };
}

function isSame(a, b) {
  return Object.keys(a).every((name) => a[name] === b[name]);
}

async function decideAndSeal(owner, state, now, draw, ring, fit) {
  const want = decide(state, owner.policy, now);
  const ended = state.offer ? state.authentic.map(({ sid, end }) => ({ sid, end })) : [];
  const result = { wrote: want.act, now, ended };
  if (want.act !== 'seal') return result;
  try {
    return { ...result, ...await sealSession(owner, state, now, draw, ring, fit) };
  } catch (error) {
    if (!(error instanceof CretulaError) || want.otherwise === undefined) throw error;
    return { ...result, wrote: want.otherwise };
  }
}

/** What to do, and what instead if a seal fails ([SESS-11]). */
function decide(state, policy, now) {
  const { values, isNew, send, signedOff, answered } = state;
  const changed = differs(state);
  if (isNew) {
    if (changed || send) return { act: 'seal', otherwise: signedOff && values.sub === undefined ? 'expire' : undefined };
    return { act: signedOff ? 'expire' : 'nothing' };
  }
  const last = lastOf(values, policy);
  if (now >= last) return { act: 'expire' };
  const refresh = 2 * (Math.min(now + policy.idle, last) - state.expiresAt) >= policy.idle;
  if (changed || send) return { act: 'seal' };
  return refresh || answered ? { act: 'seal', otherwise: 'nothing' } : { act: 'nothing' };
}

const EMPTY = comparable({ data: {}, flash: new Map() });

/** By value ([SESS-11]): a proof of this request is a change, and so is what cannot be written. */
function differs({ values, isNew, before }) {
  if (isNew ? values.sub !== undefined : values.sid === undefined) return true;
  try {
    return comparable(values) !== (isNew ? EMPTY : before);
  } catch {
    return true;
  }
}

/** Takes the place of a sid until one is drawn, for the length. */
const NO_SID = 'A'.repeat(SID_CHARACTERS);

/** What a seal at `now` would write, sid aside: `{values, ttl, text}`; or `payload_unserializable`. */
export function unsealed({ policy }, { values, isNew, earlier }, now) {
  const start = isNew ? now : values.start;
  const end = isNew ? Math.min(now + policy.absolute, TIME_MAX) : values.end;
  const ttl = Math.min(policy.idle, lastOf({ start, end }, policy) - now);
  const rev = Math.min(values.rev + 1, INTEGER_MAX);
  const isBegun = values.sid === undefined; // in this request, or re-authenticated in it ([SESS-31])
  const checked = isBegun && !earlier && policy.recheck > 0 ? now : values.checked;
  const sid = values.sid ?? NO_SID;
  const sealed = { ...values, start, end, rev, sid, authTime: values.authTime ?? now, checked };
  return { values: sealed, ttl, text: written(sealed) };
}

/** All that can be refused is refused before anything is drawn, so that `no_randomness` comes last ([SESS-28]). */
async function sealSession(owner, state, now, draw, ring, fit) {
  const { context, limit } = owner;
  const { values, ttl, text } = unsealed(owner, state, now);
  const { length } = payloadBytes(text);
  const inTwo = fit(length, values);
  const entry = entryFor('sealed', ring, limit, length, ttl, now);
  const sid = state.values.sid ?? draw.sid();
  const payload = state.values.sid === undefined ? text.replace(NO_SID, sid) : text;
  const id = inTwo ? draw.id() : undefined;
  const token = await writeToken('sealed', ring, context, entry, payloadBytes(payload), ttl, now, draw);
  return { payload, ttl, token, id, sid };
}

/** The payload; what a getter of the application throws counts as no JSON form. */
function written(session) {
  try {
    return writePayload(session);
  } catch (error) {
    if (error instanceof CretulaError) throw error;
    return fail('payload_unserializable', 'a value that cannot be read');
  }
}
