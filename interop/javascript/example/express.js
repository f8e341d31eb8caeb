import express from 'express';
import { Context, Keyring, SessionCookie, Sessions } from 'cretula';
import { sessionMiddleware } from 'cretula/express';

const users = new Map([['ada', { gen: 281474976710655 }]]); // your table, with the session generation of §19.5
const ring = await Keyring.fromText(process.env.SHOP_KEYS);
const context = new Context('shop.example', 'session');
const check = async ({ sub }) => ({ gen: users.get(sub)?.gen });
const cookie = new SessionCookie({ sessions: new Sessions({ ring, context, check }) });
const onCommit = ({ ended }) => ended.forEach(({ sid, end }) => console.log('deny', sid, end));

export const app = express();
app.use(sessionMiddleware(cookie, { onCommit }));
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
