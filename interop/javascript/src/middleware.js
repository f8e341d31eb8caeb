import { NotNowError } from './errors.js';
import { known } from './options.js';
import { changeOf, close } from './sessions.js';

/** What every middleware is told: see the README's table. */
export function optionsOf(options, more) {
  const { notNow = '503', sameSitePosts = false, onCommit, ...rest } = known(
    options, ['notNow', 'sameSitePosts', 'onCommit', ...more], 'middleware');
  if (notNow !== '503' && notNow !== 'guest') throw new TypeError("notNow is '503' or 'guest'");
  if (typeof sameSitePosts !== 'boolean') throw new TypeError('sameSitePosts is true or false');
  if (onCommit !== undefined && typeof onCommit !== 'function') throw new TypeError('onCommit is a function');
  return { notNow, sameSitePosts, onCommit, ...rest };
}

/** `start` or `refresh` for a POST of device binding (§21), which no handler sees; undefined for all else. */
export function deviceCall({ device }, method, path) {
  if (device === undefined || method !== 'POST') return undefined;
  return ['start', 'refresh'].find((end) => path === `${device.settings.path}/${end}`);
}

/**
 * Answers it. `valuesOf` gives the values of a field. What the browser has to say comes in fields that no page of another
 * origin can set.
 */
export async function deviceAnswer(sessions, call, valuesOf, onCommit) {
  const request = { cookies: valuesOf('cookie'), responses: valuesOf('secure-session-response') };
  const answer = call === 'start' ? await sessions.register(request)
    : await sessions.refresh({ ...request, ids: valuesOf('sec-secure-session-id') });
  if (answer.reason !== undefined) sessions.sessions.log.info(`device binding, ${call}: ${answer.reason}`);
  if (answer.committed !== undefined) await onCommit?.(answer.committed, answer.session);
  return answer;
}

/** What an error page carries in whose place no session was opened, if it has this Cache-Control ([COOK-10]). */
export function headersUnopened(cacheControl) {
  return withPrivate([['Vary', 'Cookie']], cacheControl);
}

function withPrivate(lines, cacheControl) {
  const set = cacheControl !== undefined && cacheControl !== null;
  if (set || lines.some(([name]) => name === 'Cache-Control')) return lines;
  return [...lines, ['Cache-Control', 'private']];
}

/** The visits of each request: a request has one session for each cookie, however often a middleware is mounted. */
const visits = new WeakMap();

/**
 * The visit of a request that a middleware around this one began with the same sessions, if there is one. Other
 * sessions in a cookie of the same name are an error: one of the two would overwrite the other.
 */
export function visitOf(request, sessions) {
  const found = (visits.get(request) ?? []).find((visit) => visit.sessions.settings.name === sessions.settings.name);
  if (found !== undefined && found.sessions !== sessions) {
    throw new Error(`a middleware around this one has other sessions in the cookie ${sessions.settings.name}`);
  }
  return found;
}

/** All visits of a request. */
export function visitsOf(request) {
  return visits.get(request) ?? [];
}

/** One session in one request: opened here, committed at most once. */
export class Visit {
  #committing;
  #hooks = new Set();
  #lines = [['Vary', 'Cookie']];

  /** Begins a visit: `place` is where the request came to, `{plain, host, address}`. */
  static async begin(request, sessions, fields, notNow, place) {
    const session = await sessions.open(fields);
    const visit = new Visit(sessions, session, notNow, place);
    visits.set(request, [...visitsOf(request), visit]);
    lookForReturn(visit);
    return visit;
  }

  constructor(sessions, session, notNow, place) {
    Object.assign(this, { sessions, session, notNow, place });
  }

  /** What the final response carries if it has this Cache-Control ([COOK-10]); an error page too. */
  headersFor(cacheControl) {
    return withPrivate(this.#lines, cacheControl);
  }

  /** Calls `hook` once, however often a middleware with it is mounted. */
  add(hook) {
    if (hook !== undefined) this.#hooks.add(hook);
  }

  /**
   * Commits. All that is to be written is taken before this returns: a change that comes later throws `committed`. The
   * hooks are called before the response is sent, whether or not the client is still there. What they throw, and why a
   * session could not be written, rejects.
   */
  commit() {
    if (this.#committing === undefined) {
      this.#committing = this.#commit();
      this.#committing.catch(() => {}); // the middleware waits for it later, perhaps
    }
    return this.#committing;
  }

  async #commit() {
    const { sessions, session } = this;
    try {
      const { changed, forGood } = changeOf(session);
      if (this.notNow === '503' && session.notNow && changed && !forGood) throw new NotNowError(session.reason);
      const done = await sessions.commit(session, { cacheControl: '' });
      this.#lines = done.headers;
      if (done.wrote === 'seal') remember(this);
      for (const hook of this.#hooks) await hook(done, session);
    } finally {
      close(session); // after an error too: what the error page changes could not be written
    }
  }

  /** Ends a visit whose handler failed: nothing is written. */
  end() {
    close(this.session);
  }

  /** Ends a visit that has no response: throws if a change would be lost. */
  giveUp() {
    const { changed } = changeOf(this.session);
    this.end();
    if (changed) throw new Error('the handler gave no response, and its change of the session is lost');
  }
}

/** By sessions: the address that a Secure cookie was sent to over plain http, until one came back or the warning. */
const sent = new WeakMap();

function isLocal(host = '') {
  return /^(?:(?:[^:]*\.)?localhost|127\.[0-9.]+|\[::1\])(?::\d+)?$/i.test(host);
}

/** Warns, once, of a Secure cookie that browsers drop because the site is not on https. */
function lookForReturn({ sessions, session, place }) {
  const before = sent.get(sessions);
  if (before === undefined || before.over || !place.plain || isLocal(place.host)) return;
  if (session.reason !== 'absent') before.over = true;
  if (before.over || before.address !== place.address) return;
  before.over = true;
  sessions.sessions.log.warn('a Secure cookie was set over plain http and did not come back: '
    + 'serve https, let the proxy send X-Forwarded-Proto, or set the site up with development: true');
}

function remember({ sessions, place: { plain, host, address } }) {
  if (!sessions.settings.secure || !plain || isLocal(host) || sent.get(sessions)?.over) return;
  sent.set(sessions, { address, over: false });
}

/** Whether a proxy says that the browser came by https. */
export function isForwarded(header) {
  return /^https\b/i.test(header('x-forwarded-proto') ?? '') || /\bproto="?https\b/i.test(header('forwarded') ?? '');
}

/**
 * Whether a page of another origin sent this request, and it may change something. Browsers say so in Sec-Fetch-Site,
 * older ones in Origin; what sends neither is no browser, and has no user's cookies to abuse.
 */
export function isForeign(method, header, host) {
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return false;
  const site = header('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = header('origin');
  if (origin === undefined) return false;
  try {
    return new URL(origin).host !== host?.toLowerCase();
  } catch {
    return true; // `null`: a sandbox
  }
}
