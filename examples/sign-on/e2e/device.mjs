// Device binding (§21) in a real browser: Chromium with keys in software, headless, over https. The example and a server
// in JavaScript share keys and nothing else; servers that are wrong on purpose have to fail.
//
//     node device.mjs
//     node device.mjs --screenshot    the picture of a bound session in ../docs instead
//
// SIGN_ON_BIN names the binary (else it is built), CHROMIUM the browser.

import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { core, more } from './checks/device.mjs';
import { Front } from './device/front.mjs';
import { Tab } from './device/tab.mjs';
import { LIBRARY, WRONG, wrongLibrary } from './device/wrong.mjs';
import { picture } from './screenshots.mjs';
import { Server, binary, certificate } from './server.mjs';

const PICTURE = process.argv.includes('--screenshot');
/** Seconds. Of 5 the browser asks for a new one at each request, because less than 120 remain. */
const PROOF = PICTURE ? 600 : 5;
const PEER = [process.execPath, fileURLToPath(new URL('device/peer.mjs', import.meta.url))];
const EMAIL = 'ada@example.org';

const folder = mkdtempSync(path.join(tmpdir(), 'device-'));
const files = certificate(folder);
const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
const servers = [];
const closers = [];
let passed = 0;
try {
  const browser = await launch();
  const example = binary();
  const settings = { TLS_CERT: files.cert, TLS_KEY: files.key, PROOF };
  const data = path.join(folder, 'data');
  const started = async (executable, environment) => {
    const server = await Server.start(executable, { ...settings, ...environment });
    servers.push(server);
    return server;
  };
  const rust = await started(example, { DATA: data, PROFILE: 'production' });
  const peer = (library = LIBRARY) => started(PEER, { LIBRARY: library, KEYS: path.join(data, 'keys.json') });
  const set = { browser, proof: PROOF };
  const fronted = async (server) => {
    const front = await Front.start(tls, server);
    closers.push(() => front.stop());
    return front;
  };

  async function all() {
    const node = await peer();
    await steps('rust, then javascript', core({ ...set, front: await fronted(rust), a: rust, b: node, email: EMAIL }));
    const pair = { a: await peer(), b: node };
    await steps('javascript twice', core({ ...set, front: await fronted(pair.a), ...pair }));
    await rust.start();
    const unaware = await launch({ enabled: false });
    const list = more({ ...set, unaware, rust, node, newFront: fronted }).map(([what, take]) => [what, what, take]);
    await steps('example', list);
    await node.kill();
    for (const [at, { name, step, edits }] of WRONG.entries()) {
      const library = wrongLibrary(path.join(folder, `wrong-${at}`), edits);
      const wrong = { a: await peer(library), b: await peer(library) };
      await fails(name, step, core({ ...set, front: await fronted(wrong.a), ...wrong }));
      await wrong.a.kill();
      await wrong.b.kill();
    }
  }

  if (PICTURE) {
    const tab = await Tab.open(browser, (await fronted(rust)).origin);
    await tab.signOn(EMAIL);
    await tab.bound();
    await tab.account();
    await picture(tab, 'account-bound');
  } else {
    await all();
  }
  console.log(`${passed} passed`);
} catch (error) {
  process.exitCode = 1;
  console.error(error);
  for (const { log } of servers) console.error(log);
} finally {
  for (const close of closers.reverse()) await close();
  for (const server of servers) await server.kill();
  rmSync(folder, { recursive: true });
}

async function launch({ enabled = true } = {}) {
  const feature = 'DeviceBoundSessions:RequireOriginTrialTokens/false/RefreshQuota/false';
  const software = 'EnableBoundSessionCredentialsSoftwareKeysForManualTesting';
  const features = enabled ? `--enable-features=${feature},${software}` : '--disable-features=DeviceBoundSessions';
  const spki = new X509Certificate(tls.cert).publicKey.export({ type: 'spki', format: 'der' });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run', features,
      `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`,
    ],
  });
  closers.push(() => browser.close());
  return browser;
}

/** Takes all steps, and says what came of each. */
async function steps(of, list) {
  for (const [, what, take] of list) {
    const began = Date.now();
    let found;
    try {
      found = await take();
    } catch (error) {
      console.error(`FAILED ${of} ${what}`);
      throw error;
    }
    passed += 1;
    console.log(`ok ${of}: ${what}${found ? `; ${found}` : ''} (${((Date.now() - began) / 1_000).toFixed(1)} s)`);
  }
}

/** Takes the steps until one fails, which has to be this one. */
async function fails(name, expected, list) {
  const began = Date.now();
  for (const [step, , take] of list) {
    let fault;
    try {
      await take();
    } catch (error) {
      if (!(error instanceof assert.AssertionError)) throw error;
      fault = error;
    }
    if (fault === undefined) continue;
    assert.equal(step, expected, `${name}: ${fault.message}`);
    passed += 1;
    const [line] = fault.message.split('\n');
    console.log(`ok wrong server, ${name}: fails “${step}”: ${line} (${((Date.now() - began) / 1_000).toFixed(1)} s)`);
    return;
  }
  assert.fail(`${name}: no step found it`);
}
