import { utf8 } from './bytes.js';
import { CHALLENGE_LIFE, LIFE_MAX, LIMIT_DEFAULT, PROOF_DEFAULT, PROOF_FIRST, PROOF_MAX } from './constants.js';
import { Context } from './context.js';
import { headerValue, proofCandidates } from './cookie-read.js';
import { proofName } from './cookie-settings.js';
import { fail, inRange } from './errors.js';
import { readObject, writeString } from './json.js';
import { isPoint, readJwt, thumbprint } from './jwt.js';
import { known } from './options.js';
import { isJkt, isSid } from './session-payload.js';
import { isNotNow, stateOf } from './session.js';
import { askedSession, codeOf } from './sessions.js';
import { makeToken, openToken } from './token.js';

const PATH = /^\/[A-Za-z0-9/._~-]{0,99}[A-Za-z0-9._~-]$/;
/** The longest purpose that leaves room for `.challenge`. */
const PURPOSE_MAX = 245;
const JSON_TYPE = ['Content-Type', 'application/json'];

/** The settings of device binding (§21.1), checked in the order of [DEV-01], for a cookie and a session's purpose. */
export class DeviceSettings {
  constructor(options, cookie, purpose) {
    const { path = '/device-binding', proof = PROOF_DEFAULT, requireAfter } = known(
      options, ['path', 'proof', 'requireAfter'], 'deviceBinding');
    if (typeof path !== 'string' || !PATH.test(path)) fail('device_settings', 'path');
    this.path = path;
    this.proof = inRange(proof, 1, PROOF_MAX, 'device_settings', 'proof');
    this.requireAfter = requireAfter === undefined ? undefined
      : inRange(requireAfter, 0, LIFE_MAX, 'device_settings', 'requireAfter');
    if (!cookie.name.startsWith('__Host-') || cookie.partitioned) {
      fail('cookie_attributes', 'device binding needs a cookie whose name begins with __Host-, not partitioned');
    }
    if (purpose.length > PURPOSE_MAX) fail('context_invalid', `a purpose of more than ${PURPOSE_MAX} bytes`);
    this.cookieName = proofName(cookie.name);
    Object.freeze(this);
  }
}

/** The three tokens of §21.2: the members that a payload of each has. */
const MEMBERS = {
  challenge: [['use', 'sid'], ['use', 'jkt']],
  device: [['sid', 'x', 'y']],
  proof: [['sid', 'jkt']],
};

/** Whether the strings of a payload are what [DEV-02] says. */
function isValid({ use, sid, jkt, x, y }) {
  if (use !== undefined && use !== (jkt === undefined ? 'register' : 'refresh')) return false;
  if (sid !== undefined && !isSid(sid)) return false;
  return (jkt === undefined || isJkt(jkt)) && (x === undefined || isPoint(x, y));
}

/** Device binding of one cookie: makes and opens the three tokens. */
export class Device {
  #sessions;
  #contexts;

