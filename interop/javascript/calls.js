/**
 * The calls of `../protocol.md`, by class and operation: the adapter answers with them, the vector tests compare them.
 * Inputs are a vector's; a salt, iv or `random` that is left out is drawn. A time of null says that the call is made
 * without a `now`, and that the clock fails.
 */
import {
  Context, CookieSettings, CretulaError, DeviceSettings, Keyring, LiveKeyring, MasterKey, Sealer, SessionCookie,
  Sessions, setUpCookies, Signer, TokenCookie, Unsealer, Verifier,
} from './src/index.js';
import { isPlainObject, readJson, toPlain } from './src/json.js';
import * as hazmat from './src/hazmat.js';

export const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
export const hexes = (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, hazmat.hex(v)]));
export const contextOf = (v) => new Context(v.audience, v.purpose);
export const ringOf = (v) => hazmat.testRing(v.keyring.map(({ key, seal_from, accept_until }) => (
  { key: bytes(key), sealFrom: seal_from, acceptUntil: accept_until })));

/** Serves the calls that are given no `now`. */
const clock = () => { throw new Error('no clock'); };
const timeOf = (time) => time ?? undefined;

/** A call that this API cannot express; the message is the reason. */
class Skipped extends Error {}

/** A ring has no clock: its calls are given the time. */
function givenTime(now) {
  if (now === null) throw new Skipped('the calls of a ring take now, and read no clock');
  return now;
}

/** An object without the members that are undefined. */
export const defined = (object) => Object.fromEntries(Object.entries(object).filter(([, x]) => x !== undefined));

async function derive(v) {
  const key = hazmat.testKeyFromBytes(bytes(v.key));
  const { workingKey, keyId, ...rest } = await hazmat.derivation(key, v.kind, contextOf(v));
  return hexes({ ...rest, working_key: workingKey, key_id: keyId });
}

async function seal(v) {
  const sealer = new Sealer({ ring: await ringOf(v), context: contextOf(v), limit: v.limit, clock });
  const options = { ttl: v.ttl, now: timeOf(v.now) };
  if (v.salt === undefined && !v.no_randomness) return { token: await sealer.seal(bytes(v.payload), options) };
  const random = v.no_randomness ? hazmat.NO_RANDOMNESS : { salt: bytes(v.salt), iv: bytes(v.iv) };
  return { token: await hazmat.makeFixed(sealer, bytes(v.payload), options, random) };
}

async function sign(v) {
  const signer = new Signer({ ring: await ringOf(v), context: contextOf(v), limit: v.limit, clock });
  return { token: await signer.sign(bytes(v.payload), { ttl: v.ttl, now: timeOf(v.now) }) };
}

async function openerOf(Opener, v) {
  const { max_age: maxAge, leeway, limit } = v;
  return new Opener({ ring: await ringOf(v), context: contextOf(v), maxAge, leeway, limit, clock });
}

const shownToken = ({ payload, issuedAt, ttl, keyId, expiresAt }) => (
  { ...hexes({ payload, key_id: keyId }), issued_at: issuedAt, ttl, expires_at: expiresAt });
const unseal = async (v) => shownToken(await (await openerOf(Unsealer, v)).unseal(v.token, { now: timeOf(v.now) }));
const verify = async (v) => shownToken(await (await openerOf(Verifier, v)).verify(v.token, { now: timeOf(v.now) }));

const digitsOf = async (key) => (await key.exportText()).slice(13, 77);

const keyring = {
  async key_text(v) {
    return { key: await digitsOf(await (v.test_keys ? hazmat.testKeyFromText : MasterKey.fromText)(v.text)) };
  },
  async key_bytes(v) {
    const key = (v.test_keys ? hazmat.testKeyFromBytes : MasterKey.fromBytes)(bytes(v.bytes));
    return { key: await digitsOf(key), text: await key.exportText() };
  },
  async ring(v) {
    const text = v.text ?? bytes(v.text_hex);
    const { entries } = await (v.test_keys ? hazmat.testRingFromText : Keyring.fromText)(text);
    return {
      entries: await Promise.all(entries.map(async ({ key, sealFrom, acceptUntil }) => defined(
        { key: await digitsOf(key), seal_from: sealFrom === 0 ? undefined : sealFrom, accept_until: acceptUntil }))),
    };
  },
  async select(v) {
    const ring = await ringOf(v);
    return { seals: ring.sealingEntry(givenTime(v.now)), accepted: ring.accepted(v.now) };
  },
  async accept(v) {
    return { accepted: (await ringOf(v)).accepted(givenTime(v.now)) };
  },
  async warn(v) {
    const { longest_ttl: longestTtl, reload_grace: reloadGrace, leeway } = v;
    return { warnings: (await ringOf(v)).warnings({ now: givenTime(v.now), longestTtl, reloadGrace, leeway }) };
  },
};

