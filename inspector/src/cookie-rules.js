/** What a Set-Cookie line is worth: findings `{verdict, rule?, words}`, verdict `error`, `warning` or `fine`. */
import { digit } from '../../interop/javascript/src/base64url.js';
import { utf8Length } from '../../interop/javascript/src/bytes.js';
import {
  COOKIE_LARGE,
  COOKIE_MAX,
  COOKIE_PART_MAX,
  COOKIE_TOKEN_MAX,
  FIRST_PART,
  LIFE_MAX,
} from '../../interop/javascript/src/constants.js';
import { CookieSettings } from '../../interop/javascript/src/index.js';
import { magicOf } from './layout.js';
import { parseSetCookie, prefixOf } from './set-cookie.js';
import { count, duration, moment, quoted } from './words.js';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MARK_LENGTH = 22;
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

const error = (words, rule) => ({ verdict: 'error', words, rule });
const warning = (words, rule) => ({ verdict: 'warning', words, rule });
const fine = (words, rule) => ({ verdict: 'fine', words, rule });

/** Checks one line, with or without the field's name: `{parsed, findings, held, sizes}`. */
export function checkLine(text, now) {
  const line = text.replace(/^[ \t]*set-cookie:[ \t]*/i, '');
  const parsed = parseSetCookie(line, now);
  const held = heldBy(parsed.name, parsed.value);
  const sizes = { pair: utf8Length(parsed.name) + utf8Length(parsed.value), line: utf8Length(line) };
  const checks = [fate, name, sizeOf, value, attributes, secure, scripts, sameSite, path, domain, life, form];
  return { parsed, held, sizes, findings: checks.flatMap((check) => check(parsed, { line, sizes, held, now })) };
}

/** What a cookie holds (§20.4, §20.5): `{form, text?, id?, many?}`. */
export function heldBy(name, value) {
  const [, lead, id, text] = /^(2\.)?([A-Za-z0-9_-]{8})\.(.+)$/.exec(value) ?? [];
  if (lead !== undefined) return { form: 'first part', id, text };
  if (id !== undefined && name.endsWith('.1')) return { form: 'second part', id, text };
  if (value === '') return { form: 'empty' };
  const { kind } = magicOf(value);
  if (kind !== undefined) return { form: kind, text: value };
  const items = value.split('.');
  if (!name.endsWith('.end') || !items.every(isMark)) return { form: 'other' };
  return { form: 'marks', many: items.length };
}

function isMark(text) {
  return text.length === MARK_LENGTH && Array.from(text).every((one) => digit(one.charCodeAt(0)) >= 0);
}

/** The token of two lines, in either order, or undefined ([COOK-14]). */
export function joined(lines) {
  const [one, two] = lines;
  if (lines.length !== 2) return undefined;
  const [first, second] = one.held.form === 'first part' ? [one, two] : [two, one];
  const arePair =
    first.held.form === 'first part' &&
    second.held.form === 'second part' &&
    first.held.id === second.held.id &&
    second.parsed.name === `${first.parsed.name}.1`;
  return arePair ? first.held.text + second.held.text : undefined;
}

/** The lines of one response together ([COOK-12]). */
export function checkTotal(lines) {
  const total = lines.reduce((sum, { sizes }) => sum + sizes.pair, 0);
  const words = `names and values of ${count(lines.length, 'line')}: ${count(total, 'octet')}`;
  return total > COOKIE_LARGE
    ? warning(`${words}; over ${COOKIE_LARGE}, and some proxies refuse a response head of more than 4096`, 'COOK-12')
    : fine(`${words}, at most ${COOKIE_LARGE}`, 'COOK-12');
}

function fate({ fault, effective, name: found, value: text }, { now }) {
  if (fault !== undefined) return error(`browsers drop this line, and keep an older cookie of the name: ${fault}`);
  const end = effective['max-age'] === undefined ? effective.expires : now + effective['max-age'];
  if (end !== undefined && end <= now) return fine('browsers take the cookie away');
  return found === '' && text !== ''
    ? error('without "=" browsers store a cookie that has no name', 'COOK-04')
    : fine('browsers store this cookie');
}

