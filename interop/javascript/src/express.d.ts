import type { MiddlewareOptions, Session, SessionCookie } from './index.js';

/** What is needed of a request of `node:http`. */
export interface RawRequest {
  readonly rawHeaders: readonly string[];
}

export type SessionMiddleware = (
  request: RawRequest,
  response: object,
  next: (error?: any) => void,
) => void;

/** Opens the session into `request[property]` (`cretula`), commits it when the response's head leaves. */
export function sessionMiddleware(
  sessions: SessionCookie<any>,
  options?: MiddlewareOptions & { property?: string },
): SessionMiddleware;

declare global {
  namespace Express {
    interface Request {
      /** Of sessionMiddleware, under its default name. With a type for `data`: `request.cretula as Session<Shop>`. */
      readonly cretula: Session;
    }
  }
}
