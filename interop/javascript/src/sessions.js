import {
  ABSOLUTE_DEFAULT, IDLE_DEFAULT, INTEGER_MAX, LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, TIME_MAX,
} from './constants.js';
import { CretulaError, fail, inRange } from './errors.js';
import { makeToken, openToken, payloadBytes } from './token.js';
import { nowOf, systemDraw } from './system.js';
import { comparable, readPayload, writePayload } from './session-payload.js';
import { Session, stateOf } from './session.js';
import { setUp } from './tokens.js';

/** The server's policy (§19.2), checked in the order of the table. */
export function policyOf({ idle = IDLE_DEFAULT, absolute = ABSOLUTE_DEFAULT, leeway = LEEWAY_DEFAULT } = {}) {
  inRange(idle, 1, LIFE_MAX, 'idle_range', 'idle');
  inRange(absolute, idle, LIFE_MAX, 'absolute_range', 'absolute');
  inRange(leeway, 0, LEEWAY_MAX, 'leeway_range', 'leeway');
  return Object.freeze({ idle, absolute, leeway });
}

/** Opens and commits sessions: `{ring, context, policy?, check?, limit?, clock?}`; `check: null` wants none. */
export class Sessions {
  constructor(options) {
    Object.assign(this, setUp(options));
    this.policy = policyOf(options.policy);
    this.check = options.check;
    Object.freeze(this);
  }

  /** The session of a token (§19.3): a new one with a `reason`, if it does not open or is null. */
  async open(token, { now, ended = false, check = this.check } = {}) {
    const time = nowOf(now, this.clock);
    if (token === null || token === undefined) return newSession(this, time, 'absent');
    let found;
    try {
      found = await openSteps(this, this.ring.current, token, time, this.limit);
      if (ended) fail('signed_off');
    } catch (error) {
      return newSession(this, time, codeOf(error));
    }
    return checkedSession(this, found, time, check);
  }

  /** What the response does (§19.4): `{wrote, token?, ttl?, payload?, ended?}`. */
  async commit(session, { now } = {}) {
    return commitWith(this, session, now, systemDraw);
  }
}

/** The code of a refused token or session; what is no refusal goes on. */
export function codeOf(error) {
  if (error instanceof CretulaError) return error.code;
  throw error;
}

/** A new guest session, and why ([SESS-10]). */
export function newSession(owner, now, reason, authentic) {
  return new Session({ owner, now, leeway: owner.policy.leeway, reason, authentic });
}

/** Steps 0 to 9c. */
export async function openSteps({ context, policy }, ring, token, now, limit) {
  const opening = { maxAge: policy.idle, leeway: policy.leeway, limit };
  const { payload, issuedAt, expiresAt } = await openToken('sealed', ring, context, opening, token, now);
  const found = readPayload(payload);
  const latest = now + policy.leeway;
  if (found.start > latest || (found.authTime ?? 0) > latest) fail('issued_in_future');
  const last = lastOf(found, policy);
  if (now >= last) fail('expired');
  return { ...found, issuedAt, expiresAt, last };
}

function lastOf({ start, end }, policy) {
  return Math.min(end, start + policy.absolute);
}

/** Step 9e (§19.5): an opened session, or a new one that the check demanded. */
export async function checkedSession(owner, found, now, check) {
  const opened = new Session({ owner, now, leeway: owner.policy.leeway, reason: null, opened: found, authentic: found });
  const reason = check === null ? undefined : await checkFault(found, check, opened);
  return reason === undefined ? opened : newSession(owner, now, reason, found);
}

async function checkFault({ sid, sub, gen }, check, { authTime, start, end }) {
  let answer;
  try {
    answer = await check?.({ sid, sub, gen, authTime, start, end });
  } catch {
    answer = undefined; // a check that fails has not answered
  }
  if (sub !== undefined) {
    if (answer?.gen === undefined || answer.gen === null) return 'unchecked';
    if (answer.gen !== gen) return 'revoked';
  }
  return answer?.denied ? 'signed_off' : undefined; // any truth: a count of rows too
}

/** Commit of §19.4. `fit` may refuse a payload's length before it is sealed ([COOK-11]). */
export async function commitWith(owner, session, given, draw, fit = () => {}) {
  const state = stateOf(session);
  if (!sameContext(state.owner.context, owner.context)) fail('context_invalid');
  if (state.committed) throw new Error('this session was committed already');
  const now = nowOf(given, owner.clock);
  const want = decide(state, owner.policy, now);
  const result = { wrote: want.act, now };
  state.committed = true;
  if (want.act === 'seal') {
    try {
      Object.assign(result, await sealSession(owner, state, now, draw, fit));
    } catch (error) {
      state.committed = error instanceof CretulaError && want.otherwise !== undefined;
      if (!state.committed) throw error;
      result.wrote = want.otherwise;
    }
  }
  const { authentic, offer } = state;
  if (offer && authentic !== undefined) result.ended = { sid: authentic.sid, end: authentic.end };
  return result;
}

function sameContext(a, b) {
  return a.audience === b.audience && a.purpose === b.purpose;
}

/** What to do, and what instead if a seal fails ([SESS-11]). */
function decide(state, policy, now) {
  const { values, isNew, send, signedOff } = state;
  const changed = differs(state);
  if (isNew) {
    if (changed || send) return { act: 'seal', otherwise: signedOff && values.sub === undefined ? 'expire' : undefined };
    return { act: signedOff ? 'expire' : 'nothing' };
  }
  const last = lastOf(values, policy);
  if (now >= last) return { act: 'expire' };
  const refresh = 2 * (Math.min(now + policy.idle, last) - state.expiresAt) >= policy.idle;
  if (changed || send) return { act: 'seal' };
  return refresh ? { act: 'seal', otherwise: 'nothing' } : { act: 'nothing' };
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

async function sealSession(owner, { values, isNew }, now, draw, fit) {
  const { policy, context, limit, ring } = owner;
  const start = isNew ? now : values.start;
  const end = isNew ? Math.min(now + policy.absolute, TIME_MAX) : values.end;
  const ttl = Math.min(policy.idle, lastOf({ start, end }, policy) - now);
  const rev = Math.min(values.rev + 1, INTEGER_MAX);
  const sealed = { ...values, start, end, rev, sid: values.sid ?? 'A'.repeat(22), authTime: values.authTime ?? now };
  let payload = written(sealed);
  fit(payloadBytes(payload).length, sealed);
  if (values.sid === undefined) payload = written({ ...sealed, sid: draw.sid() });
  const bytes = payloadBytes(payload);
  return { payload, ttl, token: await makeToken('sealed', ring.current, context, limit, bytes, ttl, now, draw) };
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