function name({ name: found }) {
  if (found === '') return error('there is no name', 'COOK-01');
  const own = found.replace(/\.(?:1|end|proof)$/, '');
  if (!NAME.test(found)) return error('the name has a character that RFC 9110 does not allow in a token', 'COOK-01');
  if (own.length > 64) return error(`the name has ${own.length} characters, over 64`, 'COOK-01');
  const prefix = prefixOf(found);
  if (prefix === undefined) return warning('no prefix: a neighbouring site can plant a cookie of this name', '§20.3');
  if (!found.startsWith(prefix)) return error(`a case variant of ${prefix}`, 'COOK-01');
  return fine(`the name, with the prefix ${prefix}`, 'COOK-01');
}

function sizeOf(_, { sizes: { pair, line } }) {
  const words = `name and value: ${count(pair, 'octet')}, "=" not counted`;
  const all = fine(`the whole line: ${count(line, 'octet')}`);
  return pair > COOKIE_MAX
    ? [error(`${words}; ${pair - COOKIE_MAX} over ${COOKIE_MAX}`, 'COOK-11'), all]
    : [fine(`${words}, at most ${COOKIE_MAX}`, 'COOK-11'), all];
}

function value({ value: text }, { held: { form: found, id, text: part, many } }) {
  if (text.startsWith('"')) return warning('the quotation marks are a part of the value', 'COOK-04');
  if (!VALUE.test(text))
    return warning("the value has characters outside RFC 6265's: not all browsers and servers keep them");
  const sizes = `${count(text.length, 'octet')}, at most ${COOKIE_PART_MAX}`;
  const isOver = text.length > COOKIE_PART_MAX;
  switch (found) {
    case 'sealed':
      return text.length > COOKIE_TOKEN_MAX
        ? error(`a sealed token over ${COOKIE_TOKEN_MAX} octets`, '§20.3')
        : fine('the value begins as a sealed token');
    case 'signed':
      return warning('a signed token: its holder can read it, and the cookie binding does not', '§20');
    case 'first part':
      if (isOver) return error(`the first part of a token, id ${id}: ${sizes}`, 'COOK-15');
      return part.length === FIRST_PART
        ? fine(`the first part of a token, id ${id}: ${sizes}`, 'COOK-15')
        : warning(`a first part of ${part.length} octets; a writer cuts at ${FIRST_PART}`, 'COOK-15');
    case 'second part':
      return (isOver ? error : fine)(`the second part of a token, id ${id}: ${sizes}`, 'COOK-14');
    case 'marks':
      return fine(many === 1 ? 'the mark of an ended session' : `the marks of ${many} ended sessions`, 'COOK-07');
    case 'empty':
      return fine('the value is empty');
    default:
      return warning('the value is no token', '§20.3');
  }
}

function attributes({ attributes: list }) {
  const ignored = list
    .filter((one) => one.ignored !== undefined)
    .map((one) => warning(`${quoted(one.name, 40)} is ignored: ${one.ignored}`, 'COOK-09'));
  const keys = list.filter((one) => one.ignored === undefined).map(({ key }) => key);
  const twice = new Set(keys.filter((key, i) => keys.indexOf(key) !== i));
  return [
    ...ignored,
    ...Array.from(twice, (key) => warning(`${key} stands more than once: the last counts`, 'COOK-09')),
  ];
}

function secure({ effective, name: found }) {
  if (effective.secure) return fine('Secure', 'COOK-02');
  if (prefixOf(found) !== undefined) return error('Secure is missing, which the prefix needs', 'COOK-02');
  return warning('Secure is missing: for a development profile only', '§20.1');
}

function scripts({ effective }) {
  return effective.httponly
    ? fine('HttpOnly', 'COOK-09')
    : error('HttpOnly is missing: scripts can read the cookie', 'COOK-09');
}

