import type { DeviceAnswer, DeviceOptions, DeviceRequest, FieldValues } from './device.js';

export { DeviceSettings } from './device.js';
export type { DeviceAnswer, DeviceOptions, DeviceRequest, FieldValues } from './device.js';

/** Codes of §12. */
export type Code =
  | 'too_long' | 'unsupported_version' | 'wrong_kind' | 'not_a_token' | 'encoding' | 'too_short' | 'unknown_key'
  | 'key_inactive' | 'auth_failed' | 'issued_in_future' | 'expired' | 'payload_invalid' | 'absent' | 'ambiguous'
  | 'chunks' | 'unchecked' | 'revoked' | 'signed_off' | 'limit_range' | 'leeway_range' | 'max_age_range'
  | 'clock_range' | 'ttl_range' | 'context_invalid' | 'no_sealing_key' | 'result_too_long' | 'payload_unserializable'
  | 'idle_range' | 'absolute_range' | 'user_invalid' | 'cookie_name' | 'cookie_attributes' | 'cookie_clash'
  | 'cookie_too_large' | 'no_randomness' | 'no_clock' | 'key_format' | 'key_checksum' | 'key_zero' | 'key_test'
  | 'keyring_format' | 'keyring_empty' | 'keyring_time' | 'keyring_window' | 'key_duplicate' | 'grace_range'
  | 'committed' | 'recheck_range' | 'unproven' | 'jwt_format' | 'jwt_algorithm' | 'jwt_key' | 'jwt_signature'
  | 'challenge_invalid' | 'device_mismatch' | 'device_settings';

/** A refusal; `code` is stable. */
export class CretulaError extends Error {
  constructor(code: Code, message?: string);
  readonly code: Code;
}

/** The session cannot be told now ([SESS-18]): `code` is its reason. Nothing was written. */
export class NotNowError extends CretulaError {
  constructor(reason: Code);
  readonly status: 503;
}

/** 32 secret bytes (§4). */
export class MasterKey {
  private constructor();
  static generate(): MasterKey;
  static fromBytes(bytes: Uint8Array): MasterKey;
  static fromText(text: string): Promise<MasterKey>;
  exportText(): Promise<string>;
}

/** Audience and purpose (§5). */
export class Context {
  constructor(audience: string, purpose: string);
  readonly audience: string;
  readonly purpose: string;
}

export interface KeyringEntry {
  readonly key: MasterKey;
  /** Seconds; 0, if absent. */
  readonly sealFrom?: number | undefined;
  /** Seconds; no end, if absent. */
  readonly acceptUntil?: number | undefined;
}

export interface KeyringWarning {
  readonly entry: number;
  /** `far_in_future`: a time more than 100 years from now, probably milliseconds. */
  readonly code: 'ends_before_its_tokens' | 'takes_over_too_soon' | 'far_in_future';
}

/** A refused ring, with the position of the offending entry where there is one. */
export class KeyringError extends CretulaError {
  constructor(code: Code, entry?: number);
  readonly entry: number | undefined;
}

/** The master keys of a server (§11). */
export class Keyring {
  constructor(entries: readonly KeyringEntry[]);
  /** Reads a list or a document ([RING-15]); rejects with KeyringError. */
  static fromText(text: string | Uint8Array): Promise<Keyring>;
  /** Reads a variable of the environment, or of `env`; an error names the variable, never what it holds. */
  static fromEnv(name: string, env?: { readonly [name: string]: string | undefined }): Promise<Keyring>;
  readonly current: Keyring;
  readonly entries: KeyringEntry[];
  sealingEntry(now: number): number;
  accepts(entry: number, now: number): boolean;
  accepted(now: number): number[];
  /** What a tool warns of ([RING-18]). All four are seconds; `reloadGrace` is at most 34 560 000. */
  warnings(options: { now: number; longestTtl: number; reloadGrace: number; leeway: number }): KeyringWarning[];
}

/** A ring that is exchanged under a running server (§11.5). */
export class LiveKeyring {
  constructor(ring: Keyring, text?: string | Uint8Array);
  readonly current: Keyring;
  replace(ring: Keyring): void;
  /**
   * Reads a ring text, or the promise of one, and puts it in force; a refused one rejects and changes nothing
   * ([RING-16]). Exchanges take effect in the order in which they began ([RING-17]). Gives whether another ring is in
   * force now.
   */
  reload(text: string | Uint8Array | PromiseLike<string | Uint8Array>): Promise<boolean>;
}

export interface SetUp {
  ring: Keyring | LiveKeyring;
  context: Context;
  /** Octets of token text; 16 384. */
  limit?: number;
  /** Whole seconds since the Unix epoch; the system clock. */
  clock?: () => number;
}

export interface OpenerSetUp extends SetUp {
  maxAge?: number;
  leeway?: number;
}

export interface MakeOptions {
  ttl: number;
  now?: number;
}

