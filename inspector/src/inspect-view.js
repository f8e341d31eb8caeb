/** The view that takes a token apart and opens it. */
import { testRingFromText } from '../../interop/javascript/src/hazmat.js';
import { Keyring } from '../../interop/javascript/src/index.js';
import { bytesView, faultView } from './bytes-view.js';
import { $, h, integers, NO_INTEGER, pairs, rules, say } from './dom.js';
import { EXAMPLE } from './examples.js';
import { anatomy, fieldsOf, magicOf } from './layout.js';
import { takeSteps } from './steps.js';
import { count, moment, quoted } from './words.js';

const CODES = {
  not_a_token: 'not a token: it does not begin with CrE1 or CrS1',
  unsupported_version: 'a token of a later version',
  encoding: 'not canonical base64url',
  too_short: 'shorter than the token of the empty payload',
};
const MARKS = { passed: '✓', failed: '✕', 'not reached': '·' };

/** `checkLines` shows Set-Cookie lines that were pasted here. */
export function setUpInspect(checkLines) {
  const onInput = () => {
    const text = $('token').value;
    const cookie = cookieIn(text);
    if (cookie?.isSetCookie) {
      show('');
      checkLines(text);
    } else if (cookie?.token === undefined && cookie !== undefined) {
      showBytes();
      $('token-state').prepend('The first of two cookies: paste both, name and name.1. ');
    } else if (cookie !== undefined) {
      show(cookie.token);
      $('token-state').prepend(`From the cookie ${quoted(cookie.name, 60)}. `);
    } else showBytes();
  };
  $('token').addEventListener('input', onInput);
  for (const field of ['token', 'open-form']) $(field).addEventListener('input', forget);
  $('open-form').addEventListener('submit', (event) => {
    event.preventDefault();
    open();
  });
  $('profile').addEventListener('change', showProfile);
  $('without-space').addEventListener('click', () => {
    show($('token').value.replace(/\s+/g, ''));
    $('token').focus();
  });
  $('clear').addEventListener('click', () => {
    $('open-form').reset();
    showProfile();
    show('');
    $('token').focus();
  });
  for (const kind of ['sealed', 'signed']) {
    $(`example-${kind}`).addEventListener('click', () =>
      inspectWith({ ...EXAMPLE, text: EXAMPLE[kind], testKeys: true }),
    );
  }
}

/**
 * The first token of a pasted `name=value`, Cookie or Set-Cookie line, also one in two cookies (§20.5); without `token` if
 * the second of them is missing.
 */
function cookieIn(text) {
  const found = /(?:^|[;:\s])([^=;:\s]+)=(?:2\.([\w-]{8})\.)?(Cr[ES][^;\s]*)/.exec(text);
  if (found === null || /^\s*Cr[ES]/.test(text)) return undefined;
  const [, name, id, part] = found;
  const second = id === undefined ? '' : new RegExp(`[;:\\s][^=;:\\s]+\\.1=${id}\\.([^;\\s]*)`).exec(` ${text}`)?.[1];
  const attribute = /^set-cookie:|;\s*(?:path|domain|max-age|expires|secure|httponly|samesite|partitioned)\s*(?:[=;]|$)/im;
  return { name, token: second === undefined ? undefined : part + second, isSetCookie: attribute.test(text) };
}

/** Shows a token's bytes alone. */
export function show(text) {
  $('token').value = text;
  showBytes();
  forget();
}

/** Fills the form with what a token was made with, and opens it. */
export function inspectWith({ text, keys, audience, purpose, now, testKeys = false }) {
  $('open-form').reset();
  showProfile();
  $('keys').value = keys;
  $('test-keys').checked = testKeys;
  $('audience').value = audience;
  $('purpose').value = purpose;
  $('now').value = now;
  show(text);
  return open();
}

function showProfile() {
  const isSession = $('profile').value === 'session';
  $('absolute-part').hidden = !isSession;
  $('max-age-label').textContent = isSession ? 'idle, seconds' : 'max_age, seconds';
  $('max-age').value = isSession ? '1800' : '34560000';
}

