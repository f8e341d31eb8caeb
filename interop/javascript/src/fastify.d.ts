import type { MiddlewareOptions, SessionCookie } from './index.js';

/**
 * For `app.register(...)`: opens the session into `request[property]` (`cretula`), commits it when the head of the reply
 * leaves. Declare the member in your application:
 *
 *     declare module 'fastify' { interface FastifyRequest { readonly cretula: Session<Shop> } }
 */
export function sessionPlugin(
  sessions: SessionCookie<any>,
  options?: MiddlewareOptions & { property?: string },
): (app: any, options: unknown, done: (error?: Error) => void) => void;
