/** Reads one Set-Cookie line as browsers do (RFC 6265bis §5.6, and the prefixes and limits they enforce). */
import { utf8Length } from '../../interop/javascript/src/bytes.js';
import { COOKIE_MAX, LIFE_MAX } from '../../interop/javascript/src/constants.js';

/** Octets of an attribute's value; browsers ignore the attribute over that (§20.8). */
export const ATTRIBUTE_MAX = 1024;

/** `{name, value, attributes, effective, fault?}`: `fault` says why browsers drop the line. */
export function parseSetCookie(line, now) {
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(line))
    return { ...EMPTY, fault: 'a control character: browsers drop the line or cut it there' };
  const [pair, ...rest] = line.split(';');
  const [name, value] = divided(pair, true);
  const attributes = rest.map((part) => attributeOf(part, now));
  const effective = {};
  for (const { key, ignored, effect } of attributes) if (ignored === undefined) effective[key] = effect;
  const parsed = { name, value, attributes, effective };
  return { ...parsed, fault: dropped(parsed) };
}

const EMPTY = { name: '', value: '', attributes: [], effective: {} };

/** Name and value at the first "=", SP and HTAB trimmed; without one a cookie is all value, an attribute all name. */
function divided(part, isPair) {
  const at = part.indexOf('=');
  if (at < 0) return isPair ? ['', trimmed(part)] : [trimmed(part), ''];
  return [trimmed(part.slice(0, at)), trimmed(part.slice(at + 1))];
}

function trimmed(text) {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

const ATTRIBUTES = {
  path: (value) =>
    // Without a slash it counts too: no earlier Path is left.
    value.startsWith('/') ? { effect: value } : { effect: undefined },
  domain: (value) => (value === '' ? { ignored: 'it is empty' } : { effect: value.replace(/^\./, '').toLowerCase() }),
  'max-age': (value) =>
    /^-?[0-9]+$/.test(value) ? { effect: Math.min(Number(value), LIFE_MAX) } : { ignored: 'it is no whole number' },
  expires: (value, now) => {
    const time = cookieDate(value);
    return time === undefined ? { ignored: 'it is no date' } : { effect: Math.min(time, now + LIFE_MAX) };
  },
  secure: () => ({ effect: true }),
  httponly: () => ({ effect: true }),
  partitioned: () => ({ effect: true }),
  samesite: (value) => {
    const found = ['Strict', 'Lax', 'None'].find((one) => one.toLowerCase() === value.toLowerCase());
    return found === undefined ? { ignored: 'it is neither Strict, Lax nor None' } : { effect: found };
  },
};

function attributeOf(part, now) {
  const [name, value] = divided(part, false);
  const key = name.toLowerCase();
  const octets = utf8Length(value);
  if (octets > ATTRIBUTE_MAX)
    return { name, value, key, ignored: `its value has ${octets} octets, over ${ATTRIBUTE_MAX}` };
  if (!Object.hasOwn(ATTRIBUTES, key))
    return { name, value, key, ignored: name === '' ? 'it is empty' : 'browsers do not know it' };
  return { name, value, key, ...ATTRIBUTES[key](value, now) };
}

/** Why browsers drop a line that they could read. */
function dropped({ name, value, effective }) {
  if (name === '' && value === '') return 'neither name nor value';
  if (/\t/.test(name + value)) return 'a tab inside name or value, which Chromium does not take';
  if (utf8Length(name) + utf8Length(value) > COOKIE_MAX) return `name and value over ${COOKIE_MAX} octets`;
  const prefix = prefixOf(name === '' ? value : name);
  if (name === '' && prefix !== undefined) return `no name, and a value that begins with ${prefix}`;
  const { secure, httponly, domain, path } = effective;
  if (prefix !== undefined && !secure) return `${prefix} without Secure`;
  if (prefix?.startsWith('__Host-') && domain !== undefined) return `${prefix} with Domain`;
  if (prefix?.startsWith('__Host-') && path !== '/') return `${prefix} without Path=/`;
  if (prefix?.endsWith('Http-') && !httponly) return `${prefix} without HttpOnly`;
  if (effective.samesite === 'None' && !secure) return 'SameSite=None without Secure';
  if (effective.partitioned && !secure) return 'Partitioned without Secure';
  return undefined;
}

/** The prefix that browsers see, whatever its case. */
export function prefixOf(name) {
  const prefixes = ['__Host-Http-', '__Host-', '__Http-', '__Secure-'];
  return prefixes.find((one) => name.toLowerCase().startsWith(one.toLowerCase()));
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Seconds of a date as RFC 6265bis §5.1.1 reads it, or undefined. */
function cookieDate(text) {
  const found = {};
  for (const token of text.split(/[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/)) {
    const time = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/.exec(token);
    const month = MONTHS.indexOf(token.slice(0, 3).toLowerCase());
    if (found.time === undefined && time !== null) found.time = time.slice(1).map(Number);
    else if (found.day === undefined && /^\d{1,2}(?:\D|$)/.test(token)) found.day = Number.parseInt(token, 10);
    else if (found.month === undefined && month >= 0) found.month = month;
    else if (found.year === undefined && /^\d{2,4}(?:\D|$)/.test(token)) found.year = Number.parseInt(token, 10);
  }
  const { time, day, month, year: written } = found;
  if ([time, day, month, written].includes(undefined)) return undefined;
  const year = written < 70 ? written + 2000 : written < 100 ? written + 1900 : written;
  const [hours, minutes, seconds] = time;
  if (year < 1601 || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const date = new Date(Date.UTC(year, month, day, hours, minutes, seconds));
  return date.getUTCDate() === day ? date.getTime() / 1000 : undefined;
}
