// One of five servers that share a session: Express 5 with cretula/express.

import { readFileSync } from 'node:fs';
import { Site } from 'cretula';
import { sessionMiddleware } from 'cretula/express';
import express from 'express';
import { Database, isName } from './database.js';

const SERVER = 'express';
const { PORT, DATA, KEYS, PAGE, PEERS } = process.env;

const database = new Database(DATA);
const page = readFileSync(PAGE, 'utf8');
/** Name and origin of each server. */
const peers = new Map(PEERS.split(' ').map((peer) => peer.split('=')));

/** The end-to-end test waits for these lines. */
const line = (text, error) => console.error(error === undefined ? text : `${text}\n  ${error.message}`);
const log = { error: line, warn: line, info: line };
const site = await Site.watching(KEYS, 'sso.example', { every: 1, log }); // a refused ring stops the server here
const sessions = site.sessions({ name: '__Host-sso', idle: 1_800, absolute: 86_400, check });

/** The application's check (§19.5). */
async function check({ sub, sid }) {
  return { denied: await database.isDenied(sid), gen: sub && await database.generation(sub) };
}

const app = express();
app.disable('x-powered-by');

app.use(sessionMiddleware(sessions, {
  // Ports are one site: SameSite does not keep the pages of another port from posting here.
  sameSitePosts: true,
  onCommit: async ({ ended }) => { for (const session of ended) await database.deny(session); },
}));
// The log leaves this one out, as what happens every day; the end-to-end test waits for it too.
app.use(({ cretula: session }, response, next) => {
  if (session.reason === 'expired') console.error('session refused: expired');
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
  session.data.note = body.note || undefined;
  step(session);
  session.flash('notice', `Saved by ${SERVER}.`);
  response.redirect(303, `${peers.get(body.next) ?? ''}/`);
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

// With status 503 for a key or an answer that is still to come: a session of ours would take the place of the user's.
app.use((error, request, response, next) => {
  console.error(`failed: ${error.code ?? error.message}`);
  if (response.headersSent) return next(error);
  return response.sendStatus(error.status ?? 500);
});

const listener = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`http://localhost:${listener.address().port}`);
});

function step({ data }) {
  data.trail = [...(data.trail ?? []), SERVER].slice(-10);
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt()};`);
}
