// One of five servers that share a session: Express 5 with cretula/express.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setInterval } from 'node:timers/promises';
import { Context, Keyring, LiveKeyring, SessionCookie, Sessions } from 'cretula';
import { sessionMiddleware } from 'cretula/express';
import express from 'express';
import { Database, isName } from './database.js';

const SERVER = 'express';
const { PORT, DATA, KEYS, PAGE, PEERS } = process.env;

const database = new Database(DATA);
const page = readFileSync(PAGE, 'utf8');
/** Name and origin of each server. */
const peers = new Map(PEERS.split(' ').map((peer) => peer.split('=')));
let origin;

let document = readFileSync(KEYS);
const ring = new LiveKeyring(await Keyring.fromText(document)); // a refused ring stops the server here
const sessions = new Sessions({
  ring,
  context: new Context('sso.example', 'session'),
  policy: { idle: 1_800, absolute: 86_400 },
  check,
});
const cookie = new SessionCookie({ sessions, name: '__Host-sso' });

/** The application's check (§19.5). */
async function check({ sub, sid }) {
  return { denied: await database.isDenied(sid), gen: sub && await database.generation(sub) };
}

/** Reads the keyring document again every second, one reading after the other. A refused one changes nothing. */
async function watchKeys() {
  for await (const _ of setInterval(1_000)) {
    const found = await readFile(KEYS).catch(() => document);
    if (found.equals(document)) continue;
    document = found;
    await ring.reload(found).then(
      () => console.error('keyring exchanged'),
      (error) => console.error(`keyring refused: ${error.code}`),
    );
  }
}
watchKeys();

const app = express();
app.disable('x-powered-by');

// Ports are one site: SameSite does not keep the pages of another port from posting here.
app.use((request, response, next) => {
  if (request.method !== 'POST' || request.get('origin') === origin) return next();
  console.error('post refused: origin');
  return response.status(403).type('text').send('This did not come from a page of this server.\n');
});
app.use(sessionMiddleware(cookie, {
  onCommit: async ({ ended }) => { for (const session of ended) await database.deny(session); },
}));
app.use(({ cretula: session }, response, next) => {
  if (session.reason && session.reason !== 'absent') console.error(`session refused: ${session.reason}`);
  next();
});
app.use(express.urlencoded());

app.get('/', ({ cretula: session }, response) => {
  const ofPeers = (show) => [...peers].map(([name, at]) => show(escape(name), escape(at))).join('');
  const hide = (hidden) => (hidden ? 'hidden' : '');
  const values = {
    server: SERVER,
    links: ofPeers((name, at) => `<a href="${at}/">${name}</a> `),
    options: ofPeers((name) => `<option>${name}</option>`),
    flash: escape(session.takeFlash('notice').join(' ')),
    who: escape(session.sub ?? 'nobody'),
    sid: session.sid ?? 'none',
    note: escape(session.data.note ?? ''),
    trail: escape((session.data.trail ?? []).join(' → ')),
    for_guests: hide(session.sub !== undefined),
    for_users: hide(session.sub === undefined),
  };
  response.send(page.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]));
});

app.post('/sign-on', async ({ cretula: session, body = {} }, response) => {
  if (!isName(body.name)) return response.status(400).type('text').send('One to twenty small letters.\n');
  session.signOn({ sub: body.name, gen: await database.generationOrNew(body.name), keep: ['note', 'trail'] });
  step(session);
  session.flash('notice', `Signed on at ${SERVER}.`);
  return response.redirect(303, '/');
});

app.post('/note', ({ cretula: session, body = {} }, response) => {
  // A key or an answer that is still to come: a session of ours would take the place of the user's ([SESS-18]).
  if (session.notNow) {
    return response.status(503).type('text').send('Not now. Try again in a moment.\n');
  }
  session.data.note = body.note || undefined;
  step(session);
  session.flash('notice', `Saved by ${SERVER}.`);
  return response.redirect(303, `${peers.get(body.next) ?? ''}/`);
});

// After the password was asked for again, or a second factor.
app.post('/step-up', async ({ cretula: session }, response) => {
  if (session.sub) {
    session.reauthenticate({ gen: await database.generation(session.sub) });
    session.flash('notice', `Stepped up at ${SERVER}.`);
  }
  response.redirect(303, '/');
});

app.post('/sign-off', ({ cretula: session }, response) => {
  session.signOff();
  response.redirect(303, '/');
});

app.post('/sign-off-everywhere', async ({ cretula: session }, response) => {
  if (session.sub) {
    await database.countUp(session.sub);
    session.signOff();
  }
  response.redirect(303, '/');
});

app.use((error, request, response, next) => {
  console.error(`failed: ${error.code ?? error.message}`);
  if (response.headersSent) return next(error);
  return response.sendStatus(error.status ?? 500);
});

const listener = app.listen(Number(PORT), '127.0.0.1', () => {
  origin = `http://localhost:${listener.address().port}`;
  console.log(origin);
});

function step({ data }) {
  data.trail = [...(data.trail ?? []), SERVER].slice(-10);
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt()};`);
}
