// Tokens of every outcome, opened on the page.
import assert from 'node:assert/strict';
import { testKeyFromBytes } from '../../../interop/javascript/src/hazmat.js';
import { EXAMPLE } from '../../src/examples.js';

/** Fills the form and opens; what is absent is as in the example. */
export async function openOn(page, { text = EXAMPLE.sealed, ...given } = {}) {
  const values = {
    keys: EXAMPLE.keys,
    audience: EXAMPLE.audience,
    purpose: EXAMPLE.purpose,
    now: EXAMPLE.now,
    ...given,
  };
  await page.fill('#token', text);
  for (const [name, value] of Object.entries(values)) await page.fill(`#${name}`, value);
  await page.check('#test-keys');
  await page.click('#open-form .main');
  await page.waitForSelector('#steps .step');
  return page.textContent('#verdict');
}

const stepsOf = (page) =>
  page.locator('#steps .step').evaluateAll((items) =>
    items.map((item) => ({
      step: item.querySelector('.step-number').textContent,
      state: item.querySelector('.step-state').textContent.replace(/^\S+ /, ''),
      rules: item.querySelector('.rules').textContent.trim(),
    })),
  );

/** The token with one bit of a byte changed. */
function tampered(text, at) {
  const bytes = Buffer.from(text, 'base64url');
  bytes[at] ^= 1;
  return bytes.toString('base64url');
}

