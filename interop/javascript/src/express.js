import { holdHead } from './hold-head.js';

/**
 * Middleware for Express, connect and plain `node:http`: opens the session, puts it at `request[property]`, and commits
 * it when the head of the response is about to leave. `onCommit` gets what the commit did: `ended`, a list, for the
 * deny-list, `large` for the log. If either fails, what the handler answered is dropped unsent, and `next` gets the
 * error.
 */
export function sessionMiddleware(cookie, { property = 'cretula', onCommit } = {}) {
  return async function session(request, response, next) {
    if (request[property] !== undefined) {
      next(new Error(`request.${property} is taken`));
      return;
    }
    if (response.headersSent) {
      next(new Error('the head was sent before the session was opened'));
      return;
    }
    let waiting; // the session, as long as it was not committed
    let headers = [['Vary', 'Cookie']];
    const commit = async () => {
      if (waiting === undefined) return;
      const committed = waiting;
      waiting = undefined;
      const done = await cookie.commit(committed, { cacheControl: response.getHeader('cache-control') });
      headers = done.headers;
      await onCommit?.(done, committed);
    };
    holdHead(response, commit, () => setHeaders(response, headers), (error) => {
      if (!carrying.has(response)) response.removeHeader('Cache-Control'); // that of the answer that was dropped
      next(error);
    });
    try {
      waiting = await cookie.open(cookieFields(request));
    } catch (error) {
      next(error);
      return;
    }
    request[property] = waiting;
    next();
  };
}

/** The Cookie fields as they came, in order: `request.headers` joins them. */
function cookieFields({ rawHeaders }) {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1].toLowerCase() === 'cookie');
}

/** Responses with a line of a session, be it this middleware's or that of another one around it. */
const carrying = new WeakSet();

/** [COOK-10]; again after an error, without doubling a line. */
function setHeaders(response, headers) {
  if (headers.some(([name]) => name === 'Set-Cookie')) carrying.add(response);
  for (const [name, value] of headers) {
    if (name === 'Cache-Control') response.setHeader(name, value);
    else append(response, name, value);
  }
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'private');
}

function append(response, name, value) {
  const present = [response.getHeader(name) ?? []].flat();
  if (name === 'Set-Cookie') {
    if (!present.includes(value)) response.setHeader(name, [...present, value]);
    return;
  }
  const members = present.join(',').toLowerCase().split(',').map((member) => member.trim());
  if (!members.includes(value.toLowerCase())) response.setHeader(name, [...present, value].join(', '));
}