  constructor(options, cookie, sessions) {
    const { audience, purpose } = sessions.context;
    this.settings = new DeviceSettings(options, cookie, purpose);
    this.#sessions = sessions;
    this.#contexts = Object.fromEntries(Object.keys(MEMBERS).map((name) => (
      [name, new Context(audience, `${purpose}.${name}`)])));
    Object.freeze(this);
  }

  /** Seals a token of the name: `draw` is that of the request, and gives one for each token. */
  async seal(name, members, ttl, ring, now, draw) {
    const text = `{${Object.entries(members).map(([member, value]) => `"${member}":${writeString(value)}`).join(',')}}`;
    return makeToken('sealed', ring, this.#contexts[name], LIMIT_DEFAULT, utf8(text), ttl, now, draw.of(name));
  }

  /** The members of a token of the name, and its `issuedAt`; or an error with the code. */
  async open(name, text, ring, now) {
    const maxAge = { challenge: CHALLENGE_LIFE, device: LIFE_MAX, proof: this.settings.proof }[name];
    const { leeway } = this.#sessions.policy;
    const opening = { maxAge, leeway, limit: LIMIT_DEFAULT };
    const { payload, issuedAt } = await openToken('sealed', ring, this.#contexts[name], opening, text, now);
    const root = readObject(payload);
    if (!MEMBERS[name].some((names) => names.length === root?.size && names.every((member) => root.has(member)))) {
      fail('payload_invalid');
    }
    if (!Array.from(root.values()).every((value) => typeof value === 'string')) fail('payload_invalid');
    const members = Object.fromEntries(root);
    if (!isValid(members)) fail('payload_invalid');
    return { ...members, issuedAt };
  }

  /** Step 9e ([DEV-04]): the times at which proofs of this session were made; undefined if it is unproven. */
  async proofs({ sid, jkt, sub, start }, fields, ring, now) {
    const { requireAfter, cookieName } = this.settings;
    if (jkt === undefined) {
      return sub !== undefined && requireAfter !== undefined && now >= start + requireAfter ? undefined : [];
    }
    const index = await ring.index('sealed', this.#contexts.proof);
    const proofs = [];
    for (const text of proofCandidates(fields, cookieName, index)) {
      const { got } = await tried(this.open('proof', text, ring, now));
      if (got?.jkt === jkt) proofs.push(got);
    }
    if (proofs.length === 0) return undefined;
    return proofs.filter((proof) => proof.sid === sid).map((proof) => proof.issuedAt);
  }

  /** The field that a commit adds after a sign-on or a re-authentication ([DEV-05]). */
  async offer(sid, ring, now, draw) {
    const challenge = await this.seal('challenge', { use: 'register', sid }, CHALLENGE_LIFE, ring, now, draw);
    const value = `(ES256);path="${this.settings.path}/start";challenge="${challenge}"`;
    return ['Secure-Session-Registration', value];
  }
}

/** What a promise gives, `{got}`, or the code with which it was refused, `{code}`. */
async function tried(promise) {
  try {
    return { got: await promise };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

/** Answers that set no cookie, in the order of [DEV-07] and [DEV-08]. */
function answer(status, reason, field, body = '') {
  const headers = [['Vary', 'Cookie'], ['Cache-Control', 'no-store']];
  return { status, reason, headers: field === undefined ? headers : [...headers, field], body };
}

const refused = (code) => answer(isNotNow(code) ? 503 : 401, code);
const ended = (device, code) => (
  answer(200, code, JSON_TYPE, `{"session_identifier":"${device}","continue":false}`));
/** For the answers of the step "503 (not now), over". */
const over = (device, code) => (isNotNow(code) ? refused(code) : ended(device, code));

/** One POST to an endpoint: `cookie` is a SessionCookie, `commit(session)` its commit at `now`. */
class Post {
  constructor(cookie, { fields, responses, now, check, draw, commit }) {
    Object.assign(this, { cookie, fields, responses, now, check, draw, commit });
    this.device = cookie.device;
    this.ring = cookie.sessions.ring.current; // one for all that is opened and sealed ([RING-17])
  }

  /** The JWT, whose challenge is not looked at yet. */
  jwt(key) {
    return tried(readJwt(headerValue(this.responses[0]), key));
  }

  /** The members of a challenge, or undefined for one that does not open. */
  async challenge(jti) {
    return (await tried(this.device.open('challenge', jti, this.ring, this.now))).got;
  }

  /** Step 9f, also where the check is not due: the session, and a code if the check closed it. */
  async asked(found) {
    const session = await askedSession(this.cookie.sessions, found, this.now, this.check);
    return { session, code: session.reason ?? undefined };
  }

  /** Binds the session, and commits it. */
  async bound(session, jkt) {
    stateOf(session).values.jkt = jkt;
    return { committed: await this.commit(session, this.ring), session };
  }

  /** 200: the proof, then the lines of the commit, if there was one ([DEV-07]). */
  async proven(found, jkt, done, longest, field, body) {
    const { cookie: { settings }, device, ring, now, draw } = this;
    const ttl = Math.min(longest, found.last - now);
    const proof = await device.seal('proof', { sid: found.sid, jkt }, ttl, ring, now, draw);
    const lines = (done?.committed.headers ?? []).filter(([name]) => name === 'Set-Cookie');
    const { headers, ...rest } = answer(200, undefined, field, body);
    const line = ['Set-Cookie', settings.line(device.settings.cookieName, proof, ttl)]; // its Max-Age always
    return { ...rest, headers: [line, ...lines, ...headers], ...done };
  }
}

/** Answers `POST <path>/start` (§21.6). */
export async function register(cookie, request) {
  const post = new Post(cookie, request);
  const { device, now } = post;
  if (post.responses.length !== 1) return refused('jwt_format');
  const { found, code } = await cookie._choose(post.fields, post.ring, now);
  if (code !== undefined) return refused(code);
  const { got, code: fault } = await post.jwt();
  if (fault !== undefined) return refused(fault);
  const jkt = await thumbprint(got.key);
  const challenge = await post.challenge(got.jti);
  if (found.sub === undefined) return refused('challenge_invalid'); // a guest's session has no jkt (§19.1)
  if (challenge?.use !== 'register' || challenge.sid !== found.sid) return refused('challenge_invalid');
  if (found.jkt !== undefined && found.jkt !== jkt) return refused('device_mismatch');
  const { session, code: closed } = await post.asked(found);
  if (closed !== undefined) return refused(closed);
  session.send();
  const done = await post.bound(session, jkt);
  const { sid, end } = found;
  const token = await device.seal('device', { sid, ...got.key }, Math.min(end - now, LIFE_MAX), post.ring, now, post.draw);
  const first = Math.min(device.settings.proof, PROOF_FIRST);
  return post.proven(found, jkt, done, first, JSON_TYPE, registered(cookie, token));
}

/** The body of [DEV-07]. */
function registered({ settings, device }, token) {
  const { path, cookieName } = device.settings;
  return `{"session_identifier":"${token}","refresh_url":"${path}/refresh",`
    + '"scope":{"include_site":false,"scope_specification":[]},'
    + `"credentials":[{"type":"cookie","name":${writeString(cookieName)},`
    + `"attributes":"Path=/; Secure; HttpOnly; SameSite=${settings.sameSite}"}]}`;
}

/** Answers `POST <path>/refresh` (§21.7); `request.ids` are the values of Sec-Secure-Session-Id. */
export async function refresh(cookie, request) {
  const post = new Post(cookie, request);
  const { device, now } = post;
  if (request.ids.length !== 1) return refused('absent');
  const id = headerValue(request.ids[0]);
  if (now === undefined) return refused('no_clock');
  const { got: token, code } = await tried(device.open('device', id, post.ring, now));
  if (code !== undefined) return refused(code);
  const jkt = await thumbprint(token);
  const { found, code: none } = await cookie._choose(post.fields, post.ring, now);
  if (none !== undefined) return over(id, none);
  const isOther = found.jkt === undefined ? found.sub === undefined || found.sid !== token.sid : found.jkt !== jkt;
  if (isOther) return over(id, 'device_mismatch');
  const challenged = async (reason) => {
    const text = await device.seal('challenge', { use: 'refresh', jkt }, CHALLENGE_LIFE, post.ring, now, post.draw);
    return answer(403, reason, ['Secure-Session-Challenge', `"${text}";id="${id}"`]);
  };
  if (post.responses.length === 0) return challenged();
  if (post.responses.length > 1) return refused('jwt_format');
  const { got, code: fault } = await post.jwt({ x: token.x, y: token.y }); // never a key of the header
  if (fault !== undefined) return refused(fault);
  const challenge = await post.challenge(got.jti);
  if (challenge?.use !== 'refresh' || challenge.jkt !== jkt) return challenged('challenge_invalid');
  const { session, code: closed } = await post.asked(found);
  if (closed !== undefined) return over(id, closed);
  const done = found.jkt === undefined ? await post.bound(session, jkt) : undefined;
  return post.proven(found, jkt, done, device.settings.proof);
}
