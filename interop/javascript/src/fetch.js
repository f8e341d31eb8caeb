/**
 * Middleware for the Fetch API: `handler(request, session, ...rest)` gives a Response; the session is committed into
 * it. `onCommit` gets what the commit did: `ended`, a list, for the deny-list, `large` for the log.
 */
export function withSession(cookie, handler, { onCommit } = {}) {
  return async function handle(request, ...rest) {
    const field = request.headers.get('cookie');
    const session = await cookie.open(field === null ? [] : [field]);
    const response = await handler(request, session, ...rest);
    const done = await cookie.commit(session, { cacheControl: response.headers.get('cache-control') });
    const merged = withHeaders(response, done.headers);
    await onCommit?.(done, session);
    return merged;
  };
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
