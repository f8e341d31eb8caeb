import type { CookieCommitted, HeaderPairs, Session, SessionCookie } from './index.js';

/** Wraps a handler of the Fetch API: opens the session, commits it into the response. */
export function withSession<Rest extends unknown[]>(
  cookie: SessionCookie,
  handler: (request: Request, session: Session, ...rest: Rest) => Response | Promise<Response>,
  options?: { onCommit?: (done: CookieCommitted, session: Session) => void | Promise<void> },
): (request: Request, ...rest: Rest) => Promise<Response>;

/** A copy of a response with the headers of a commit. */
export function withHeaders(response: Response, headers: HeaderPairs): Response;
