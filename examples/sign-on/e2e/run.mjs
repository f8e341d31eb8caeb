// Drives the example in a real browser, once over http with the development profile, once over https with the
// production profile. One line per check; the first failure ends the run with a picture of each page that was open.
//
//     node run.mjs                  all checks
//     node run.mjs --screenshots    the pictures in ../docs instead
//
// SIGN_ON_BIN names the binary (else it is built), CHROMIUM the browser.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { attackPage, forgery, signOff } from './checks/attacks.mjs';
import { cookiePage, sizes } from './checks/cookies.mjs';
import { facts } from './checks/facts.mjs';
import { backup, ends, rotation } from './checks/running.mjs';
import { everywhere, returnUrls, signing } from './checks/signing.mjs';
import { screenshots } from './screenshots.mjs';
import { Server, binary, certificate } from './server.mjs';
import { Visitor } from './visitor.mjs';

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--no-first-run', '--host-resolver-rules=MAP *.example 127.0.0.1',
];
/** Seconds that a proof of identity suffices for a change of password. */
const REAUTH = 8;
const NAMES = {
  development: { session: 'sign-on-session', mark: 'sign-on-session.end', back: 'sign-on-return' },
  production: {
    session: '__Host-Http-session', second: '__Host-Http-session.1', mark: '__Host-Http-session.end', back: '__Host-Http-return-url',
  },
};

const folder = mkdtempSync(path.join(tmpdir(), 'sign-on-'));
const servers = [];
const visitors = [];
const closers = [];
let browser;
let passed = 0;
try {
  const executable = binary();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
  const files = certificate(folder);
  if (process.argv.includes('--screenshots')) {
    await screenshots(await setUp('production', executable, files));
  } else {
    const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    await facts({ browser, check: checker('browser'), tls, atEnd: (close) => closers.push(close) });
    for (const profile of Object.keys(NAMES)) await journey(await setUp(profile, executable, files));
    console.log(`${passed} passed`);
  }
} catch (error) {
  process.exitCode = 1;
  console.error(error);
  for (const [at, { page }] of visitors.entries()) {
    const file = fileURLToPath(new URL(`failure-${at + 1}.png`, import.meta.url));
    await page.screenshot({ path: file }).then(() => console.error(`see ${path.basename(file)}`), () => {});
  }
  for (const { log } of servers) console.error(log);
} finally {
  await browser?.close();
  for (const close of closers) close();
  for (const server of servers) await server.kill();
  rmSync(folder, { recursive: true });
}

async function setUp(profile, executable, files) {
  const https = profile === 'production';
  const start = async (environment) => {
    const server = await Server.start(executable, {
      DATA: path.join(folder, `data-${servers.length}`),
      PROFILE: profile,
      ...(https ? { TLS_CERT: files.cert, TLS_KEY: files.key } : {}),
      ...environment,
    });
    servers.push(server);
    return server;
  };
  const server = await start({ REAUTH });
  const open = async (origin = server.origin, options = {}) => {
    const visitor = await Visitor.open(browser, { origin, profile, options });
    visitors.push(visitor);
    return visitor;
  };
  return {
    profile,
    browser,
    start,
    open,
    atEnd: (close) => closers.push(close),
    reauth: REAUTH,
    names: NAMES[profile],
    server: () => server,
    visitors: { a: await open(), b: await open() },
    tls: https ? { cert: readFileSync(files.cert), key: readFileSync(files.key) } : undefined,
    mark: (sid) => createHash('sha256').update(sid).digest('base64url').slice(0, 22),
    check: checker(profile),
  };
}

/** Runs one check after the other, and says what came of each. */
function checker(profile) {
  return async (what, run) => {
    let found;
    try {
      found = await run();
    } catch (error) {
      console.error(`FAILED ${profile} ${what}`);
      throw error;
    }
    passed += 1;
    console.log(`ok ${profile} ${what}${found ? `; ${found}` : ''}`);
  };
}

async function journey(test) {
  await signing(test);
  await cookiePage(test);
  await rotation(test);
  await sizes(test);
  await backup(test);
  await signOff(test);
  await forgery(test);
  await attackPage(test);
  await everywhere(test);
  await returnUrls(test);
  await ends(test);
  for (const visitor of Object.values(test.visitors)) await visitor.close();
  await test.server().kill();
}
