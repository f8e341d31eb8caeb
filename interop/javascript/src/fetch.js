import { NotNowError } from './errors.js';
import {
  deviceAnswer, deviceCall, headersUnopened, isForeign, isForwarded, optionsOf, Visit, visitOf,
} from './middleware.js';

/**
 * Middleware for the Fetch API: `handler(request, session, ...rest)` gives a Response; the session is committed into
 * it. `onCommit` gets what the commit did: `ended`, a list, for the deny-list, `large` for the log. If either fails, the
 * handler's response is dropped, and `page(error, request)` gives the one in its place; without it, a short one of
 * status 500, or 503 if the session cannot be told now.
 *
 * Inside another one with the same sessions, it gives the handler the session that is there. The POSTs of device
 * binding it answers itself (§21).
 */
export function withSession(sessions, handler, options) {
  const { notNow, sameSitePosts, onCommit, page = shortPage } = optionsOf(options, ['page']);
  const { log } = sessions.sessions;
  return async function handle(request, ...rest) {
    const header = (name) => request.headers.get(name) ?? undefined;
    const { protocol, host, pathname } = new URL(request.url);
    const valuesOf = (name) => [header(name) ?? []].flat();
    const call = deviceCall(sessions, request.method, pathname);
    if (call !== undefined) {
      try {
        const answer = await deviceAnswer(sessions, call, valuesOf, onCommit);
        return new Response(answer.body || null, answer);
      } catch (error) {
        log.error('device binding failed, or onCommit', error);
        const response = await page(error, request);
        return withHeaders(response, headersUnopened(response.headers.get('cache-control')));
      }
    }
    if (sameSitePosts && isForeign(request.method, header, header('host') ?? host)) {
      log.info('post refused: origin');
      return text('This did not come from a page of this site.\n', 403);
    }
    const outer = visitOf(request, sessions);
    if (outer !== undefined) {
      outer.add(onCommit);
      return handler(request, outer.session, ...rest);
    }
    const place = { plain: protocol === 'http:' && !isForwarded(header), host };
    const visit = await Visit.begin(request, sessions, valuesOf('cookie'), notNow, place);
    visit.add(onCommit);
    let response;
    try {
      response = await handler(request, visit.session, ...rest);
      if (response === undefined) { // Bun: the handler took the connection over
        visit.giveUp();
        return undefined;
      }
      refuseLine(response, sessions.settings);
    } catch (error) {
      visit.end();
      if (!(error instanceof NotNowError)) throw error;
      return finished(await page(error, request), visit);
    }
    try {
      await visit.commit();
    } catch (error) {
      if (error instanceof NotNowError) log.info(`not now: ${error.code}`);
      else log.error('the session was not written, or onCommit failed', error);
      response = await page(error, request);
    }
    return finished(response, visit);
  };
}

/** A second middleware around the same handler may get a copy of the request: then the lines of both would be sent. */
function refuseLine(response, { name }) {
  if (!response.headers.getSetCookie().some((line) => line.startsWith(`${name}=`))) return;
  throw new Error(`the response sets the cookie ${name} already: is the middleware mounted twice?`);
}

function finished(response, visit) {
  return withHeaders(response, visit.headersFor(response.headers.get('cache-control')));
}

function shortPage({ status }) {
  if (status === 503) return text('Not now. Try again in a moment.\n', 503, { 'Retry-After': '5' });
  return text('Something went wrong. Nothing was saved.\n', 500);
}

function text(body, status, headers) {
  return new Response(body, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers } });
}

/** A copy of a response with the headers of a commit ([COOK-10]); `Vary` and `Set-Cookie` are added to others. */
export function withHeaders(response, headers) {
  const copy = new Response(response.body, response); // those of a fetch are immutable
  for (const [name, value] of headers) {
    if (name === 'Cache-Control') copy.headers.set(name, value);
    else copy.headers.append(name, value);
  }
  return copy;
}
