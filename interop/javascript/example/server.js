import express from 'express';
import { Keyring, Site } from 'cretula';
import { sessionMiddleware } from 'cretula/express';

const site = new Site(await Keyring.fromEnv('SHOP_KEYS'), 'shop.example');

const app = express();
app.use(sessionMiddleware(site.sessions({ check: null })));
app.get('/', ({ cretula: session }, response) => {
  session.data.visits = (session.data.visits ?? 0) + 1;
  response.send(`visit ${session.data.visits}\n`);
});
export const server = app.listen(process.env.PORT ?? 3000);
