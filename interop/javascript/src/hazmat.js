/**
 * For running the test vectors only: test keys, and salt, iv, sid and id chosen by the caller ([KEY-07], [SEAL-06]).
 * A repeated salt and iv breaks the tokens of a key. Nothing here belongs into a server.
 */
import { concat, hex, timesHead } from './bytes.js';
import { answerWith, cookieCommitWith } from './cookie.js';
import { refresh, register } from './device.js';
import { MAGIC_BYTES } from './constants.js';
import { derive, infoOf, okmOf, subkeyBytes } from './derive.js';
import { fail } from './errors.js';
import { keyBytes, keyFromBytes, keyFromText } from './key.js';
import { ringFromRaw, ringFromText } from './keyring.js';
import { writePayload } from './session-payload.js';
import { stateOf } from './session.js';
import { commitWith } from './sessions.js';
import { payloadBytes } from './token.js';
import { makeWith } from './tokens.js';

export const testKeyFromBytes = (bytes) => keyFromBytes(bytes, true);
export const testKeyFromText = (text) => keyFromText(text, true);
export const testRingFromText = (text) => ringFromText(text, true);

/** A ring of `{key: bytes or key text, sealFrom?, acceptUntil?}`, test keys accepted. */
export const testRing = (entries) => ringFromRaw(entries, true);

/** Seals or signs with `{salt, iv}`. */
export const makeFixed = (maker, payload, options, random) => makeWith(maker, payload, options, fixed(random));

/** Commits with `{sid, salt, iv}`. */
export const commitFixed = (sessions, session, options, random) => (
  commitWith(sessions, session, options.now, fixed(random)));

/** Commits into a cookie with `{sid, salt, iv, id}`. */
export const cookieCommitFixed = (cookie, session, options, random) => (
  cookieCommitWith(cookie, session, options, fixed(random)));

/** Answers a POST of device binding (`register` or `refresh`), each of whose tokens has its own `{salt, iv}`. */
export const answerFixed = (op, cookie, request, options, random) => (
  answerWith({ register, refresh }[op], cookie, request, options, fixed(random)));

/** In the place of fixed values: a generator that fails ([SEAL-04]). */
export const NO_RANDOMNESS = Object.freeze({});

function fixed(random) {
  const draw = (name) => () => {
    if (random === NO_RANDOMNESS) fail('no_randomness');
    if (random[name] === undefined) throw new Error(`the vector has no ${name}`);
    return random[name];
  };
  const of = (name) => fixed(random === NO_RANDOMNESS ? random : random[name] ?? {});
  return { salt: draw('salt'), iv: draw('iv'), sid: draw('sid'), id: draw('id'), of };
}

/** An opened session's payload, as [SESS-05] writes it. */
export function payloadOf(session) {
  return writePayload(stateOf(session).authentic[0]);
}

/** Info, okm, working key and key id of one derivation (§6). */
export async function derivation(key, kind, context) {
  const okm = await okmOf(keyBytes(key), kind, context);
  return { info: infoOf(kind, context), okm, workingKey: okm.slice(0, 32), keyId: okm.slice(32) };
}

/** The intermediates of a token (§9), by the functions that sealing uses. */
export async function intermediates(key, kind, context, { salt, issuedAt, ttl, payload }) {
  const all = await derivation(key, kind, context);
  const body = concat(timesHead(issuedAt, ttl), payloadBytes(payload));
  if (kind === 'signed') return { ...all, body };
  const { K } = await derive(keyBytes(key), kind, context);
  const aad = concat(MAGIC_BYTES[kind], all.keyId, salt);
  return { ...all, subkey: await subkeyBytes(K, salt), aad, body };
}

export { hex };
