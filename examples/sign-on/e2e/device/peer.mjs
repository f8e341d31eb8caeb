// A server in JavaScript with the sessions of the example: the same keys, audience and device binding, and no
// state. It has no users, so it checks none. LIBRARY is the folder of the package `cretula`, or of a wrong copy of it.

import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { LIBRARY, KEYS, PROOF, TLS_CERT, TLS_KEY, PORT } = process.env;
const load = (file) => import(pathToFileURL(path.join(LIBRARY, 'src', file)));
const { Keyring, Site } = await load('index.js');
const { sessionMiddleware } = await load('express.js');

const log = Object.fromEntries(['error', 'warn', 'info'].map((level) => [level, (text) => console.error(text)]));
const site = new Site(await Keyring.fromText(readFileSync(KEYS)), 'sign-on.example', { log });
const sessions = site.sessions({ check: null, large: true, deviceBinding: { proof: Number(PROOF) } });
const middleware = sessionMiddleware(sessions);

function page(session) {
  if (session.sub === undefined) return undefined;
  return `<p>This device: <strong data-testid="device">${session.isBound ? 'bound' : 'not bound'}</strong></p>`;
}

const FORM = '<form method="post"><button id="submit">Sign on</button></form>';

function handle(request, response) {
  const { url, method, cretula: session } = request;
  const go = (location) => response.writeHead(303, { location }).end();
  const show = (text) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${text}`);
  if (url === '/sign-on' && method === 'POST') {
    session.signOn({ sub: '1', gen: 0 });
    return go('/account');
  }
  if (url === '/sign-on') return show(FORM);
  const text = page(session);
  return text === undefined ? go('/sign-on') : show(text);
}

const tls = { cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY) };
const server = https.createServer(tls, (request, response) => {
  middleware(request, response, (error) => (error ? response.writeHead(500).end() : handle(request, response)));
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on https://127.0.0.1:${server.address().port}`));
