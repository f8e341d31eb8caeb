// Building, sessions, and Set-Cookie lines, on the page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { EXAMPLE } from '../../src/examples.js';

export async function tools({ newPage, check }) {
  for (const kind of ['sealed', 'signed']) {
    await check(`builds a ${kind} token with a new key, and inspects it`, async () => {
      const { page, done } = await newPage();
      await page.click('#tab-build');
      await page.click('#generate');
      await page.waitForFunction(() => document.getElementById('build-keys').value !== '');
      assert.match(await page.inputValue('#build-keys'), /^cretula_key1_[0-9a-f]{64}_[0-9a-f]{8}$/);
      await page.selectOption('#build-kind', kind);
      await page.fill('#payload', 'héllo');
      await page.click('#build-form .main');
      await page.waitForSelector('#built-part:not([hidden])');
      assert.match(
        await page.textContent('#build-verdict'),
        /^Built: 1\d\d octets of text, \d+ bytes, payload of 6 bytes\.$/,
      );
      const token = await page.inputValue('#built');
      assert.ok(token.startsWith(kind === 'sealed' ? 'CrE1' : 'CrS1'));
      await page.click('#inspect-built');
      await page.waitForSelector('.step');
      assert.match(await page.textContent('#verdict'), /^Opens: every check passed/);
      assert.match(await page.textContent('#steps .fields'), /"héllo"/);
      assert.equal(await page.inputValue('#token'), token);
      await done();
    });
  }

  await check('a pasted cookie is understood where it is, a Set-Cookie line in its own tab', async () => {
    const { page, done } = await newPage();
    for (const cookie of [`session=${EXAMPLE.sealed}`, `Cookie: a=b; session=${EXAMPLE.sealed}; c=d`]) {
      await page.fill('#token', cookie);
      assert.equal(await page.inputValue('#token'), EXAMPLE.sealed);
      assert.match(await page.textContent('#token-state'), /^From the cookie "session"\. Sealed token, version 1/);
    }
    const [first, second] = [EXAMPLE.sealed.slice(0, 60), EXAMPLE.sealed.slice(60)];
    for (const cookie of [
      `session=2.abcd_-12.${first}; session.1=abcd_-12.${second}`,
      `session.1=abcd_-12.${second}; other=1; session=2.abcd_-12.${first}`,
    ]) {
      await page.fill('#token', cookie);
      assert.equal(await page.inputValue('#token'), EXAMPLE.sealed);
    }
    for (const half of [`session=2.abcd_-12.${first}`, `session=2.abcd_-12.${first}; session.1=abcd_-13.${second}`]) {
      await page.fill('#token', half);
      assert.match(await page.textContent('#token-state'), /^The first of two cookies: paste both/);
    }
    await page.fill('#token', `Set-Cookie: __Host-session=${EXAMPLE.sealed}; Path=/; Secure`);
    await page.waitForSelector('#cookie:not([hidden]) #cookie-report h3');
    assert.equal(await page.inputValue('#lines'), `__Host-session=${EXAMPLE.sealed}; Path=/; Secure`);
    assert.equal(await page.inputValue('#token'), '');
    await page.getByText('Inspect this token').click();
    assert.equal(await page.inputValue('#token'), EXAMPLE.sealed);
    await done();
  });

  await check('builds nothing with a test key, a bad ttl, a bad context', async () => {
    const { page, done } = await newPage();
    await page.click('#tab-build');
    await page.fill('#build-keys', EXAMPLE.keys);
    await page.click('#build-form .main');
    await page.waitForSelector('#build-verdict.failed');
    assert.match(await page.textContent('#build-verdict'), /^Refused: key_test/);
    await page.click('#generate');
    await page.waitForSelector('#build-verdict:not(.failed)');
    for (const [field, value, code] of [
      ['build-ttl', '0', 'ttl_range'],
      ['build-audience', '', 'context_invalid'],
    ]) {
      await page.fill(`#${field}`, value);
      await page.click('#build-form .main');
      await page.waitForSelector('#build-verdict.failed');
      assert.match(await page.textContent('#build-verdict'), new RegExp(`^Refused: ${code}`));
      await page.fill(`#${field}`, field === 'build-ttl' ? '60' : 'shop.example');
    }
    assert.equal(await page.isVisible('#built-part'), false);
    await done();
  });

  await check('opens a session by §19.3, and refuses it at 9a, 9b and 9c', async () => {
    const { vectors } = JSON.parse(
      readFileSync(new URL('../../../test-vectors/v1/session.json', import.meta.url), 'utf8'),
    );
    const { page, done } = await newPage();
    const cases = {
      'session/open/ok/user': undefined,
      'session/open/nesting/1000': ['payload_invalid', '9a'],
      'session/open/bound/jkt': undefined,
      'session/open/issued-in-future/auth-time': ['issued_in_future', '9b'],
      'session/open/recheck/future': ['issued_in_future', '9b'],
      'session/open/expired/end': ['expired', '9c'],
    };
    for (const [id, refusal] of Object.entries(cases)) {
      const vector = vectors.find((one) => one.id === id);
      await page.click('#clear');
      await page.selectOption('#profile', 'session');
      const keys = `{"cretula":"keyring-v1","keys":[{"key":"${EXAMPLE.keys}"}]}`;
      const {
        token,
        audience,
        purpose,
        now,
        policy: { idle, absolute },
      } = vector;
      const values = { token, keys, audience, purpose, now, 'max-age': idle, absolute };
      for (const [name, value] of Object.entries(values)) await page.fill(`#${name}`, String(value));
      await page.check('#test-keys');
      await page.click('#open-form .main');
      await page.waitForSelector('.step');
      const verdict = await page.textContent('#verdict');
      const [code, step] = refusal ?? [];
      const expected =
        refusal === undefined ? /^Opens/ : new RegExp(`^Refused: ${code}, at step ${step}\\. The library`);
      assert.match(verdict, expected, id);
      if (refusal === undefined) {
        const told = await page.textContent('#steps > dl.pairs');
        assert.match(told, /^user".+".*signed on.*UTC \(\d+\)generation\d+began.*ends at the latest.*sealed\d+ times?/s);
        const device = id.includes('bound') ? /bound to the key[\w-]{43}.*proof of its device \(9e\)/s : /bound to a device \(9e\)/;
        assert.match(told, device);
      }
    }
    await done();
  });

  await check('checks a good and a bad Set-Cookie line, and inspects the token of one', async () => {
    const { page, done } = await newPage();
    await page.click('#tab-cookie');
    await page.click('#example-cookie');
    assert.equal(await page.textContent('#cookie-verdict'), '1 line checked: 0 errors, 0 warnings.');
    await page.fill('#lines', '__Host-session=x; Path=/app; SameSite=None');
    assert.equal(await page.locator('.finding').count(), 0, 'the old answer is gone');
    await page.click('#cookie-form .main');
    assert.match(await page.textContent('#cookie-verdict'), /^1 line checked: 6 errors, 1 warning\.$/);
    assert.match(await page.textContent('.finding.error'), /browsers drop this line/);
    await page.click('#example-cookie');
    await page.click('text=Inspect this token');
    assert.equal(await page.inputValue('#token'), EXAMPLE.sealed);
    assert.match(await page.textContent('#token-state'), /^Sealed token/);
    await done();
  });

  await check('joins the two lines of a large token', async () => {
    const { page, done } = await newPage();
    const token = `CrE1${'A'.repeat(4096)}`;
    await page.click('#tab-cookie');
    await page.fill(
      '#lines',
      `__Host-session=2.abcdefgh.${token.slice(0, 2989)}\n__Host-session.1=abcdefgh.${token.slice(2989)}`,
    );
    await page.click('#cookie-form .main');
    await page.click('text=Inspect the token of both lines');
    assert.equal(await page.inputValue('#token'), token);
    assert.match(await page.textContent('#token-state'), /payload of 2990 bytes/);
    assert.equal(await page.locator('#bytes .byte.more').count(), 1, 'a long field is cut in the grid');
    await done();
  });
}
