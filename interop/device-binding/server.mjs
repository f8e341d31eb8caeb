// The site in JavaScript: `node server.mjs`. WRONG names a fault; see wrong.mjs.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Keyring, MasterKey, Site } from '../javascript/src/index.js';
import { sessionMiddleware } from '../javascript/src/express.js';
import { wrongHandler } from './wrong.mjs';

const { STATE, WRONG } = process.env;
const state = () => JSON.parse(readFileSync(STATE, 'utf8'));
const clock = () => Math.floor(Date.now() / 1000) + state().ahead;

const text = WRONG === 'own-secret' ? await MasterKey.generate().exportText() : state().keys;
const keyring = await Keyring.fromText(text);
const site = new Site(keyring, 'shop.example', { clock, log: null });
const check = () => ({ gen: state().gen });
const deviceBinding = { proof: WRONG === 'eternal-proof' ? 3600 : 600 };
const middleware = sessionMiddleware(site.sessions({ check, deviceBinding }));

function answer(request, response) {
  const session = request.cretula;
  const url = new URL(request.url, 'https://localhost');
  if (url.pathname === '/sign-on') session.signOn({ sub: 'ada', gen: state().gen });
  if (url.pathname === '/sign-off') session.signOff();
  if (url.pathname === '/visit') session.data.visits = (session.data.visits ?? 0) + 1;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ sub: session.sub ?? null, bound: session.isBound, reason: session.reason }));
}

const wrong = wrongHandler(WRONG, keyring, clock);
const server = createServer((request, response) => {
  wrong(request, response, () => middleware(request, response, () => answer(request, response)));
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
