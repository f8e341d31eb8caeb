/**
 * The calls of `../protocol.md`, by class and operation: the adapter answers with them, the vector tests compare them.
 * Inputs are a vector's; a salt, iv or `random` that is left out is drawn.
 */
import {
  Context, CretulaError, Keyring, MasterKey, Sealer, SessionCookie, Sessions, setUpCookies, Signer, TokenCookie,
  Unsealer, Verifier,
} from './src/index.js';
import * as hazmat from './src/hazmat.js';

export const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
export const hexes = (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, hazmat.hex(v)]));
export const contextOf = (v) => new Context(v.audience, v.purpose);
export const ringOf = (v) => hazmat.testRing(v.keyring.map(({ key, seal_from, accept_until }) => (
  { key: bytes(key), sealFrom: seal_from, acceptUntil: accept_until })));

/** An object without the members that are undefined. */
export const defined = (object) => Object.fromEntries(Object.entries(object).filter(([, x]) => x !== undefined));

async function derive(v) {
  const key = hazmat.testKeyFromBytes(bytes(v.key));
  const { workingKey, keyId, ...rest } = await hazmat.derivation(key, v.kind, contextOf(v));
  return hexes({ ...rest, working_key: workingKey, key_id: keyId });
}

async function seal(v) {
  const sealer = new Sealer({ ring: await ringOf(v), context: contextOf(v), limit: v.limit });
  const options = { ttl: v.ttl, now: v.now };
  if (v.salt === undefined) return { token: await sealer.seal(bytes(v.payload), options) };
  const random = { salt: bytes(v.salt), iv: bytes(v.iv) };
  return { token: await hazmat.makeFixed(sealer, bytes(v.payload), options, random) };
}

async function sign(v) {
  const signer = new Signer({ ring: await ringOf(v), context: contextOf(v), limit: v.limit });
  return { token: await signer.sign(bytes(v.payload), { ttl: v.ttl, now: v.now }) };
}

async function openerOf(Opener, v) {
  const { max_age: maxAge, leeway, limit } = v;
  return new Opener({ ring: await ringOf(v), context: contextOf(v), maxAge, leeway, limit });
}

const shownToken = ({ payload, issuedAt, ttl, keyId, expiresAt }) => (
  { ...hexes({ payload, key_id: keyId }), issued_at: issuedAt, ttl, expires_at: expiresAt });
const unseal = async (v) => shownToken(await (await openerOf(Unsealer, v)).unseal(v.token, { now: v.now }));
const verify = async (v) => shownToken(await (await openerOf(Verifier, v)).verify(v.token, { now: v.now }));

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
    return { seals: ring.sealingEntry(v.now), accepted: ring.accepted(v.now) };
  },
  async accept(v) {
    return { accepted: (await ringOf(v)).accepted(v.now) };
  },
  async warn(v) {
    const { now, longest_ttl: longestTtl, reload_grace: reloadGrace, leeway } = v;
    return { warnings: (await ringOf(v)).warnings({ now, longestTtl, reloadGrace, leeway }) };
  },
};

async function sessionsOf(v) {
  const check = v.check === undefined ? null : () => v.check;
  return new Sessions({ ring: await ringOf(v), context: contextOf(v), policy: v.policy, check });
}

function shownSession(session) {
  if (session.reason !== null) throw new CretulaError(session.reason);
  return { payload: hazmat.payloadOf(session), expires_at: session.expiresAt, last: session.last };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new CretulaError('payload_unserializable');
  }
}

const actions = {
  set_data: (session, text) => { session.data = parse(text); },
  sign_on: (session, { auth_time: authTime, ...user }) => session.signOn({ ...user, authTime }),
  reauthenticate: (session, user) => session.reauthenticate(user),
  sign_off: (session) => session.signOff(),
  flash: (session, { name, message }) => session.flash(name, parse(message)),
  take_flash: (session, { name }) => session.takeFlash(name).map((message) => JSON.stringify(message)),
  send: (session) => session.send(),
  reauth_within: (session, { seconds }) => session.reauthWithin(seconds),
};

/** Does the actions; what they answer, or undefined if none does. */
function act(session, list) {
  const answers = list.flatMap(Object.entries).map(([name, value]) => actions[name](session, value));
  const given = answers.filter((answer) => answer !== undefined);
  return given.length > 0 ? given : undefined;
}

const drawn = ({ salt, iv, ...rest }) => (salt === undefined ? rest : { ...rest, salt: bytes(salt), iv: bytes(iv) });

const session = {
  async open(v) {
    return shownSession(await (await sessionsOf(v)).open(v.token, { now: v.now, ended: v.ended }));
  },
  async run(v) {
    const sessions = await sessionsOf(v);
    const requests = [];
    let { token } = v;
    for (const { now, actions: list, commit, random } of v.requests) {
      const opened = await sessions.open(token, { now });
      const open = opened.reason === null ? 'opened' : opened.reason === 'absent' ? 'new' : opened.reason;
      const answers = act(opened, list);
      const done = random === undefined ? await sessions.commit(opened, { now: commit })
        : await hazmat.commitFixed(sessions, opened, { now: commit }, drawn(random));
      const { wrote, payload, ttl, ended } = done;
      requests.push(defined({ open, wrote, payload, ttl, token: done.token, answers, ended }));
      if (wrote !== 'nothing') token = done.token;
    }
    return { requests };
  },
};

const settingsOf = ({ same_site: sameSite, browser_session: browserSession, ...rest }) => (
  defined({ ...rest, sameSite, browserSession }));
const cookieOf = async (v) => new SessionCookie({ sessions: await sessionsOf(v), ...settingsOf(v.cookie) });

const cookie = {
  async setup(v) {
    const made = setUpCookies(v.cookies.map((one) => ({ purpose: one.purpose, cookie: settingsOf(one.cookie) })));
    return { expire: made.map((one) => one.expire()) };
  },
  async read(v) {
    return shownSession(await (await cookieOf(v)).open(v.fields, { now: v.now }));
  },
  async read_token(v) {
    const options = { ring: await ringOf(v), context: contextOf(v), maxAge: v.max_age, leeway: v.leeway };
    const { payload } = await new TokenCookie({ ...options, ...settingsOf(v.cookie) }).read(v.fields, { now: v.now });
    return { payload: new TextDecoder().decode(payload) };
  },
  async write(v) {
    const made = await cookieOf(v);
    const opened = await made.open(v.fields, { now: v.now });
    const answers = act(opened, v.actions);
    const options = { now: v.commit, cacheControl: v.cache_control };
    const done = v.random === undefined ? await made.commit(opened, options)
      : await hazmat.cookieCommitFixed(made, opened, options, drawn(v.random));
    const { headers, large, payload, ended } = done;
    return defined({ open: opened.reason ?? 'opened', headers, large, payload, answers, ended });
  },
};

const calls = {
  derivation: { derive }, sealer: { seal }, signer: { sign }, unsealer: { unseal }, verifier: { verify },
  keyring, session, cookie,
};

/** `{result}`, or `{error}` and the members that go with it. What is no CretulaError goes on. */
export async function call(name, op, inputs) {
  try {
    return { result: await calls[name][op](inputs) };
  } catch (error) {
    if (!(error instanceof CretulaError)) throw error;
    const { code, entry, over, largest } = error;
    return defined({ error: code, entry, over, largest });
  }
}