export interface Now {
  now?: number | undefined;
}

export interface Opened {
  payload: Uint8Array;
  issuedAt: number;
  ttl: number;
  keyId: Uint8Array;
  expiresAt: number;
}

export class Sealer {
  constructor(options: SetUp);
  seal(payload: Uint8Array | string, options: MakeOptions): Promise<string>;
}

export class Signer {
  constructor(options: SetUp);
  sign(payload: Uint8Array | string, options: MakeOptions): Promise<string>;
}

export class Unsealer {
  constructor(options: OpenerSetUp);
  unseal(text: string, options?: Now): Promise<Opened>;
}

export class Verifier {
  constructor(options: OpenerSetUp);
  verify(text: string, options?: Now): Promise<Opened>;
}

export interface Policy {
  idle?: number;
  absolute?: number;
  leeway?: number;
  /** Seconds for which an answer of the check is trusted, on every request; 0: the check is asked at each. */
  recheck?: number;
}

export interface CheckedSession {
  sid: string;
  start: number;
  end: number;
  sub?: string | undefined;
  gen?: number | undefined;
  authTime?: number | undefined;
}

/** No answer for a session with a user is `unchecked`; a `gen` that is no integer is a TypeError of the open. */
export type CheckAnswer = { gen?: number | null; denied?: boolean } | null | undefined;
/** null: the application wants no check. */
export type Check = ((session: CheckedSession) => CheckAnswer | Promise<CheckAnswer>) | null;

/** The console, or an object like it. No line holds a token or a key. */
export interface Log {
  error(text: string, error?: unknown): void;
  warn(text: string): void;
  info(text: string): void;
}

export interface SessionsSetUp extends SetUp {
  policy?: Policy;
  check?: Check;
  /**
   * Gets what the check threw, as an error, and the code of a refused session unless it is `absent` or `expired`.
   * Without it the console; null switches it off.
   */
  log?: Log | null | undefined;
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined };

/** The members of `data` if no type is given for them. */
export interface SessionData {
  [name: string]: Json | undefined;
}

/**
 * The session of one request (§19). After a commit that succeeded, calls that change it throw `committed`. `Data` is the
 * type of `data`; what a cookie holds is not compared with it.
 */
export class Session<Data extends object = SessionData> {
  private constructor();
  /** null if the request's session opened; otherwise the code for the log. */
  readonly reason: Code | null;
  /**
   * True if the request's session may be valid in a moment, or on another server: `unknown_key`, `issued_in_future`,
   * `no_clock`, `unproven`, `unchecked` ([SESS-18]). Do not write then: it would replace a session that may still be
   * valid. Answer 503.
   */
  readonly notNow: boolean;
  /** Returns this session; throws NotNowError, which the middlewares answer with 503, if `notNow`. */
  need(): this;
  readonly sid: string | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly sub: string | undefined;
  readonly gen: number | undefined;
  readonly authTime: number | undefined;
  /** True if the session is bound to a device (§21). */
  readonly isBound: boolean;
  readonly expiresAt: number | undefined;
  readonly last: number | undefined;
  /** Empty in a new session, so each member may be missing. */
  data: Partial<Data>;
  /** Asks for the session to be sent, changed or not. */
  send(): void;
  /** `keep` names the members of `data` that stay; `authTime`, in seconds, is an earlier proof ([SESS-14]). */
  signOn(user: {
    sub: string;
    gen: number;
    keep?: readonly (keyof Data & string)[];
    authTime?: number | undefined;
  }): void;
  reauthenticate(user: { gen: number }): void;
  signOff(): void;
  flash(name: string, message: Json): void;
  takeFlash(name: string): Json[];
  reauthWithin(seconds: number): boolean;
}

/** A session that is over, for the deny-list: keep `sid` until `end`, in seconds ([SESS-17]). */
export interface Ended {
  sid: string;
  end: number;
}

export interface Committed {
  wrote: 'nothing' | 'seal' | 'expire';
  now: number;
  token?: string;
  ttl?: number;
  payload?: string;
  /** In the order received; empty if there is none. */
  ended: Ended[];
}

/** Opens and commits sessions, wherever their token is kept. A commit belongs to the context and policy of the open. */
export class Sessions<Data extends object = SessionData> {
  constructor(options: SessionsSetUp);
  open(
    token: string | null | undefined,
    options?: Now & { ended?: boolean; check?: Check },
  ): Promise<Session<Data>>;
  commit(session: Session<Data>, options?: Now): Promise<Committed>;
}

export interface CookieCombination {
  path?: string;
  domain?: string | undefined;
  partitioned?: boolean;
}

export interface CookieOptions extends CookieCombination {
  /** `__Host-Http-session`. */
  name?: string | undefined;
  secure?: boolean;
  sameSite?: 'Strict' | 'Lax' | 'None';
  browserSession?: boolean;
  large?: boolean;
  previous?: readonly CookieCombination[];
}

