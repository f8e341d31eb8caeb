/** Runs all vectors in headless Chromium, from a server on 127.0.0.1. CHROMIUM names the browser. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { chromium } from 'playwright-core';

const TYPES = { '.js': 'text/javascript', '.json': 'application/json' };
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--no-first-run',
];
const IMPORTS = { imports: { '#crypto': '/src/crypto-web.js' } }; // as package.json says to bundlers
const PAGE = `<!doctype html><title>Vectors</title><script type="importmap">${JSON.stringify(IMPORTS)}</script>`;
const here = new URL('../', import.meta.url);
const vectors = new URL('../../test-vectors/v1/', here);

const server = createServer(async (request, response) => {
  if (request.url === '/') {
    response.setHeader('Content-Type', 'text/html').end(PAGE);
    return;
  }
  const [, folder, name] = /^\/(vectors\/)?([\w./-]+)$/.exec(request.url);
  try {
    const content = await readFile(new URL(name, folder ? vectors : here));
    response.setHeader('Content-Type', TYPES[extname(name)]).end(content);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, '127.0.0.1');
await once(server, 'listening');

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const { passed, failed } = await page.evaluate(async () => {
    const { runSuite } = await import('/tests/run-vector.js');
    return runSuite(async (file) => (await fetch(`/vectors/${file}`)).json());
  });
  for (const line of failed) console.error(line);
  console.log(`Chromium ${browser.version()}: ${passed} passed`);
  process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;
} finally {
  await browser.close();
  server.close();
}