export async function opening({ newPage, check }) {
  await check('a sealed token opens: every step, its rules, the body', async () => {
    const { page, done } = await newPage();
    assert.equal(await openOn(page), "Opens: every check passed. The library's unseal agrees.");
    const steps = await stepsOf(page);
    assert.deepEqual(
      steps.map(({ step }) => step),
      ['set-up', 'set-up', '0', '1', '2', '3', '4', '5', '5', '6', '7', '8', '8', '9'],
    );
    assert.ok(steps.every(({ state }) => state === 'passed'));
    assert.ok(
      steps.every(({ rules }) => /^(?:\[[A-Z]+-\d\d\] ?)+$/.test(rules)),
      JSON.stringify(steps),
    );
    assert.match(
      await page.textContent('#steps .fields'),
      /2026-09-21 14:13:20 UTC \(1790000000\).*1800 s.*\{"sub":"ada"/s,
    );
    assert.equal(
      await page.textContent('#token-state'),
      'Sealed token, version 1: 152 octets of text, 114 bytes, payload of 29 bytes.',
    );
    const names = await page.locator('#bytes .field-name').allTextContents();
    assert.deepEqual(names, ['1 magic', '2 key_id', '3 salt', '4 iv', '5 ciphertext', '6 tag']);
    const bytes = await page.locator('#bytes .byte').allTextContents();
    assert.equal(bytes.join(''), Buffer.from(EXAMPLE.sealed, 'base64url').toString('hex'));
    await done();
  });

  await check('a signed token opens, its fields readable before', async () => {
    const { page, done } = await newPage();
    await page.fill('#token', EXAMPLE.signed);
    assert.match(
      await page.textContent('#bytes .fields'),
      /issued_at.*2026-09-21.*ttl.*1800 s.*payload.*"\{"sub":"ada"/s,
    );
    assert.match(await page.textContent('#bytes'), /Not verified/);
    assert.equal(
      await openOn(page, { text: EXAMPLE.signed }),
      "Opens: every check passed. The library's verify agrees.",
    );
    await done();
  });

  const other = await testKeyFromBytes(Buffer.from('cretula-test-key-number-02......')).exportText();
  const cases = [
    ['tampered key id', { text: tampered(EXAMPLE.sealed, 3) }, 'unknown_key', '5'],
    ['tampered salt', { text: tampered(EXAMPLE.sealed, 35) }, 'auth_failed', '6'],
    ['tampered iv', { text: tampered(EXAMPLE.sealed, 47) }, 'auth_failed', '6'],
    ['tampered ciphertext', { text: tampered(EXAMPLE.sealed, 60) }, 'auth_failed', '6'],
    ['tampered tag', { text: tampered(EXAMPLE.sealed, 113) }, 'auth_failed', '6'],
    ['tampered payload of a signed token', { text: tampered(EXAMPLE.signed, 50) }, 'auth_failed', '6'],
    ['expired', { now: '1790001800' }, 'expired', '8'],
    ['from the future', { now: '1789999939' }, 'issued_in_future', '7'],
    ['older than max_age', { 'max-age': '100' }, 'expired', '8'],
    ['another key', { keys: other }, 'unknown_key', '5'],
    ['another audience', { audience: 'other.example' }, 'unknown_key', '5'],
    ['padding', { text: `${EXAMPLE.sealed}=` }, 'encoding', '3'],
    ['short', { text: 'CrE1AAAA' }, 'too_short', '4'],
    ['a later version', { text: 'CrE2AAAA' }, 'unsupported_version', '2'],
    ['no token', { text: 'eyJhbGciOiJub25lIn0' }, 'not_a_token', '2'],
    ['over the limit', { limit: '151' }, 'too_long', '1'],
    ['a leeway out of range', { leeway: '301' }, 'leeway_range', '0'],
    ['no context', { audience: 'two words' }, 'context_invalid', 'set-up'],
    ['a typo in the key', { keys: `${EXAMPLE.keys.slice(0, -1)}1` }, 'key_checksum', 'set-up'],
    ['no key', { keys: `${EXAMPLE.keys}x` }, 'key_format', 'set-up'],
    ['no ring', { keys: '{"cretula":"keyring-v1"}' }, 'keyring_format', 'set-up'],
    [
      'an ended key',
      { keys: `{"cretula":"keyring-v1","keys":[{"key":"${EXAMPLE.keys}","accept_until":1790000100}]}` },
      'key_inactive',
      '5',
    ],
  ];
  const { page, done } = await newPage();
  for (const [name, given, code, step] of cases) {
    await check(`refused: ${name}`, async () => {
      await page.click('#clear');
      const verdict = await openOn(page, given);
      const where = step === 'set-up' ? 'at set-up' : `at step ${step}`;
      assert.match(verdict, new RegExp(`^Refused: ${code}, ${where}\\. The library's (?:unseal|verify) agrees\\.$`));
      const steps = await stepsOf(page);
      const failed = steps.findIndex(({ state }) => state === `failed: ${code}`);
      assert.equal(steps[failed].step, step);
      assert.ok(steps.slice(0, failed).every(({ state }) => state === 'passed'));
      assert.ok(steps.slice(failed + 1).every(({ state }) => state === 'not reached'));
      assert.equal(await page.locator('#steps .bytes').count(), 0, 'no body');
    });
  }

  await check('refused: a test key, without the box', async () => {
    await page.click('#clear');
    await openOn(page);
    await page.uncheck('#test-keys');
    assert.equal(await page.locator('.step').count(), 0, 'the old answer is gone');
    await page.click('#open-form .main');
    await page.waitForSelector('.step');
    assert.match(await page.textContent('#verdict'), /^Refused: key_test, at set-up\./);
  });

  await check('refused: the wrong kind', async () => {
    await page.click('#clear');
    await page.selectOption('#kind', 'signed');
    assert.match(await openOn(page), /^Refused: wrong_kind, at step 2\. The library's verify agrees/);
  });

  await check('trailing bits: the position and the rule, on the page too', async () => {
    await page.click('#clear');
    const text = `${EXAMPLE.signed.slice(0, -1)}B`;
    assert.match(await openOn(page, { text }), /^Refused: encoding, at step 3\./);
    const shown = await page.textContent('#bytes');
    assert.match(shown, /low 4 bits of the last character \(141\).*\[TEXT-02\]/s);
    assert.equal(await page.textContent('#bytes mark'), 'B');
  });

  await check('white space is shown, and removed on demand', async () => {
    await page.click('#clear');
    await page.fill('#token', `${EXAMPLE.sealed.slice(0, 80)}\n${EXAMPLE.sealed.slice(80)}`);
    assert.match(await page.textContent('#bytes'), /character 80 is "\\u\{a\}"/);
    await page.click('#without-space');
    assert.match(await page.textContent('#token-state'), /^Sealed token, version 1: 152 octets/);
    assert.equal(await page.isVisible('#without-space'), false);
  });

  await check('a keyring document with several keys opens', async () => {
    await page.click('#clear');
    const ring = { cretula: 'keyring-v1', keys: [{ key: other }, { key: EXAMPLE.keys, accept_until: 1790000101 }] };
    assert.match(await openOn(page, { keys: JSON.stringify(ring, null, 2) }), /^Opens/);
    assert.match(await page.textContent('#steps'), /entries2.*entry1/s);
  });

  await check('a difference between the steps and the library is said, and nothing is opened', async () => {
    await page.click('#clear');
    await page.evaluate(() => {
      const { decrypt } = SubtleCrypto.prototype;
      let calls = 0;
      SubtleCrypto.prototype.decrypt = function once(...rest) {
        calls += 1;
        return calls === 1 ? decrypt.apply(this, rest) : Promise.reject(new DOMException('', 'OperationError'));
      };
    });
    assert.match(await openOn(page), /^The steps and the library's unseal, which says "auth_failed", differ\./);
    assert.equal(await page.locator('#steps .bytes').count(), 0);
    await page.reload();
  });

  await check('numbers that are none are marked', async () => {
    await page.click('#clear');
    await page.fill('#leeway', '1.5');
    await page.click('#open-form .main');
    assert.match(await page.textContent('#verdict'), /holds no whole number/);
    assert.equal(await page.getAttribute('#leeway', 'aria-invalid'), 'true');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'leeway');
  });

  await check('a text of a sender is shown as text', async () => {
    await page.click('#clear');
    await page.fill('#token', '<img src=x onerror=alert(1)>\u202e');
    assert.equal(await page.locator('main img').count(), 0);
    assert.match(await page.textContent('#token-state'), /not_a_token/);
    await done();
  });
}