/** A cookie's name and attributes (§20.1). */
export class CookieSettings {
  constructor(options?: CookieOptions);
  readonly name: string;
  line(name: string, value: string, maxAge?: number, combination?: CookieCombination): string;
  expire(name?: string, combination?: CookieCombination): string;
}

/** Checks cookies that are set up together ([COOK-03]). */
export function setUpCookies(
  list: readonly { purpose: string; cookie: CookieOptions | CookieSettings }[],
): CookieSettings[];

export class CookieTooLargeError extends CretulaError {
  constructor(over: number, largest?: string);
  readonly over: number;
  readonly largest: string | undefined;
}

export type HeaderPairs = [name: string, value: string][];
/** Raw Cookie fields in the order received, each character an octet. */
export type CookieFields = string | readonly string[] | null | undefined;

export interface CookieCommitted {
  headers: HeaderPairs;
  wrote: 'nothing' | 'seal' | 'expire';
  /** More than 3 500 octets of names and values ([COOK-12]). */
  large: boolean;
  payload: string | undefined;
  /** In the order received; empty if there is none. */
  ended: Ended[];
}

/** Sessions in cookies (§20). `deviceBinding` binds them to devices (§21); true takes the defaults. */
export class SessionCookie<Data extends object = SessionData> {
  constructor(options: { sessions: Sessions<Data>; deviceBinding?: boolean | DeviceOptions } & CookieOptions);
  readonly sessions: Sessions<Data>;
  readonly settings: CookieSettings;
  open(fields: CookieFields, options?: Now & { check?: Check }): Promise<Session<Data>>;
  commit(session: Session<Data>, options?: Now & { cacheControl?: string | null | undefined }): Promise<CookieCommitted>;
  /** Answers `POST <path>/start` (§21.6). The middlewares do it. */
  register(request: DeviceRequest, options?: Now & { check?: Check }): Promise<DeviceAnswer<Data>>;
  /** Answers `POST <path>/refresh` (§21.7). `ids` are the values of `Sec-Secure-Session-Id`. */
  refresh(
    request: DeviceRequest & { ids: FieldValues },
    options?: Now & { check?: Check },
  ): Promise<DeviceAnswer<Data>>;
  /** By how many octets the session, if it were sealed now, would not fit its cookie; 0 if it fits ([COOK-17]). */
  excess(session: Session<Data>, options?: Now): number;
}

export interface SiteOptions {
  /** Whole seconds since the Unix epoch; the system clock. */
  clock?: (() => number) | undefined;
  log?: Log | null | undefined;
  /** Cookies for plain http, with the audience in their names. */
  development?: boolean;
}

export type KeyringText = string | Uint8Array;
export type KeyringEvent = { type: 'exchanged' } | { type: 'refused'; error: unknown };

/** One owner of keyring, audience and clock. Cookies of one site that clash are refused: `cookie_clash`. */
export class Site {
  constructor(keyring: Keyring | LiveKeyring, audience: string, options?: SiteOptions);
  /** Reads the keyring again `every` seconds; a reading that fails or is refused changes nothing and is logged. */
  static watching(
    path: string | (() => KeyringText | PromiseLike<KeyringText>),
    audience: string,
    options?: SiteOptions & { every?: number; onEvent?: (event: KeyringEvent) => void },
  ): Promise<Site>;
  /** `replace` and `reload` reach everything that the site made. */
  readonly keyring: LiveKeyring;
  /** `Data` is the type of `session.data`: `site.sessions<Shop>({ check })`. */
  sessions<Data extends object = SessionData>(
    options?: Policy & CookieOptions & { check?: Check; purpose?: string; deviceBinding?: boolean | DeviceOptions },
  ): SessionCookie<Data>;
  cookie(purpose: string, options?: CookieOptions & { ttl?: number; leeway?: number }): TokenCookie;
  /** Ends the watch. */
  close(): void;
}

export interface MiddlewareOptions {
  /** `'503'`: a handler that changes a session that is not now gets its answer dropped for a 503. `'guest'`: none is. */
  notNow?: '503' | 'guest';
  /** Refuses, with 403, what may change something and comes from a page of another origin. Off by default. */
  sameSitePosts?: boolean;
  /** Called after the commit and before the response is sent; `ended` is for the deny-list. An error is a 500. */
  onCommit?: (done: CookieCommitted, session: Session<any>) => void | Promise<void>;
}

/** Tokens that are no session (§20.6). */
export class TokenCookie {
  constructor(options: OpenerSetUp & CookieOptions & { ttl?: number });
  readonly settings: CookieSettings;
  read(fields: CookieFields, options?: Now): Promise<Opened>;
  /** For `ttl` seconds: those of the set-up, if none are given. */
  write(payload: Uint8Array | string, options?: { ttl?: number; now?: number }): Promise<HeaderPairs>;
  expire(): HeaderPairs;
}
