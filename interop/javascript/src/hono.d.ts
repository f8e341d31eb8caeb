import type { MiddlewareOptions, Session, SessionCookie, SessionData } from './index.js';

/** What is needed of Hono's context. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
}

/** For `new Hono<{ Variables: SessionVariables<Shop> }>()`: the session under its default name. */
export interface SessionVariables<Data extends object = SessionData> {
  readonly cretula: Session<Data>;
}

/** Opens the session into `c.get(property)` (`cretula`), commits it into the response. Options as for `withSession`. */
export function sessionMiddleware(
  sessions: SessionCookie<any>,
  options?: MiddlewareOptions & {
    property?: string;
    page?: (error: any, request: Request) => Response | Promise<Response>;
  },
): (c: HonoContext, next: () => Promise<void>) => Promise<void>;
