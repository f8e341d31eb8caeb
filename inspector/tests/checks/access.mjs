// Who has no mouse, no eyes on the screen, a narrow screen, another scheme.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { openOn } from './opening.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Each state of the page that looks different. */
const STATES = {
  empty: async () => {},
  opened: (page) => openOn(page),
  refused: (page) => openOn(page, { now: '1790009999' }),
  'bad text': (page) => page.fill('#token', 'CrE1AAA=A'),
  'bad number': async (page) => {
    await page.fill('#limit', 'x');
    await page.click('#open-form .main');
  },
  session: (page) => page.selectOption('#profile', 'session'),
  built: async (page) => {
    await page.click('#tab-build');
    await page.click('#generate');
    await page.waitForFunction(() => document.getElementById('build-keys').value !== '');
    await page.click('#build-form .main');
    await page.waitForSelector('#built-part:not([hidden])');
  },
  cookie: async (page) => {
    await page.click('#tab-cookie');
    await page.fill('#lines', `__Host-session=${'x'.repeat(400)}; Path=/x; Domain=; SameSite=Lax; HttpOnly`);
    await page.click('#cookie-form .main');
  },
};

export async function access({ newPage, check }) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1180, 320]) {
      await check(`axe finds nothing, and nothing sticks out: ${colorScheme}, ${width} px`, async () => {
        for (const [name, reach] of Object.entries(STATES)) {
          const { page, done } = await newPage({ width, colorScheme });
          await reach(page);
          await page.evaluate(AXE);
          const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
          assert.deepEqual(
            violations.map(({ id, nodes }) => [id, nodes[0].html]),
            [],
            name,
          );
          assert.ok(
            passes.some(({ id }) => id === 'color-contrast'),
            name,
          );
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(wide <= width, `${name}: ${wide} px wide`);
          await done();
        }
      });
    }
  }

  await check('the whole way with the keyboard alone', async () => {
    const { page, done } = await newPage();
    const focus = () => page.evaluate(() => document.activeElement.id);
    const to = async (id) => {
      for (let i = 0; i < 40 && (await focus()) !== id; i += 1) await page.keyboard.press('Tab');
      assert.equal(await focus(), id);
    };
    await page.keyboard.press('Tab');
    assert.equal(await focus(), 'tab-inspect');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focus(), 'tab-build');
    await to('generate');
    await page.keyboard.press('Space');
    await page.waitForFunction(() => document.getElementById('build-keys').value !== '');
    await to('build-ttl');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#built-part:not([hidden])');
    await to('inspect-built');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.step');
    assert.equal(await focus(), 'token');
    assert.match(await page.textContent('#verdict'), /^Opens/);
    await done();
  });

  await check('every control is reached, shows its focus, and lets go', async () => {
    const { page, done } = await newPage();
    await openOn(page);
    await page.evaluate(() => document.activeElement.blur());
    const expected = await page
      .locator('button:visible:not([tabindex="-1"]), input:visible, textarea:visible, select:visible')
      .count();
    const seen = new Set();
    for (let i = 0; i < expected + 5; i += 1) {
      await page.keyboard.press('Tab');
      const found = await page.evaluate(() => {
        const { activeElement: one } = document;
        if (one === document.body) return undefined;
        one.dataset.reached ??= String(Math.random());
        const { outlineWidth, outlineStyle } = getComputedStyle(one);
        return { key: one.dataset.reached, outline: `${outlineStyle} ${outlineWidth}` };
      });
      if (found === undefined) continue;
      assert.equal(found.outline, 'solid 3px');
      seen.add(found.key);
    }
    assert.equal(seen.size, expected);
    await done();
  });

  await check('a field lights its bytes while it has the focus', async () => {
    const { page, done } = await newPage();
    await openOn(page);
    await page.getByRole('button', { name: '3 salt' }).focus();
    assert.equal((await page.locator('.byte.lit').allTextContents()).join(''), '28fd79612ead840a8f525d82');
    await page.keyboard.press('Tab');
    assert.equal((await page.locator('.byte.lit').allTextContents()).join(''), '3fce51a2b2ead33f4b17f59c');
    const lit = await page
      .locator('.byte.lit')
      .first()
      .evaluate((node) => getComputedStyle(node).boxShadow);
    assert.notEqual(lit, 'none');
    await done();
  });

  await check('landmarks, headings, tabs and states are in the accessibility tree', async () => {
    const { page, done } = await newPage();
    await openOn(page, { now: '1790009999' });
    const tree = await page.locator('body').ariaSnapshot();
    for (const line of [
      '- banner:',
      '- main:',
      '- contentinfo:',
      '- heading "Cretula inspector" [level=1]',
      '- heading "Open it" [level=2]',
      '- tab "Inspect" [selected]',
      '- tabpanel "Inspect":',
      '- textbox "Text of the token"',
      '- list "Fields of the sealed token":',
      '- status: "Refused: expired, at step 8.',
      '- textbox "Key or keyring"',
    ])
      assert.ok(tree.includes(line), `${line} not in\n${tree}`);
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    for (const id of ['token-state', 'verdict', 'build-verdict', 'cookie-verdict']) {
      assert.equal(await page.getAttribute(`#${id}`, 'role'), 'status');
    }
    await done();
  });

  await check('keys and tokens are kept out of form memory and spelling services', async () => {
    const { page, done } = await newPage();
    for (const field of await page.locator('input:not([type="checkbox"]), textarea:not([readonly])').all()) {
      assert.equal(await field.getAttribute('autocomplete'), 'off');
      if ((await field.getAttribute('inputmode')) === null)
        assert.equal(await field.getAttribute('spellcheck'), 'false');
    }
    await done();
  });

  await check('nothing moves where that is not wanted', async () => {
    const { page, done } = await newPage();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await openOn(page);
    const moving = await page
      .locator('.byte')
      .first()
      .evaluate((node) => getComputedStyle(node).transitionDuration);
    assert.equal(moving, '0s');
    await done();
  });
}
