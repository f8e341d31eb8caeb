import { fail } from './errors.js';
import { known } from './options.js';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const PATH = /^\/[\x21-\x3a\x3c-\x7e]{0,1023}$/;
const DOMAIN = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;
const SAME_SITE = ['Strict', 'Lax', 'None'];
/** Those that browsers give a meaning to, in any case of letters. */
const PREFIXES = ['__Host-Http-', '__Host-', '__Http-', '__Secure-'];

const COMBINATION = ['path', 'domain', 'partitioned'];
/** What the binding appends to a cookie's name, and to a session's purpose. */
const NAME_SUFFIXES = ['.1', '.end'];
const PURPOSE_SUFFIXES = ['.challenge', '.device', '.proof'];
const SETTINGS = [...COMBINATION, 'name', 'secure', 'sameSite', 'browserSession', 'large', 'previous'];

/** A cookie's name and attributes (§20.1). Throws `cookie_name` ([COOK-01]) or `cookie_attributes` ([COOK-02]). */
export class CookieSettings {
  constructor(options = {}) {
    known(options, SETTINGS, 'cookie');
    this.name = options.name ?? '__Host-Http-session';
    this.secure = options.secure ?? true;
    this.path = options.path ?? '/';
    this.domain = options.domain;
    this.sameSite = options.sameSite ?? 'Lax';
    this.partitioned = options.partitioned ?? false;
    this.browserSession = options.browserSession ?? false;
    this.large = options.large ?? false;
    this.previous = (options.previous ?? []).map((one) => {
      const { path = '/', domain, partitioned = false } = known(one, COMBINATION, 'previous');
      return { path, domain, partitioned };
    });
    checkName(this.name);
    if (isRefused(this)) fail('cookie_attributes');
    Object.freeze(this);
  }

  /** Returns one Set-Cookie value (§20.4); `maxAge` is seconds, and without it the browser forgets the cookie. */
  line(name, value, maxAge, { path, domain, partitioned } = this) {
    return [
      `${name}=${value}; Path=${path}`,
      domain === undefined ? '' : `; Domain=${domain}`,
      maxAge === undefined ? '' : `; Max-Age=${maxAge}`,
      this.secure ? '; Secure' : '',
      `; HttpOnly; SameSite=${this.sameSite}`,
      partitioned ? '; Partitioned' : '',
    ].join('');
  }

  /** Returns the line that takes a cookie away. */
  expire(name = this.name, combination = this) {
    return this.line(name, '', 0, combination);
  }
}

function checkName(name) {
  if (typeof name !== 'string' || !NAME.test(name)) fail('cookie_name');
  for (const prefix of PREFIXES) {
    const start = name.slice(0, prefix.length);
    if (start !== prefix && start.toLowerCase() === prefix.toLowerCase()) fail('cookie_name');
  }
}

/** [COOK-02]. */
function isRefused(settings) {
  const { name, secure, sameSite, large, previous } = settings;
  if (isCombinationRefused(settings, settings) || !SAME_SITE.includes(sameSite)) return true;
  if (!secure && (sameSite === 'None' || PREFIXES.some((prefix) => name.startsWith(prefix)))) return true;
  if (large && !name.startsWith('__Host-')) return true;
  const seen = new Set([spelling(settings)]);
  for (const combination of previous) {
    if (isCombinationRefused(settings, combination) || seen.has(spelling(combination))) return true;
    seen.add(spelling(combination));
  }
  return false;
}

function isCombinationRefused({ name, secure }, { path, domain, partitioned }) {
  if (!PATH.test(path)) return true;
  if (domain !== undefined && (domain.length > 253 || !DOMAIN.test(domain))) return true;
  if (domain !== undefined && !/^__(?:Secure|Http)-/.test(name)) return true;
  if (name.startsWith('__Host-') && path !== '/') return true;
  return partitioned && !secure;
}

function spelling({ path, domain, partitioned }) {
  return `${path} ${domain === undefined ? '' : domain.toLowerCase()} ${partitioned}`;
}

/** Cookies set up together: `{purpose, cookie}` each ([COOK-03]). */
export function setUpCookies(list) {
  const made = list.map(({ purpose, cookie }) => ({
    purpose,
    settings: cookie instanceof CookieSettings ? cookie : new CookieSettings(cookie),
  }));
  const purposes = new Set();
  const names = new Set();
  const proofs = new Set();
  for (const { purpose, settings } of made) {
    if (purposes.has(purpose) || names.has(settings.name)) fail('cookie_clash');
    purposes.add(purpose);
    names.add(settings.name);
    proofs.add(proofName(settings.name));
  }
  if (proofs.size < made.length || made.some(({ settings }) => proofs.has(settings.name))) fail('cookie_clash');
  if (isAppended(names, NAME_SUFFIXES) || isAppended(purposes, PURPOSE_SUFFIXES)) fail('cookie_clash');
  return made.map(({ settings }) => settings);
}

/** The name of the cookie of a session's proofs (§21.2). */
export const proofName = (name) => `${name.replace(/^__Host-Http-/, '__Host-')}.proof`;

/** Whether one text of the set is another followed by one of the suffixes. */
function isAppended(texts, suffixes) {
  return Array.from(texts).some((text) => suffixes.some((suffix) => texts.has(text + suffix)));
}
