import express from 'express';
import { Keyring, Site } from 'cretula';
import { sessionMiddleware } from 'cretula/express';

const users = new Map([['ada', { gen: 281474976710655 }]]); // your table, with the session generation of §19.5
const denied = new Map(); // your deny-list: a session ID, and until when to keep it

const site = new Site(await Keyring.fromEnv('SHOP_KEYS'), 'shop.example');
const sessions = site.sessions({
  check: async ({ sub, sid }) => ({ gen: users.get(sub)?.gen, denied: denied.has(sid) }),
});
const onCommit = ({ ended }) => ended.forEach(({ sid, end }) => denied.set(sid, end));

export const app = express();
app.use(sessionMiddleware(sessions, { onCommit, sameSitePosts: true }));
app.get('/', (req, res) => res.json({ user: req.cretula.sub ?? null, messages: req.cretula.takeFlash('info') }));
app.post('/sign-on', (req, res) => { // when the password was right
  req.cretula.signOn({ sub: 'ada', gen: users.get('ada').gen });
  req.cretula.flash('info', 'Welcome');
  res.redirect(303, '/');
});
app.post('/sign-off', (req, res) => {
  req.cretula.signOff();
  res.redirect(303, '/');
});