const checkOf = ({ check }) => (check === undefined ? null : () => check);

async function sessionsOf(v, ring) {
  const check = checkOf(v);
  return new Sessions({ ring: ring ?? await ringOf(v), context: contextOf(v), policy: v.policy, check, clock, log: null });
}

function shownSession(session) {
  if (session.reason !== null) throw new CretulaError(session.reason);
  return { payload: hazmat.payloadOf(session), expires_at: session.expiresAt, last: session.last };
}

const isFinite = (node) => {
  if (node instanceof Map) return Array.from(node.values()).every(isFinite);
  return Array.isArray(node) ? node.every(isFinite) : typeof node !== 'number' || Number.isFinite(node);
};

/** The value of an action's JSON text, which JSON.parse would read with the last of two names. */
function parse(text) {
  const node = readJson(text, 200);
  if (node === undefined || !isFinite(node)) throw new CretulaError('payload_unserializable');
  return toPlain(node);
}

function parseObject(text) {
  const value = parse(text);
  if (!isPlainObject(value)) throw new CretulaError('payload_unserializable');
  return value;
}

const actions = {
  set_data: (session, text) => { session.data = parseObject(text); },
  change: (session, { path, value: text }) => {
    const place = path.slice(0, -1).reduce((at, step) => at[step], session.data);
    const value = parse(text);
    Object.defineProperty(place, path.at(-1), { value, configurable: true, enumerable: true, writable: true });
  },
  sign_on: (session, { auth_time: authTime, ...user }) => session.signOn({ ...user, authTime }),
  reauthenticate: (session, user) => session.reauthenticate(user),
  sign_off: (session) => session.signOff(),
  flash: (session, { name, message }) => session.flash(name, parse(message)),
  take_flash: (session, { name }) => session.takeFlash(name).map((message) => JSON.stringify(message)),
  send: (session) => session.send(),
  reauth_within: (session, { seconds }) => session.reauthWithin(seconds),
  excess: (session, options, cookie) => cookie.excess(session, { now: timeOf(options.now) }),
};

/** Does the actions; what they answer, or undefined if none does. */
function act(session, list, cookie) {
  const answers = list.flatMap(Object.entries).map(([name, value]) => actions[name](session, value, cookie));
  const given = answers.filter((answer) => answer !== undefined);
  return given.length > 0 ? given : undefined;
}

/** What a commit draws: fixed values, a generator that fails, or undefined for the platform's. */
function drawn({ random, no_randomness: none }) {
  if (none) return hazmat.NO_RANDOMNESS;
  return random && bytesOf(random);
}

/** Salts and ivs as bytes, also those of further tokens; a sid and an id are texts. */
function bytesOf(random) {
  return Object.fromEntries(Object.entries(random).map(([name, value]) => {
    if (typeof value === 'object') return [name, bytesOf(value)];
    return [name, name === 'salt' || name === 'iv' ? bytes(value) : value];
  }));
}

/** Members that are left out where they say nothing. */
const openedAs = ({ notNow }) => ({ not_now: notNow || undefined });
const endedOf = ({ ended }) => ({ ended: ended.length > 0 ? ended : undefined });

