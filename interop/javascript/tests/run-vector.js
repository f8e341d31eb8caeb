/** Runs one vector and gives what its `result` or `error` should be. */
import {
  Context, CretulaError, MasterKey, Keyring, SessionCookie, Sessions, setUpCookies, Sealer, Signer, TokenCookie,
  Unsealer, Verifier,
} from '../src/index.js';
import * as hazmat from '../src/hazmat.js';

const { hex } = hazmat;
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexes = (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, hex(v)]));
const snake = ({ info, okm, workingKey, keyId, ...rest }) => (
  { info, okm, working_key: workingKey, key_id: keyId, ...rest });

const ringOf = (list) => hazmat.testRing(list.map(({ key, seal_from, accept_until }) => (
  { key: bytes(key), sealFrom: seal_from, acceptUntil: accept_until })));

const contextOf = (v) => new Context(v.audience, v.purpose);

async function derivation(v) {
  const context = contextOf(v);
  return hexes(snake(await hazmat.derivation(hazmat.testKeyFromBytes(bytes(v.key)), v.kind, context)));
}

async function make(v, kind) {
  const ring = await ringOf(v.keyring);
  const context = contextOf(v);
  const maker = new (kind === 'sealed' ? Sealer : Signer)({ ring, context, limit: v.limit });
  const random = kind === 'sealed' ? { salt: bytes(v.salt), iv: bytes(v.iv) } : {};
  const payload = bytes(v.payload);
  const token = await hazmat.makeFixed(maker, payload, { ttl: v.ttl, now: v.now }, random);
  const { key } = ring.entries[ring.sealingEntry(v.now)];
  const values = { salt: random.salt, issuedAt: v.now, ttl: v.ttl, payload };
  return { ...hexes(snake(await hazmat.intermediates(key, kind, context, values))), token };
}

async function open(v, kind) {
  const ring = await ringOf(v.keyring);
  const context = contextOf(v);
  const options = { ring, context, maxAge: v.max_age, leeway: v.leeway, limit: v.limit };
  const opened = kind === 'sealed'
    ? await new Unsealer(options).unseal(v.token, { now: v.now })
    : await new Verifier(options).verify(v.token, { now: v.now });
  const made = v.made_from;
  const values = { issuedAt: opened.issuedAt, ttl: opened.ttl, payload: opened.payload };
  if (kind === 'sealed') values.salt = bytes(made.salt);
  const key = hazmat.testKeyFromBytes(bytes(made.key));
  return {
    payload: hex(opened.payload),
    issued_at: opened.issuedAt,
    ttl: opened.ttl,
    key_id: hex(opened.keyId),
    expires_at: opened.expiresAt,
    ...hexes(snake(await hazmat.intermediates(key, kind, context, values))),
  };
}

async function shownEntries(ring) {
  return Promise.all(ring.entries.map(async ({ key, sealFrom, acceptUntil }) => ({
    key: (await key.exportText()).slice(13, 77),
    ...(sealFrom === 0 ? {} : { seal_from: sealFrom }),
    ...(acceptUntil === undefined ? {} : { accept_until: acceptUntil }),
  })));
}

const keyring = {
  async key_text(v) {
    const key = await (v.test_keys ? hazmat.testKeyFromText(v.text) : MasterKey.fromText(v.text));
    return { key: (await key.exportText()).slice(13, 77) };
  },
  async key_bytes(v) {
    const key = (v.test_keys ? hazmat.testKeyFromBytes : MasterKey.fromBytes)(bytes(v.bytes));
    const text = await key.exportText();
    return { key: text.slice(13, 77), text };
  },
  async ring(v) {
    const text = v.text ?? bytes(v.text_hex);
    return { entries: await shownEntries(await (v.test_keys ? hazmat.testRingFromText(text) : Keyring.fromText(text))) };
  },
  async select(v) {
    const ring = await ringOf(v.keyring);
    return { seals: ring.sealingEntry(v.now), accepted: ring.accepted(v.now) };
  },
  async accept(v) {
    return { accepted: (await ringOf(v.keyring)).accepted(v.now) };
  },
  async warn(v) {
    const { now, longest_ttl: longestTtl, reload_grace: reloadGrace, leeway } = v;
    return { warnings: (await ringOf(v.keyring)).warnings({ now, longestTtl, reloadGrace, leeway }) };
  },
};

const checkOf = (v) => (v.check === undefined ? null : () => v.check);

async function sessionsOf(v) {
  return new Sessions({ ring: await ringOf(v.keyring), context: contextOf(v), policy: v.policy, check: checkOf(v) });
}

