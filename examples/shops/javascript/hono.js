// The small shop on Hono, on Node.

import { serve } from '@hono/node-server';
import { Site } from 'cretula';
import { sessionMiddleware } from 'cretula/hono';
import { Hono } from 'hono';

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

const app = new Hono();
// [set-up]
app.use(sessionMiddleware(sessions, { onCommit, sameSitePosts: true, page }));
// [/]

app.get('/', (c) => {
  const session = c.get('cretula');
  const { sub = 'guest', data: { basket = [] } } = session;
  const lines = [`user: ${sub}`, `basket: ${basket.join(', ')}`];
  // [flash]
  for (const message of session.takeFlash('info')) lines.push(`message: ${message}`);
  // [/]
  return c.text(`${lines.join('\n')}\n`);
});

app.get('/account', async (c) => {
  const { sub } = c.get('cretula');
  if (sub) return c.text(`account of ${sub}\n`);
  // [return-url]
  for (const [name, value] of await returnUrl.write('/account')) c.header(name, value, { append: true });
  // [/]
  return c.redirect('/sign-on', 303);
});

app.get('/sign-on', (c) => c.text('please sign on\n'));

app.post('/sign-on', async (c) => {
  const session = c.get('cretula');
  const { sub } = await c.req.parseBody();
  if (!users.has(sub)) return c.text('no such user\n', 403); // the password would be looked at here
  let next = '/';
  // [sign-on]
  session.signOn({ sub, gen: users.get(sub), keep: ['basket'] });
  // [/]
  // [flash]
  session.flash('info', `Welcome, ${sub}`);
  // [/]
  // [return-url]
  const cookie = c.req.header('cookie');
  const url = await returnUrl.read(cookie).then(({ payload }) => new TextDecoder().decode(payload), () => '/');
  if (/^\/(?![/\\])/.test(url)) next = url;
  for (const [name, value] of returnUrl.expire()) c.header(name, value, { append: true });
  // [/]
  return c.redirect(next, 303);
});

app.post('/basket', async (c) => {
  const { data } = c.get('cretula');
  const { item } = await c.req.parseBody();
  data.basket = [...(data.basket ?? []), item];
  return c.redirect('/', 303);
});

app.post('/sign-off', (c) => {
  // [sign-on]
  c.get('cretula').signOff();
  // [/]
  return c.redirect('/', 303);
});

app.post('/sign-off-everywhere', (c) => {
  const session = c.get('cretula');
  if (session.sub) {
    // [sign-on]
    users.set(session.sub, users.get(session.sub) + 1);
    session.signOff();
    // [/]
  }
  return c.redirect('/', 303);
});

// [too-large]
function page({ code, over, largest, status = 500 }) {
  if (code === 'cookie_too_large') return new Response(`${largest}: ${over} octets too many\n`, { status: 413 });
  return new Response('try again in a moment\n', { status }); // 503 if the session cannot be told now
}
// [/]

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});