const session = {
  async open(v) {
    return shownSession(await (await sessionsOf(v)).open(v.token, { now: timeOf(v.now), ended: v.ended }));
  },
  async run(v) {
    const ring = new LiveKeyring(await ringOf(v));
    const sessions = await sessionsOf(v, ring);
    const requests = [];
    let { token } = v;
    for (const request of v.requests) {
      if (request.keyring !== undefined) ring.replace(await ringOf(request));
      const asked = request.check === undefined ? {} : { check: checkOf(request) };
      const opened = await sessions.open(token, { now: timeOf(request.now), ...asked });
      const open = opened.reason === null ? 'opened' : opened.reason === 'absent' ? 'new' : opened.reason;
      const answers = act(opened, request.actions);
      if (request.exchange !== undefined) ring.replace(await ringOf({ keyring: request.exchange }));
      const { policy, ...context } = request.commit_as ?? {};
      const committer = request.commit_as === undefined ? sessions
        : await sessionsOf({ ...v, ...context, policy: policy ?? v.policy }, ring);
      const options = { now: timeOf(request.commit) };
      const random = drawn(request);
      const commit = () => (random === undefined ? committer.commit(opened, options)
        : hazmat.commitFixed(committer, opened, options, random));
      const done = await commit();
      for (let more = 1; more < (request.commits ?? 1); more += 1) await commit();
      act(opened, request.after ?? []);
      const { wrote, payload, ttl } = done;
      requests.push(defined({
        open, ...openedAs(opened), wrote, payload, ttl, token: done.token, answers, ...endedOf(done),
      }));
      if (wrote !== 'nothing') token = done.token;
    }
    return { requests };
  },
};

const settingsOf = ({ same_site: sameSite, browser_session: browserSession, ...rest }) => (
  defined({ ...rest, sameSite, browserSession }));
const deviceOf = ({ require_after: requireAfter, ...rest }) => defined({ ...rest, requireAfter });
const cookieOf = async (v) => new SessionCookie({
  sessions: await sessionsOf(v),
  deviceBinding: v.device === undefined ? false : deviceOf(v.device),
  ...settingsOf(v.cookie),
});

const cookie = {
  async setup(v) {
    const made = setUpCookies(v.cookies.map((one) => ({ purpose: one.purpose, cookie: settingsOf(one.cookie) })));
    return { expire: made.map((one) => one.expire()) };
  },
  async read(v) {
    return shownSession(await (await cookieOf(v)).open(v.fields, { now: timeOf(v.now) }));
  },
  async read_token(v) {
    const options = { ring: await ringOf(v), context: contextOf(v), maxAge: v.max_age, leeway: v.leeway, clock };
    const made = new TokenCookie({ ...options, ...settingsOf(v.cookie) });
    const { payload } = await made.read(v.fields, { now: timeOf(v.now) });
    return { payload: new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload) };
  },
  async write(v) {
    const made = await cookieOf(v);
    const opened = await made.open(v.fields, { now: timeOf(v.now) });
    const answers = act(opened, v.actions, made);
    const options = { now: timeOf(v.commit), cacheControl: v.cache_control };
    const random = drawn(v);
    const done = random === undefined ? await made.commit(opened, options)
      : await hazmat.cookieCommitFixed(made, opened, options, random);
    const { headers, large, payload } = done;
    return defined({
      open: opened.reason ?? 'opened', ...openedAs(opened), headers, large, payload, answers, ...endedOf(done),
    });
  },
};

async function answered(op, v) {
  const made = await cookieOf(v);
  const { fields: cookies, ids, responses } = v;
  const request = { cookies, ids, responses };
  const options = { now: timeOf(v.now) };
  const random = drawn(v);
  const { status, reason, headers, body, committed } = random === undefined ? await made[op](request, options)
    : await hazmat.answerFixed(op, made, request, options, random);
  return defined({ status, reason, headers, body: body || undefined, payload: committed?.payload });
}

const device = {
  async setup(v) {
    const made = new CookieSettings(settingsOf(v.cookie));
    return { expire: made.expire(new DeviceSettings(deviceOf(v.device), made, v.purpose).cookieName) };
  },
  read: cookie.read,
  write: cookie.write,
  register: (v) => answered('register', v),
  refresh: (v) => answered('refresh', v),
};

const calls = {
  derivation: { derive }, sealer: { seal }, signer: { sign }, unsealer: { unseal }, verifier: { verify },
  keyring, session, cookie, device,
};

/** `{result}`, `{skip}`, or `{error}` and the members that go with it. Any other error is thrown again. */
export async function call(name, op, inputs) {
  try {
    return { result: await calls[name][op](inputs) };
  } catch (error) {
    if (error instanceof Skipped) return { skip: error.message };
    if (!(error instanceof CretulaError)) throw error;
    const { code, entry, over, largest } = error;
    return defined({ error: code, entry, over, largest });
  }
}