function sameSite({ effective: { samesite, partitioned, secure: isSecure } }) {
  const findings = [];
  if (samesite === undefined)
    findings.push(warning('SameSite is missing: browsers differ in what they take', 'COOK-09'));
  else if (samesite !== 'None') findings.push(fine(`SameSite=${samesite}`, 'COOK-02'));
  else if (isSecure) findings.push(warning('SameSite=None: sent with requests of other sites too', 'COOK-02'));
  else findings.push(error('SameSite=None needs Secure', 'COOK-02'));
  if (partitioned)
    findings.push(
      isSecure ? fine('Partitioned, with Secure', 'COOK-02') : error('Partitioned needs Secure', 'COOK-02'),
    );
  return findings;
}

function path({ effective, name: found }) {
  if (effective.path === '/') return fine('Path=/', 'COOK-02');
  if (prefixOf(found)?.startsWith('__Host-')) return error('__Host- needs Path=/', 'COOK-02');
  if (effective.path === undefined) return warning("no Path that begins with /: that of the request's page is taken", 'COOK-09');
  return /^\/[\x21-\x7e]*$/.test(effective.path)
    ? fine(`Path=${effective.path}: sent below it only`, 'COOK-02')
    : error('the Path has a character that is not visible ASCII', 'COOK-02');
}

function domain({ effective, attributes: list, name: found }) {
  const given = effective.domain;
  if (given === undefined) return fine('no Domain: sent to this host only', 'COOK-02');
  if (prefixOf(found)?.startsWith('__Host-')) return error('__Host- does not go with Domain', 'COOK-02');
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(given) || given.length > 253)
    return error(`${quoted(given, 60)} is no domain`, 'COOK-02');
  if (!/^__(?:Secure|Http)-/.test(found))
    return error('Domain needs a name that begins with __Secure- or __Http-', 'COOK-02');
  const isDotted = list.some(({ key, value: text }) => key === 'domain' && text.startsWith('.'));
  const words = `Domain=${given}: sent to all names below it too`;
  return isDotted ? warning(`${words}; the dot before it is ignored`, 'COOK-02') : fine(words, 'COOK-02');
}

function life({ effective, attributes: list }, { now }) {
  const { 'max-age': age, expires } = effective;
  const findings = [];
  const over = list.some(({ key, value: text }) => key === 'max-age' && Number(text) > LIFE_MAX);
  if (age !== undefined && over) findings.push(warning(`Max-Age is cut to ${LIFE_MAX}, 400 days`, '§20.8'));
  else if (age !== undefined)
    findings.push(
      age <= 0 ? fine(`Max-Age=${age} takes the cookie away`, 'COOK-09') : fine(`Max-Age=${duration(age)}`, 'COOK-09'),
    );
  if (expires !== undefined) {
    const words = age === undefined ? `Expires: ${moment(expires)}` : 'Expires beside Max-Age: Max-Age counts';
    const isCut = age === undefined && expires === now + LIFE_MAX;
    findings.push(
      warning(isCut ? `${words}, cut to 400 days` : `${words}; the binding writes Max-Age only`, 'COOK-09'),
    );
  }
  return findings.length > 0 ? findings : fine('no end: the browser forgets the cookie when it closes', '§20.1');
}

/** The same line by the library: its set-up's code, or the line that [COOK-09] writes. */
function form({ name: found, value: text, effective, attributes: list }, { line }) {
  const { path: place = '/', samesite, secure: isSecure = false, partitioned = false } = effective;
  const host = list.findLast(({ key, ignored }) => key === 'domain' && ignored === undefined)?.value;
  const own = found.replace(/\.(?:1|end|proof)$/, '');
  let written;
  try {
    const settings = new CookieSettings({
      name: own,
      secure: isSecure,
      path: place,
      domain: host,
      sameSite: samesite,
      partitioned,
    });
    written = settings.line(found, text, effective['max-age']);
  } catch (refusal) {
    return error(
      `the library refuses this set-up: ${refusal.code}`,
      refusal.code === 'cookie_name' ? 'COOK-01' : 'COOK-02',
    );
  }
  const shown = quoted(written.slice(found.length + text.length + 1), 300);
  return written === line
    ? fine('the line is, octet by octet, what the library writes', 'COOK-09')
    : warning(`the library would write, after name and value: ${shown}`, 'COOK-09');
}
