// Cretula for JavaScript beside what else seals a session there. `../run.py` runs it, with settings as its argument;
// it prints what was measured as JSON.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { IncomingMessage, ServerResponse } from 'node:http';

import Iron from '@hapi/iron';
import clientSessions from 'client-sessions';
import { parse, serialize } from 'cookie';
import cookieSession from 'cookie-session';
import { Context, Keyring, MasterKey, Sealer, Signer, Site, Unsealer, Verifier } from 'cretula';
import { sessionMiddleware } from 'cretula/express';
import { signedOn } from 'cretula/testing';
import { getIronSession, sealData, unsealData } from 'iron-session';
import { base64url, EncryptJWT, jwtDecrypt } from 'jose';

const { text, ttl, tokens, rounds, warm_up: warmUp, turn } = JSON.parse(process.argv[2]);
const ENCRYPTED = 'encrypted';
const SIGNED = 'signed only';

const site = new Site(new Keyring([{ key: MasterKey.generate() }]), 'shop.example');
const secret = base64url.encode(crypto.getRandomValues(new Uint8Array(32)));
const bytes = crypto.getRandomValues(new Uint8Array(32));
const utf8 = new TextDecoder();

const iron = { ...Iron.defaults, ttl: ttl * 1000 };
const ironSession = { password: secret, ttl };
const clientSession = { cookieName: 'session', secret };
const sealJwe = (claims) => new EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
  .setIssuedAt().setExpirationTime(`${ttl} seconds`).encrypt(bytes);
const unsealJwe = async (token) => (await jwtDecrypt(token, bytes)).payload;

// Text in, token out; token in, text out.

const context = { ring: site.keyring, context: new Context('shop.example', 'invitation') };
const [sealer, unsealer] = [new Sealer(context), new Unsealer(context)];
const [signer, verifier] = [new Signer(context), new Verifier(context)];

const TOKENS = [
  {
    name: 'Cretula sealed', kind: ENCRYPTED,
    seal: () => sealer.seal(text, { ttl }),
    unseal: async (token) => utf8.decode((await unsealer.unseal(token)).payload),
  },
  {
    name: '@hapi/iron', kind: ENCRYPTED,
    seal: () => Iron.seal(text, secret, iron),
    unseal: (token) => Iron.unseal(token, secret, iron),
  },
  {
    name: 'iron-session', kind: ENCRYPTED,
    seal: () => sealData({ text }, ironSession),
    unseal: async (token) => (await unsealData(token, ironSession)).text,
  },
  {
    name: 'client-sessions', kind: ENCRYPTED,
    seal: () => clientSessions.util.encode(clientSession, text, ttl * 1000),
    unseal: (token) => clientSessions.util.decode(clientSession, token)?.content,
  },
  {
    name: 'jose, dir A256GCM', kind: ENCRYPTED,
    seal: () => sealJwe({ text }),
    unseal: async (token) => (await unsealJwe(token)).text,
  },
  {
    name: 'Cretula signed', kind: SIGNED,
    seal: () => signer.sign(text, { ttl }),
    unseal: async (token) => utf8.decode((await verifier.verify(token)).payload),
  },
];

// Whole requests: `first` makes a browser's cookies, `answer` gives the cookies that a response sets, and what was read.

const DATA = { basket: [17, 4], note: text };
const generations = new Map([['ada', 7]]);
const check = async ({ sub }) => ({ gen: generations.get(sub) });
const sessions = site.sessions({ check });
const pairOf = (line) => line.split(';')[0];
const cookie = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' };

/** What the application does with a session's data. */
function visit(data, changes) {
  if (changes) data.basket.push(1);
  return data;
}

/** The same of a session of Cretula's, which keeps the user itself. */
const visitOurs = ({ sub, data }, changes) => ({ user: sub, ...visit(data, changes) });

/** Passes a request to a middleware as Node does, without a socket; gives the Set-Cookie lines of its response. */
function answered(field, middleware, handler) {
  const request = new IncomingMessage({ encrypted: true, proxySecure: true });
  request.headers.cookie = field;
  const response = new ServerResponse(request);
  return new Promise((resolve, reject) => {
    response.end = () => {
      response.writeHead(200);
      resolve([response.getHeader('set-cookie') ?? []].flat());
    };
    middleware(request, response, (error) => {
      if (error) reject(error);
      else Promise.resolve(handler(request, response)).then(() => response.end(), reject);
    });
  });
}

/** A session of a middleware, at `request[property]`. */
function ofMiddleware(middleware, property, use = visit) {
  return async (field, changes) => {
    let read;
    const lines = await answered(field, middleware, (request) => {
      read = use(request[property], changes);
    });
    return { lines, read };
  };
}

/** A session that an application keeps in a cookie with its own few lines. */
function byHand(seal, unseal) {
  return async (field, changes) => {
    const read = visit(await unseal(parse(field).session), changes);
    return { lines: changes ? [serialize('session', await seal(read), { ...cookie, maxAge: ttl })] : [], read };
  };
}

/** The first cookies of a middleware that begins with an empty session. */
async function begun(middleware, property) {
  const lines = await answered('', middleware, (request) => Object.assign(request[property], { user: 'ada', ...DATA }));
  return lines.map(pairOf).join('; ');
}

const passed = (request, response, next) => next();
const cookieMiddleware = cookieSession({ ...cookie, keys: [secret], maxAge: ttl * 1000 });
const clientMiddleware = clientSessions({ ...clientSession, duration: ttl * 1000, cookie: { ...cookie } });
const ironCookie = { ...ironSession, cookieName: 'session', cookieOptions: cookie };
const sealIron = (data) => Iron.seal(data, secret, iron);
const first = { user: 'ada', ...DATA };

