// Drives the built page in Chromium, from the disk and without a network. One line per check; the first failure ends
// the run with a picture in failure.png.
//
//     node tests/browser.mjs                  all checks
//     node tests/browser.mjs --screenshots    the pictures in docs instead
//
// CHROMIUM names the browser.
import assert from 'node:assert/strict';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { access } from './checks/access.mjs';
import { cookieFacts } from './checks/cookie-facts.mjs';
import { opening } from './checks/opening.mjs';
import { policy } from './checks/policy.mjs';
import { tools } from './checks/tools.mjs';
import { screenshots } from './screenshots.mjs';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
const FILE = fileURLToPath(new URL('../dist/index.html', import.meta.url));
const URL_OF_PAGE = pathToFileURL(FILE).href;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
let passed = 0;
let last;
try {
  if (process.argv.includes('--screenshots')) await screenshots(newPage);
  else {
    for (const part of [opening, tools, access]) await part({ newPage, check });
    await policy({ browser, check, file: FILE });
    await cookieFacts({ browser, check });
    console.log(`${passed} passed`);
  }
} catch (error) {
  process.exitCode = 1;
  console.error(error);
  await last?.screenshot({ path: fileURLToPath(new URL('../failure.png', import.meta.url)) }).catch(() => {});
} finally {
  await browser.close();
}

/** A page of its own, offline; `done` checks that it asked for nothing but the file and reported no error. */
async function newPage({ width = 1180, height = 900, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, offline: true });
  const page = await context.newPage();
  const requests = [];
  const faults = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => faults.push(message.text()));
  await page.goto(URL_OF_PAGE);
  last = page;
  const done = async () => {
    assert.deepEqual(Array.from(new Set(requests)), [URL_OF_PAGE]);
    assert.deepEqual(faults, []);
    assert.equal(page.url(), URL_OF_PAGE, 'nothing in the address');
    const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
    assert.deepEqual(kept, [0, 0, '']);
    await context.close();
  };
  return { page, done };
}

async function check(name, run) {
  await run();
  passed += 1;
  console.log(`ok ${name}`);
}
