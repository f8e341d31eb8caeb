import { holdHead } from './hold-head.js';
import {
  deviceAnswer, deviceCall, headersUnopened, isForeign, isForwarded, optionsOf, Visit, visitOf, visitsOf,
} from './middleware.js';

/**
 * Middleware for Express, connect and plain `node:http`: opens the session, puts it at `request[property]`, and commits
 * it when the head of the response is about to leave. `onCommit` gets what the commit did: `ended`, a list, for the
 * deny-list, `large` for the log. If either fails, what the handler answered is dropped unsent, and `next` gets the
 * error: with `status` 503 and the session's reason as its code if the session cannot be told now.
 *
 * Mounted again with the same sessions, it gives the session that is there. The POSTs of device binding it answers
 * itself (§21).
 */
export function sessionMiddleware(sessions, options) {
  const { notNow, sameSitePosts, onCommit, property = 'cretula' } = optionsOf(options, ['property']);
  const { log } = sessions.sessions;
  /** Opens the session and puts it in its place, or rejects. */
  async function begin(request, response, next) {
    const header = (name) => request.headers[name];
    const host = header('host') ?? header(':authority');
    if (sameSitePosts && isForeign(request.method, header, host)) {
      log.info('post refused: origin');
      throw Object.assign(new Error('sent by a page of another origin'), { status: 403 });
    }
    let visit = visitOf(request, sessions);
    if (request[property] !== undefined && request[property] !== visit?.session) {
      throw new Error(`request.${property} is taken`);
    }
    if (visit === undefined) {
      if (response.headersSent) throw new Error('the head was sent before the session was opened');
      hold(request, response, next, () => visit);
      const place = {
        plain: !request.socket?.encrypted && !isForwarded(header), host, address: request.socket?.remoteAddress,
      };
      visit = await Visit.begin(request, sessions, valuesIn(request, 'cookie'), notNow, place);
    }
    visit.add(onCommit);
    if (request[property] === undefined) put(request, property, visit.session);
  }

  /** Opens the session, or answers a POST of device binding; whether the request goes on. */
  async function handle(request, response, next, send) {
    const call = deviceCall(sessions, request.method, (request.originalUrl ?? request.url ?? '').split('?')[0]);
    if (call === undefined) {
      await begin(request, response, next);
      return true;
    }
    let answer;
    try {
      answer = await deviceAnswer(sessions, call, (name) => valuesIn(request, name), onCommit);
    } catch (error) {
      hold(request, response, next, () => undefined); // for the fields of the error page
      throw error;
    }
    send(answer);
    return false;
  }

  // It returns no promise: Fastify would run the handler for the promise, and once more for `next`.
  return function session(request, response, next, send = (answer) => sendRaw(response, answer)) {
    handle(request, response, next, send).then((goesOn) => { if (goesOn) next(); }, (error) => next(error));
  };
}

function sendRaw(response, { status, headers, body }) {
  response.statusCode = status;
  setHeaders(response, headers);
  response.end(body);
}

/** `request.session = null` ends a session of other libraries; here it would do nothing. */
function put(request, property, session) {
  Object.defineProperty(request, property, {
    enumerable: true,
    get: () => session,
    set() {
      throw new TypeError(`request.${property} is not replaced: signOff() ends a session, session.data holds values`);
    },
  });
}

/** The values of a field as they came, in order; `request.headers` joins them, and is all that some hosts give. */
function valuesIn({ rawHeaders = [], headers }, name) {
  const raw = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1].toLowerCase() === name);
  if (raw.length > 0) return raw;
  const { [name]: value = [] } = headers;
  return [value].flat();
}

/** Commits when the head is about to leave: all sessions of the request at once, so that none changes meanwhile. */
function hold(request, response, next, visitNow) {
  let failed = false;
  const commit = async () => {
    for (const visit of visitsOf(request)) visit.commit();
    if (!failed) await visitNow()?.commit();
  };
  const finish = () => {
    const cacheControl = response.getHeader('cache-control');
    setHeaders(response, visitNow()?.headersFor(cacheControl) ?? headersUnopened(cacheControl));
  };
  holdHead(response, commit, finish, (error) => {
    failed = true;
    if (!carrying.has(response)) response.removeHeader('Cache-Control'); // that of the answer that was dropped
    next(error);
  });
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