const REQUESTS = [
  {
    name: 'Cretula', kind: ENCRYPTED,
    first: () => signedOn(sessions, 'ada', 7, structuredClone(DATA)),
    async answer(field, changes) {
      const session = await sessions.open(field);
      const read = visitOurs(session, changes);
      const { headers } = await sessions.commit(session);
      return { lines: headers.filter(([name]) => name === 'Set-Cookie').map(([, line]) => line), read };
    },
  },
  {
    name: 'Cretula, as middleware', kind: ENCRYPTED,
    first: () => signedOn(sessions, 'ada', 7, structuredClone(DATA)),
    answer: ofMiddleware(sessionMiddleware(sessions), 'cretula', visitOurs),
  },
  {
    name: '@hapi/iron, cookie', kind: ENCRYPTED,
    first: async () => `session=${await sealIron(first)}`,
    answer: byHand(sealIron, (token) => Iron.unseal(token, secret, iron)),
  },
  {
    name: 'iron-session', kind: ENCRYPTED,
    first: async () => `session=${await sealData(first, ironSession)}`,
    async answer(field, changes) {
      let read;
      const lines = await answered(field, passed, async (request, response) => {
        const session = await getIronSession(request, response, ironCookie);
        read = visit(session, changes);
        if (changes) await session.save();
      });
      return { lines, read };
    },
  },
  {
    name: 'client-sessions', kind: ENCRYPTED,
    first: () => begun(clientMiddleware, 'session'),
    answer: ofMiddleware(clientMiddleware, 'session'),
  },
  {
    name: 'jose, dir A256GCM, cookie', kind: ENCRYPTED,
    first: async () => `session=${await sealJwe(first)}`,
    answer: byHand(sealJwe, unsealJwe),
  },
  {
    name: 'cookie-session', kind: SIGNED,
    first: () => begun(cookieMiddleware, 'session'),
    answer: ofMiddleware(cookieMiddleware, 'session'),
  },
];

/** A token that differs in one character of its middle. */
function altered(token) {
  const at = token.length >> 1;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

async function many(make) {
  const made = [];
  while (made.length < tokens) made.push(await make());
  assert.equal(new Set(made).size, tokens);
  return made;
}

/** Gives them one after the other, again and again. */
function inTurns(list) {
  let next = 0;
  return () => list[next++ % list.length];
}

async function sealing({ name, kind, seal, unseal }) {
  return { name, kind, run: seal, check: async (token) => assert.equal(await unseal(token), text) };
}

async function unsealing({ name, kind, seal, unseal }) {
  // Peers that sign without randomness make the same token in the same second.
  const made = kind === SIGNED ? await Promise.all(Array.from({ length: tokens }, seal)) : await many(seal);
  const token = inTurns(made);
  await assert.rejects(async () => assert.equal(await unseal(altered(made[0])), text), `${name} opened an altered token`);
  return { name, kind, run: () => unseal(token()), check: (opened) => assert.equal(opened, text) };
}

const requesting = (changes) => async ({ name, kind, first, answer }) => {
  const fields = [];
  while (fields.length < tokens) fields.push(`theme=dark; _ga=GA1.2.1234567890.1234567890; ${await first()}`);
  const field = inTurns(fields);
  const check = async ({ lines, read }, again = false) => {
    const { user, basket, note } = read;
    assert.deepEqual({ user, basket, note }, { user: 'ada', basket: changes ? [17, 4, 1] : DATA.basket, note: text });
    assert.equal(lines.length > 0, changes, `${name}: ${lines}`);
    if (changes && !again) {
      const next = await answer(lines.map(pairOf).join('; '), true);
      assert.deepEqual(next.read.basket, [17, 4, 1, 1]);
    }
  };
  return { name, kind, run: () => answer(field(), changes), check };
};

/** Milliseconds of processor time that so many calls take, in all threads: WebCrypto works in others than this one. */
async function timed({ run, asynchronous }, calls) {
  const begun = process.cpuUsage();
  if (asynchronous) for (let call = 0; call < calls; call++) await run();
  else for (let call = 0; call < calls; call++) run();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

/** Warms a case up, and returns how many calls take about a turn. */
async function calibrate(one) {
  let calls = 1;
  for (let spent = 0; ;) {
    const took = await timed(one, calls);
    spent += took;
    if (spent >= warmUp && took >= turn) return Math.max(1, Math.round((calls * turn) / took));
    if (took < turn) calls *= 2;
  }
}

async function measure(cases) {
  for (const one of cases) {
    const result = one.run();
    one.asynchronous = typeof result?.then === 'function';
    await one.check(await result);
    for (let more = 1; more < tokens; more++) await one.check(await one.run());
  }
  if (rounds === 0) return [];
  const calls = [];
  for (const one of cases) calls.push(await calibrate(one));
  const times = cases.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < cases.length; place++) {
      const at = (round + place) % cases.length;
      times[at].push((await timed(cases[at], calls[at])) * 1000 / calls[at]);
    }
  }
  return cases.map(({ name, kind }, at) => {
    const sorted = times[at].sort((a, b) => a - b);
    return { name, kind, microseconds: sorted[sorted.length >> 1] };
  });
}

const sections = [];
for (const [section, make, of] of [
  ['seal', sealing, TOKENS],
  ['unseal', unsealing, TOKENS],
  ['read', requesting(false), REQUESTS],
  ['change', requesting(true), REQUESTS],
]) {
  const cases = [];
  for (const one of of) cases.push(await make(one));
  sections.push({ section, cases: await measure(cases) });
}

const installed = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url)));
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url)));
const peers = Object.keys(dependencies).filter((name) => name !== 'cretula');
console.log(JSON.stringify({
  runtime: `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
  peers: peers.map((name) => `${name} ${installed(name).version}`),
  sections,
}));
