/** The view that checks Set-Cookie lines. */
import { checkLine, checkTotal, joined } from './cookie-rules.js';
import { $, h, rules, say } from './dom.js';
import { EXAMPLE_COOKIE } from './examples.js';
import { count, escaped, quoted } from './words.js';

const MARKS = { error: '✕', warning: '!', fine: '✓' };

/** Fills in lines and checks them. */
export function checkLines(text) {
  $('lines').value = text.replace(/^set-cookie:[ \t]*/gim, '');
  $('cookie-form').requestSubmit();
}

/** `inspect` shows a token that a line holds. */
export function setUpCookie(inspect) {
  const forget = () => {
    $('cookie-report').replaceChildren();
    say($('cookie-verdict'), '', '');
  };
  $('lines').addEventListener('input', forget);
  $('cookie-form').addEventListener('submit', (event) => {
    event.preventDefault();
    check(inspect);
  });
  $('example-cookie').addEventListener('click', () => {
    $('lines').value = EXAMPLE_COOKIE;
    check(inspect);
  });
}

function check(inspect) {
  const now = Math.floor(Date.now() / 1000);
  const lines = $('lines')
    .value.split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => checkLine(line, now));
  if (lines.length === 0) {
    say($('cookie-verdict'), 'failed', 'No line to check.');
    return;
  }
  const total = lines.length > 1 || lines[0].sizes.pair > 0 ? [checkTotal(lines)] : [];
  const all = [...lines.flatMap(({ findings }) => findings), ...total];
  const [errors, warnings] = ['error', 'warning'].map((verdict) => all.filter((one) => one.verdict === verdict).length);
  const state = errors > 0 ? 'failed' : warnings > 0 ? 'warned' : 'passed';
  say(
    $('cookie-verdict'),
    state,
    `${count(lines.length, 'line')} checked: ${count(errors, 'error')}, ${count(warnings, 'warning')}.`,
  );
  const whole = joined(lines);
  const report = lines.map((line, i) => lineReport(line, lines.length > 1 ? i + 1 : undefined, inspect));
  report.push(h('h3', {}, 'The response'), findingList(total));
  if (whole !== undefined) report.push(offer('Inspect the token of both lines', whole, inspect));
  $('cookie-report').replaceChildren(...report);
}

function lineReport({ parsed, held, findings }, number, inspect) {
  const isToken = held.form === 'sealed' || held.form === 'signed';
  const name = parsed.name === '' ? 'a cookie without a name' : escaped(parsed.name);
  return h(
    'section',
    { 'aria-label': number === undefined ? 'The line' : `Line ${number}` },
    h('h3', {}, number === undefined ? '' : `Line ${number}: `, h('code', {}, name)),
    h('p', { class: 'hint' }, h('code', {}, quoted(parsed.value, 60))),
    isToken ? offer('Inspect this token', held.text, inspect) : null,
    findingList(findings),
  );
}

function offer(words, text, inspect) {
  const button = h('button', { type: 'button' }, words);
  button.addEventListener('click', () => inspect(text));
  return h('div', { class: 'buttons' }, button);
}

function findingList(findings) {
  return h(
    'ul',
    { class: 'findings' },
    findings.map(({ verdict, words, rule }) =>
      h(
        'li',
        { class: `finding ${verdict}` },
        h('span', { class: 'finding-verdict' }, h('span', { 'aria-hidden': 'true' }, MARKS[verdict]), ` ${verdict}`),
        h('span', {}, `${words} `, rules(rule)),
      ),
    ),
  );
}
