import { NotNowError } from './errors.js';
import { withSession } from './fetch.js';

/**
 * Middleware for Hono: opens the session, puts it at `c.get(property)`, and commits it into the response that comes back
 * from `next()`. The options are those of `withSession`, and `property`.
 *
 * Hono turns what a handler throws into a response, so an error page commits the session too. A NotNowError from
 * `session.need()` is answered by `page`.
 */
export function sessionMiddleware(sessions, options) {
  const { property = 'cretula', ...others } = options ?? {};
  const handle = withSession(sessions, async (request, session, c, next) => {
    c.set(property, session);
    await next();
    if (c.error instanceof NotNowError) throw c.error;
    return c.res;
  }, others);
  return async function session(c, next) {
    const response = await handle(c.req.raw, c, next);
    c.res = undefined; // or Hono would put the Set-Cookie lines of the response before in the place of these
    c.res = response;
  };
}
