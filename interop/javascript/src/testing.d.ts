import type { SessionCookie } from './index.js';

/** For tests of an application: returns the Cookie header value of a user who is signed on. */
export function signedOn<Data extends object>(
  sessions: SessionCookie<Data>, sub: string, gen: number, data?: Partial<Data>,
): Promise<string>;
