// Starts the five servers and drives them in a real browser. One line per check; the first failure ends the run and
// shows the logs.
//
//     node e2e/run.mjs                  all checks
//     node e2e/run.mjs --screenshots    docs/pages.png instead
//
// CHROMIUM names the browser.

import { fileURLToPath } from 'node:url';
import { MasterKey } from 'cretula';
import { chromium } from 'playwright-core';
import { keys as keyChecks } from './keys.mjs';
import { screenshots } from './screenshots.mjs';
import { startAll } from './servers.mjs';
import { sessions as sessionChecks } from './sessions.mjs';
import { Keys, Visitor } from './visitor.mjs';

const ARGUMENTS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run',
];

const keys = new Keys();
keys.entries.push({ key: await MasterKey.generate().exportText() });
const visitors = [];
let all;
let browser;
let passed = 0;
try {
  all = await startAll(keys.document);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
  const open = async (options) => {
    const visitor = await Visitor.open(browser, keys, options);
    visitors.push(visitor);
    return visitor;
  };
  const test = { ...all, keys, open, check };
  if (process.argv.includes('--screenshots')) {
    await screenshots(test);
  } else {
    await sessionChecks(test);
    await keyChecks(test);
    console.log(`${passed} passed`);
  }
} catch (error) {
  process.exitCode = 1;
  console.error(error);
  for (const { name, log } of all?.servers ?? []) console.error(`--- ${name}\n${log}`);
  for (const [at, { page }] of visitors.entries()) {
    await page.screenshot({ path: fileURLToPath(new URL(`failure-${at + 1}.png`, import.meta.url)) }).catch(() => {});
  }
} finally {
  await browser?.close();
  await all?.stop();
}

async function check(what, run) {
  let found;
  try {
    found = await run();
  } catch (error) {
    console.error(`FAILED ${what}`);
    throw error;
  }
  passed += 1;
  console.log(`ok ${what}${found ? `; ${found}` : ''}`);
}
