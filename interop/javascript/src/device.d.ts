import type {
  Code, CookieCommitted, CookieFields, CookieSettings, HeaderPairs, Session, SessionData,
} from './index.js';

export interface DeviceOptions {
  /** Where the two endpoints are; `/device-binding`. */
  path?: string;
  /** Seconds until a proof is over; 600, and at most 3 600. */
  proof?: number;
  /** Seconds after the start of a session from which a user's has to be bound; never, if absent. */
  requireAfter?: number | undefined;
}

/** The settings of device binding for a cookie and a session's purpose ([DEV-01]). */
export class DeviceSettings {
  constructor(options: DeviceOptions | undefined, cookie: CookieSettings, purpose: string);
  readonly path: string;
  readonly proof: number;
  readonly requireAfter: number | undefined;
  /** The name of the cookie with the proof. */
  readonly cookieName: string;
}

/** The values of a field: all that came, in their order. */
export type FieldValues = string | readonly string[] | null | undefined;

export interface DeviceRequest {
  cookies: CookieFields;
  /** Of `Secure-Session-Response`. */
  responses: FieldValues;
}

/** The answer to a POST of device binding ([DEV-07], [DEV-08]). */
export interface DeviceAnswer<Data extends object = SessionData> {
  readonly status: 200 | 401 | 403 | 503;
  /** For the log. */
  readonly reason: Code | undefined;
  readonly headers: HeaderPairs;
  /** Empty, or JSON. */
  readonly body: string;
  /** What the commit of the session did, if there was one. */
  readonly committed?: CookieCommitted | undefined;
  readonly session?: Session<Data> | undefined;
}
