import type { HeaderPairs, MiddlewareOptions, Session, SessionCookie } from './index.js';

/**
 * Wraps a handler of the Fetch API: opens the session, commits it into the response. Where a session cannot be written,
 * `page` makes the response: `error.code` is `cookie_too_large` with `over` and `largest`, or another; a NotNowError has
 * `status` 503.
 */
export function withSession<Rest extends unknown[], Answer extends Response | undefined, Data extends object>(
  sessions: SessionCookie<Data>,
  handler: (request: Request, session: Session<Data>, ...rest: Rest) => Answer | Promise<Answer>,
  options?: MiddlewareOptions & { page?: (error: any, request: Request) => Response | Promise<Response> },
): (request: Request, ...rest: Rest) => Promise<Answer | Response>;

/** A copy of a response with the headers of a commit. */
export function withHeaders(response: Response, headers: HeaderPairs): Response;