function shown(session) {
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

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const actions = {
  set_data: (s, text) => { s.data = parse(text); },
  sign_on: (s, { auth_time: authTime, ...user }) => s.signOn({ ...user, authTime }),
  reauthenticate: (s, user) => s.reauthenticate(user),
  sign_off: (s) => s.signOff(),
  flash: (s, { name, message }) => s.flash(name, parse(message)),
  take_flash: (s, { name, messages }) => {
    const taken = s.takeFlash(name);
    if (!same(taken, messages.map(parse))) throw new Error(`flash: ${JSON.stringify(taken)}`);
  },
  send: (s) => s.send(),
  reauth_within: (s, { seconds, holds }) => {
    if (s.reauthWithin(seconds) !== holds) throw new Error(`the guard is not ${holds}`);
  },
};

function act(session, list) {
  for (const action of list) for (const [name, value] of Object.entries(action)) actions[name](session, value);
}

const drawn = ({ salt, iv, ...rest }) => (
  { ...rest, ...(salt === undefined ? {} : { salt: bytes(salt), iv: bytes(iv) }) });
const openCode = (session, none) => (session.reason === null ? 'opened' : session.reason === 'absent' ? none : session.reason);

const session = {
  async open(v) {
    return shown(await (await sessionsOf(v)).open(v.token, { now: v.now, ended: v.ended }));
  },
  async run(v) {
    const sessions = await sessionsOf(v);
    const requests = [];
    let { token } = v;
    for (const request of v.requests) {
      const s = await sessions.open(token ?? null, { now: request.now });
      const shownRequest = { open: openCode(s, 'new') };
      act(s, request.actions);
      const done = await hazmat.commitFixed(sessions, s, { now: request.commit }, drawn(request.random));
      shownRequest.wrote = done.wrote;
      if (done.wrote === 'seal') Object.assign(shownRequest, { payload: done.payload, ttl: done.ttl, token: done.token });
      if (done.ended) shownRequest.ended = done.ended;
      if (done.wrote === 'seal') token = done.token;
      if (done.wrote === 'expire') token = undefined;
      requests.push(shownRequest);
    }
    return { requests };
  },
};

const settingsOf = ({ same_site: sameSite, browser_session: browserSession, ...rest }) => (
  { ...rest, ...(sameSite === undefined ? {} : { sameSite }), ...(browserSession === undefined ? {} : { browserSession }) });

const cookie = {
  async setup(v) {
    const made = setUpCookies(v.cookies.map(({ purpose, cookie: c }) => ({ purpose, cookie: settingsOf(c) })));
    return { expire: made.map((one) => one.expire()) };
  },
  async read(v) {
    const made = new SessionCookie({ sessions: await sessionsOf(v), ...settingsOf(v.cookie) });
    return shown(await made.open(v.fields, { now: v.now }));
  },
  async read_token(v) {
    const options = { ring: await ringOf(v.keyring), context: contextOf(v), maxAge: v.max_age, leeway: v.leeway };
    const made = new TokenCookie({ ...options, ...settingsOf(v.cookie) });
    return { payload: new TextDecoder().decode((await made.read(v.fields, { now: v.now })).payload) };
  },
  async write(v) {
    const made = new SessionCookie({ sessions: await sessionsOf(v), ...settingsOf(v.cookie) });
    const s = await made.open(v.fields, { now: v.now });
    const opened = openCode(s, 'absent');
    act(s, v.actions);
    const options = { now: v.commit, cacheControl: v.cache_control };
    const { headers, large, payload, ended } = await hazmat.cookieCommitFixed(made, s, options, drawn(v.random));
    return { open: opened, headers, large, ...(payload === undefined ? {} : { payload }), ...(ended ? { ended } : {}) };
  },
};

const classes = {
  derivation,
  sealer: (v) => make(v, 'sealed'),
  signer: (v) => make(v, 'signed'),
  unsealer: (v) => open(v, 'sealed'),
  verifier: (v) => open(v, 'signed'),
  keyring: (v) => keyring[v.op](v),
  session: (v) => session[v.op](v),
  cookie: (v) => cookie[v.op](v),
};

/** `{result}` or the members of a refusal. What is no CretulaError goes on. */
export async function runVector(name, vector) {
  try {
    return { result: await classes[name](vector) };
  } catch (error) {
    if (!(error instanceof CretulaError)) throw error;
    const { code, entry, over, largest } = error;
    return Object.fromEntries(Object.entries({ error: code, entry, over, largest }).filter(([, x]) => x !== undefined));
  }
}

/** What a vector expects, in the same form. */
export function expected({ result, error, entry, over, largest }) {
  const all = error === undefined ? { result } : { error, entry, over, largest };
  return Object.fromEntries(Object.entries(all).filter(([, x]) => x !== undefined));
}
