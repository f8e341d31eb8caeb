// The small shop on Fastify 5.

import formbody from '@fastify/formbody';
import { Site } from 'cretula';
import { sessionPlugin } from 'cretula/fastify';
import Fastify from 'fastify';

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

const app = Fastify();
// [set-up]
app.register(sessionPlugin(sessions, { onCommit, sameSitePosts: true }));
// [/]
app.register(formbody);

app.get('/', ({ cretula: session }) => {
  const { sub = 'guest', data: { basket = [] } } = session;
  const lines = [`user: ${sub}`, `basket: ${basket.join(', ')}`];
  // [flash]
  for (const message of session.takeFlash('info')) lines.push(`message: ${message}`);
  // [/]
  return `${lines.join('\n')}\n`;
});

app.get('/account', async ({ cretula: session }, reply) => {
  if (session.sub) return `account of ${session.sub}\n`;
  // [return-url]
  for (const [name, value] of await returnUrl.write('/account')) reply.header(name, value);
  // [/]
  return reply.redirect('/sign-on', 303);
});

app.get('/sign-on', () => 'please sign on\n');

app.post('/sign-on', async ({ cretula: session, body, headers }, reply) => {
  const { sub } = body ?? {};
  if (!users.has(sub)) return reply.code(403).send('no such user\n'); // the password would be looked at here
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
  for (const [name, value] of returnUrl.expire()) reply.header(name, value);
  // [/]
  return reply.redirect(next, 303);
});

app.post('/basket', ({ cretula: session, body }, reply) => {
  const { item } = body ?? {};
  session.data.basket = [...(session.data.basket ?? []), item];
  return reply.redirect('/', 303);
});

app.post('/sign-off', ({ cretula: session }, reply) => {
  // [sign-on]
  session.signOff();
  // [/]
  return reply.redirect('/', 303);
});

app.post('/sign-off-everywhere', ({ cretula: session }, reply) => {
  if (session.sub) {
    // [sign-on]
    users.set(session.sub, users.get(session.sub) + 1);
    session.signOff();
    // [/]
  }
  return reply.redirect('/', 303);
});

// [too-large]
app.setErrorHandler((error, request, reply) => {
  if (error.code !== 'cookie_too_large') throw error; // a session that cannot be told now: status 503
  return reply.code(413).send(`${error.largest}: ${error.over} octets too many\n`);
});
// [/]

console.log(await app.listen({ port: Number(PORT), host: '127.0.0.1' }));
