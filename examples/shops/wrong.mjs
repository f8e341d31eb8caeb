// Shows that the scenario can fail: shops with one mistake each, made of express.js, and the check that has to find it.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { each, linesOf, run, SHOPS } from './run.mjs';

const FOLDER = fileURLToPath(new URL('javascript/', import.meta.url));
const source = readFileSync(path.join(FOLDER, 'express.js'), 'utf8');

/** A mistake: what is replaced in express.js, by what, and the first check that fails. */
const MISTAKES = [
  ['the key is refused at the start', "Site.watching(KEYS, 'shop.example'", "Site.watching('none', 'shop.example'", 'it starts'],
  ['guests get a cookie', 'const { sub = ', 'session.send(); const { sub = ', '1 a guest who looks gets no cookie'],
  ['the basket is not stored', 'session.data.basket = [', 'request.basket = [', '2 a guest has a basket'],
  ['another audience', "(KEYS, 'shop.example'", "(KEYS, 'other.example'", '2 a guest has a basket'],
  ['another SameSite', 'site.sessions({ ', "site.sessions({ sameSite: 'Strict', ", '2 a guest has a basket'],
  ['no return-url', 'await returnUrl.write(', '[] ?? (', '3 the account of a guest: to sign-on, and back later'],
  ['another ttl', 'ttl: 600', 'ttl: 601', '3 the account of a guest: to sign-on, and back later'],
  ['everybody is signed on', '!users.has(sub)', 'false', '4 an unknown user is not signed on'],
  ['the return-url is not read', 'next = url', 'next = "/"', '5 sign-on leads to the account'],
  ['the return-url stays', 'of returnUrl.expire()', 'of []', '5 sign-on leads to the account'],
  ['the session of the guest goes on', /session\.signOn\(.*\)/, 'session.data.sub = sub', '5 sign-on leads to the account'],
  ['keep is forgotten', ", keep: ['basket']", '', '5 sign-on keeps the basket'],
  ['too much is kept', "keep: ['basket'] });", "keep: ['basket'] }); session.data.old = 1;", '5 sign-on keeps the basket'],
  ['no deny-list', ', denied: denied.has(sid)', '', '5 the cookie of the guest is refused'],
  ['ended sessions are not put on the deny-list', '{ onCommit, ', '{ ', '5 the cookie of the guest is refused'],
  ['no flash message', /session\.flash\(.*\)/, '0', '6 a message is shown once'],
  ['the message is not taken', "session.takeFlash('info')", "session.sub ? ['Welcome, ada'] : []", '6 a message is shown once'],
  ['sameSitePosts is off', ', sameSitePosts: true', '', '8 a post of another site is refused'],
  ['all posts are refused that have an Origin', 'app.use(express.urlencoded', `app.use((request, response, next) => (
    request.headers.origin ? response.status(403).end() : next())); app.use(express.urlencoded`,
  '8 … and one of an older browser from a page of the shop is not'],
  ['no page for a session that is too large', "error.code !== 'cookie_too_large'", 'true',
    '9 a session that is too large is not written, and says what is'],
  ['the page has a header of the dropped response', 'response.status(413)', "response.status(413).location('/')",
    '9 a session that is too large is not written, and says what is'],
  ['a large session in two cookies', 'site.sessions({ ', 'site.sessions({ large: true, ',
    '9 a session that is too large is not written, and says what is'],
  ['the keyring file is not read again', 'every: 1', 'every: 1e5', '10 a new key takes over while sessions live'],
  ["notNow: 'guest'", '{ onCommit, ', "{ notNow: 'guest', onCommit, ", '10 … and no write replaces it: 503'],
  ['a session that cannot be told is signed off', "const { sub = 'guest'", "if (session.notNow) session.signOff(); const { sub = 'guest'",
    '10 a session whose key is not there is read as none'],
  ['no log', '{ every: 1 }', '{ every: 1, log: null }', '11 a refused keyring file changes nothing'],
  ['it ends with a refused keyring file', '{ every: 1 }', "{ every: 1, onEvent: ({ error }) => error && process.exit(1) }",
    '11 a refused keyring file changes nothing'],
  ['sign-off does nothing', "session.signOff();\n  // [/]", '// [/]', '12 sign-off ends the session, and copies of it'],
  ['the generation stays', ' + 1);', ');', '13 sign-off everywhere ends the sessions of other browsers'],
  ['the generation is not compared', 'check: ({ sub, sid }) => ({ gen: users.get(sub)', 'check: ({ sub, sid, gen }) => ({ gen',
    '13 sign-off everywhere ends the sessions of other browsers'],
  ['HEAD ends the session', 'app.use(express.urlencoded', `app.use((request, response, next) => {
    if (request.method === 'HEAD') request.cretula.signOff();
    next();
  }); app.use(express.urlencoded`, '14 HEAD and an unknown page leave the session alone'],
  ['an unreadable cookie is an error', "app.get('/sign-on', (request, response) => ",
    "app.get('/sign-on', (request, response) => request.cretula.reason === 'not_a_token' ? response.sendStatus(400) : ",
    '15 garbage in the Cookie header does no harm'],
  ['the return-url is not looked at', /if \(\/.*\) next = url/, 'next = url', '16 sign-on leads to no other site'],
  ['a return-url is read unsealed', '() => \'/\')', "() => (/return-url=([^;]*)/.exec(headers.cookie)?.[1] === 'garbage' ? '/account' : '/'))",
    '16 sign-on leads to no other site'],
];

const COUNTS = [
  ['// [flash]\na();\n\n// a comment\n});\n// [/]\nb();', 1],
  ['# [set-up]\n@app.route("/")\n# a comment\nx = 1\n)\n# [/]\n', 2],
  ['// [posts]\n#[get("/")]\n/// a comment\n/** one */\n * two\nb(),\n// [/]\n', 2],
  ['// [flash]\n// [set-up]\n', /not expected/],
  ['// [/]\n', /not expected/],
  ['// [flahs]\n', /not expected/],
  ['// [flash]\na();', /no end/],
];

let passed = 0;
const missed = [];
function found(name, is, what) {
  if (is) passed += 1;
  else missed.push(name);
  console.log(`${is ? 'found ' : 'MISSED'}  ${name}: ${what}`);
}

/** Runs express.js with a mistake. */
async function mistaken([name, from, to, expected], i) {
  const text = source.replace(from, () => to);
  if (text === source) return found(name, false, 'express.js has nothing to replace');
  const file = `wrong-${i}.js`;
  writeFileSync(path.join(FOLDER, file), text);
  try {
    const { failed } = await run({ source: SHOPS.express.source, command: [process.execPath, file] }, () => {});
    return found(name, failed[0] === expected, failed[0] ?? 'all checks pass');
  } finally {
    rmSync(path.join(FOLDER, file));
  }
}

for (const [text, expected] of COUNTS) {
  let got;
  try {
    got = Object.values(linesOf(text, 'a text')).reduce((sum, it) => sum + it, 0);
  } catch (error) {
    got = error.message;
  }
  found(JSON.stringify(text), typeof expected === 'number' ? got === expected : expected.test(got), got);
}
await each(MISTAKES.map((mistake, i) => [mistake, i]), ([mistake, i]) => mistaken(mistake, i));
console.log(`${passed} passed${missed.length > 0 ? `, missed: ${missed.join('; ')}` : ''}`);
if (missed.length > 0) process.exitCode = 1;
