/** For running the test vectors only; nothing here belongs into a server. */
import type {
  Check, Committed, Context, CookieCommitted, DeviceAnswer, DeviceRequest, FieldValues, Keyring, MakeOptions, MasterKey,
  Now, Sealer, Session, SessionCookie, Sessions, Signer,
} from './index.js';

export interface FixedRandom {
  salt?: Uint8Array;
  iv?: Uint8Array;
  sid?: string;
  id?: string;
  /** Of the further tokens of a request with device binding. */
  challenge?: { salt: Uint8Array; iv: Uint8Array };
  device?: { salt: Uint8Array; iv: Uint8Array };
  proof?: { salt: Uint8Array; iv: Uint8Array };
}

/** A generator that fails for every draw. */
export const NO_RANDOMNESS: FixedRandom;

export interface Derivation {
  info: Uint8Array;
  okm: Uint8Array;
  workingKey: Uint8Array;
  keyId: Uint8Array;
}

export function testKeyFromBytes(bytes: Uint8Array): MasterKey;
export function testKeyFromText(text: string): Promise<MasterKey>;
export function testRingFromText(text: string | Uint8Array): Promise<Keyring>;
export function testRing(
  entries: readonly { key: Uint8Array | string; sealFrom?: number; acceptUntil?: number }[],
): Promise<Keyring>;
export function makeFixed(
  maker: Sealer | Signer,
  payload: Uint8Array | string,
  options: MakeOptions,
  random: FixedRandom,
): Promise<string>;
export function commitFixed(
  sessions: Sessions,
  session: Session,
  options: Now,
  random: FixedRandom,
): Promise<Committed>;
export function cookieCommitFixed(
  cookie: SessionCookie,
  session: Session,
  options: Now & { cacheControl?: string | null | undefined },
  random: FixedRandom,
): Promise<CookieCommitted>;
export function answerFixed(
  op: 'register' | 'refresh',
  cookie: SessionCookie,
  request: DeviceRequest & { ids?: FieldValues },
  options: Now & { check?: Check },
  random: FixedRandom,
): Promise<DeviceAnswer>;
export function payloadOf(session: Session): string;
export function derivation(key: MasterKey, kind: 'sealed' | 'signed', context: Context): Promise<Derivation>;
export function intermediates(
  key: MasterKey,
  kind: 'sealed' | 'signed',
  context: Context,
  token: { salt?: Uint8Array; issuedAt: number; ttl: number; payload: Uint8Array | string },
): Promise<Derivation & { body: Uint8Array; subkey?: Uint8Array; aad?: Uint8Array }>;
export function hex(bytes: Uint8Array): string;
