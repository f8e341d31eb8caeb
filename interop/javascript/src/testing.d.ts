import type { Json, SessionCookie } from './index.js';

/** For tests of an application: returns the Cookie header value of a user who is signed on. */
export function signedOn(
  sessions: SessionCookie, sub: string, gen: number, data?: { [name: string]: Json | undefined },
): Promise<string>;
