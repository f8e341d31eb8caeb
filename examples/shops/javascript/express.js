// The small shop on Express 5.

import { Site } from 'cretula';
import { sessionMiddleware } from 'cretula/express';
import express from 'express';

const { PORT = '0', KEYS } = process.env;
const users = new Map([['ada', 1]]); // your table: the session generation of each user

// [set-up]
const site = await Site.watching(KEYS, 'shop.example', { every: 1 });
const denied = new Map(); // the deny-list: a session ID, and until when to keep it
const sessions = site.sessions({ check: ({ sub, sid }) => ({ gen: users.get(sub), denied: denied.has(sid) }) });
const onCommit = ({ ended }) => ended.forEach(({ sid, end }) => denied.set(sid, end));
// [/]
// [return-url]
const returnUrl = site.cookie('return-url', { ttl: 600 });
// [/]

const app = express();
app.disable('x-powered-by');
// [set-up]
app.use(sessionMiddleware(sessions, { onCommit, sameSitePosts: true }));
// [/]
app.use(express.urlencoded());
app.use((request, response, next) => {
  response.type('text');
  next();
});

app.get('/', ({ cretula: session }, response) => {
  const { sub = 'guest', data: { basket = [] } } = session;
  const lines = [`user: ${sub}`, `basket: ${basket.join(', ')}`];
  // [flash]
  for (const message of session.takeFlash('info')) lines.push(`message: ${message}`);
  // [/]
  response.send(`${lines.join('\n')}\n`);
});

app.get('/account', async ({ cretula: session }, response) => {
  if (session.sub) return response.send(`account of ${session.sub}\n`);
  // [return-url]
  for (const [name, value] of await returnUrl.write('/account')) response.append(name, value);
  // [/]
  return response.redirect(303, '/sign-on');
});

app.get('/sign-on', (request, response) => response.send('please sign on\n'));

app.post('/sign-on', async ({ cretula: session, body, headers }, response) => {
  const { sub } = body ?? {};
  if (!users.has(sub)) return response.status(403).send('no such user\n'); // the password would be looked at here
  let next = '/';
  // [sign-on]
  session.signOn({ sub, gen: users.get(sub), keep: ['basket'] });
  // [/]
  // [flash]
  session.flash('info', `Welcome, ${sub}`);
  // [/]
  // [return-url]
  const url = await returnUrl.read(headers.cookie).then(({ payload }) => Buffer.from(payload).toString(), () => '/');
  if (/^\/(?![/\\])/.test(url)) next = url;
  for (const [name, value] of returnUrl.expire()) response.append(name, value);
  // [/]
  return response.redirect(303, next);
});

app.post('/basket', ({ cretula: session, body }, response) => {
  const { item } = body ?? {};
  session.data.basket = [...(session.data.basket ?? []), item];
  response.redirect(303, '/');
});

app.post('/sign-off', ({ cretula: session }, response) => {
  // [sign-on]
  session.signOff();
  // [/]
  response.redirect(303, '/');
});

app.post('/sign-off-everywhere', ({ cretula: session }, response) => {
  if (session.sub) {
    // [sign-on]
    users.set(session.sub, users.get(session.sub) + 1);
    session.signOff();
    // [/]
  }
  response.redirect(303, '/');
});

// [too-large]
app.use((error, request, response, next) => {
  if (error.code !== 'cookie_too_large') return next(error); // a session that cannot be told now: status 503
  return response.status(413).send(`${error.largest}: ${error.over} octets too many\n`);
});
// [/]

const listener = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${listener.address().port}`);
});