function showBytes() {
  const text = $('token').value;
  $('without-space').hidden = !/\s/.test(text);
  $('bytes-heading').hidden = text === '';
  if (text === '') {
    $('token-state').textContent = '';
    $('bytes').replaceChildren();
    return;
  }
  const { octets, kind, code, fault, bytes, fields } = anatomy(text);
  const size = `${count(octets, 'octet')} of text`;
  const lead = kind === undefined ? 'No token' : `${kind === 'sealed' ? 'Sealed' : 'Signed'} token, version 1`;
  const payload = fields?.find(({ name }) => name === 'payload' || name === 'ciphertext');
  const length = payload?.name === 'ciphertext' ? payload.size - 10 : payload?.size;
  const words =
    code === undefined
      ? `${count(bytes.length, 'byte')}, payload of ${count(length, 'byte')}`
      : `${code}: ${CODES[code]}`;
  $('token-state').textContent = `${lead}: ${size}, ${words}.`;
  const view = [];
  if (fields !== undefined) {
    view.push(
      h('p', { class: 'hint' }, 'Not verified: whoever sent the token chose every value here.'),
      bytesView(fields, `Fields of the ${kind} token`),
    );
  } else if (fault !== undefined) view.push(faultView(text, fault));
  else view.push(h('p', {}, `It begins as ${code}. `, rules('OPEN-03')));
  $('bytes').replaceChildren(...view);
}

let latest = 0;

/** An answer stands only for the input that it was given for. */
function forget() {
  latest += 1;
  $('steps').replaceChildren();
  say($('verdict'), '', 'Each check of the specification appears here, in its order.');
}

async function open() {
  forget();
  const isSession = $('profile').value === 'session';
  const names = ['now', 'max-age', ...(isSession ? ['absolute'] : []), 'leeway', 'limit'];
  const numbers = integers(names);
  if (numbers === undefined) {
    say($('verdict'), 'failed', NO_INTEGER);
    return;
  }
  const [now, maxAge, ...rest] = numbers;
  const [absolute, leeway, limit] = isSession ? rest : [undefined, ...rest];
  const text = $('token').value;
  const keys = $('keys').value;
  const readRing = $('test-keys').checked ? () => testRingFromText(keys) : () => Keyring.fromText(keys);
  const kind = isSession ? 'sealed' : $('kind').value || (magicOf(text).kind ?? 'sealed');
  const input = {
    kind,
    readRing,
    audience: $('audience').value,
    purpose: $('purpose').value,
    maxAge,
    absolute,
    leeway,
    limit,
    now,
    text,
  };
  const mine = latest;
  const taken = await takeSteps(input);
  if (mine === latest) showSteps(taken, kind);
}

function showSteps({ steps, outcome, library, isConfirmed }, kind) {
  const failed = steps.find(({ state }) => state === 'failed');
  const verb = kind === 'sealed' ? 'unseal' : 'verify';
  if (!isConfirmed) {
    const [found] = library.split(':'); // no payload
    say(
      $('verdict'),
      'failed',
      `The steps and the library's ${verb}, which says "${found}", differ. Please report this.`,
    );
  } else if (failed !== undefined) {
    const where = failed.step === 'set-up' ? 'set-up' : `step ${failed.step}`;
    say($('verdict'), 'failed', `Refused: ${failed.code}, at ${where}. The library's ${verb} agrees.`);
  } else say($('verdict'), 'passed', `Opens: every check passed. The library's ${verb} agrees.`);
  const view = [h('h3', {}, 'Checks'), h('ol', { class: 'steps' }, steps.map(stepItem))];
  if (failed === undefined && isConfirmed) view.push(...opened(outcome));
  $('steps').replaceChildren(...view);
}

function stepItem({ step, check, rules: ids, state, code, values }) {
  const words = code === undefined ? state : `failed: ${code}`;
  return h(
    'li',
    { class: `step ${state.replace(' ', '-')}` },
    h('span', { class: 'step-number' }, step),
    h('div', {}, h('p', { class: 'step-check' }, check, ' ', rules(ids)), values.length > 0 ? pairs(values) : null),
    h('span', { class: 'step-state' }, h('span', { 'aria-hidden': 'true' }, MARKS[state]), ` ${words}`),
  );
}

/** What an opener tells after its last step ([OPEN-12], [OPEN-14]). */
function opened({ body, expiresAt, session }) {
  const told = [['expires', moment(expiresAt)]];
  if (session !== undefined) {
    const { sub, gen, authTime, start, end, rev, checked, jkt } = session;
    told.unshift(['user', sub === undefined ? 'a guest' : quoted(sub)]);
    if (sub !== undefined) told.push(['signed on', moment(authTime)], ['generation', String(gen)]);
    told.push(['began', moment(start)], ['ends at the latest', moment(end)], ['sealed', count(rev, 'time')]);
    if (checked !== undefined) told.push(['last checked', moment(checked)]);
    if (jkt !== undefined) told.push(['bound to the key', jkt]);
    const device = jkt === undefined ? 'whether the server wants it bound to a device' : 'for a proof of its device';
    told.push(['still to ask', `whether the session has ended (9d), ${device} (9e), and the application's check (9f)`]);
  }
  return [h('h3', {}, 'Body'), pairs(told), bytesView(fieldsOf('body', body), 'Fields of the body')];
}
