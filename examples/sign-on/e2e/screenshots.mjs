// Pictures of the main pages, for the README.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const WIDE = { width: 1_200, height: 800 };
const PHONE = { width: 390, height: 844 };
const MOST = 150 * 1_024;
const ADA = { email: 'ada@example.org', password: 'correct horse battery' };

export async function screenshots({ server, open, browser }) {
  const engine = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) ${engine} Chrome/${browser.version()} Safari/537.36`;
  const options = { colorScheme: 'light', viewport: WIDE, userAgent };
  const wide = await open(server().origin, options);
  await wide.visit('/sign-on');
  await picture(wide, 'sign-on');
  for (const product of ['clay', 'clay', 'wax']) {
    await wide.visit('/');
    await wide.click(`add-${product}`);
  }
  await wide.visit('/register');
  await wide.fill({ ...ADA, name: 'Ada' });

  const other = await open(server().origin, { ...options, viewport: PHONE });
  await other.visit('/sign-on');
  await other.fill(ADA);
  await other.visit('/account');

  await wide.visit('/operator');
  await wide.fill({ delay: '0' });
  await wide.visit('/basket');
  for (const [path, name] of [['/', 'home'], ['/account', 'account'], ['/basket', 'basket'], ['/cookie', 'cookie'],
    ['/operator', 'operator'], ['/attacks', 'attacks']]) {
    await wide.visit(path);
    await picture(wide, name);
  }
  for (const [path, name] of [['/', 'home-phone'], ['/cookie', 'cookie-phone']]) {
    await other.visit(path);
    await picture(other, name);
  }
}

export async function picture({ page }, name) {
  const file = fileURLToPath(new URL(`../docs/${name}.png`, import.meta.url));
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(excess, 0, `${name} scrolls sideways`);
  await page.screenshot({ path: file });
  const { size } = statSync(file);
  assert.ok(size < MOST, `${name} has ${size} octets`);
  console.log(`${name}.png ${size} octets`);
}
