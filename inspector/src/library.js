/** What the library's own openers make of a token. */
import { hex } from '../../interop/javascript/src/bytes.js';
import { payloadOf } from '../../interop/javascript/src/hazmat.js';
import { Context, Sessions, Unsealer, Verifier } from '../../interop/javascript/src/index.js';

/** What two outcomes are compared by. */
export function summary({ code, payload, issuedAt, ttl, keyId, expiresAt, session }, isSession) {
  if (code !== undefined) return code;
  if (isSession) return `opens: session ${session.sid}, revision ${session.rev}, to ${expiresAt}`;
  return `opens: ${issuedAt} ${ttl} ${keyId} ${expiresAt} ${hex(payload)}`;
}

/** The summary by the library's public unseal, verify, or opening of a session, from the same input. */
export async function byLibrary(input) {
  try {
    return await (input.absolute === undefined ? tokenByLibrary : sessionByLibrary)(input);
  } catch (error) {
    return error.code ?? String(error);
  }
}

async function tokenByLibrary({ kind, readRing, audience, purpose, maxAge, leeway, limit, now, text }) {
  const options = { ring: await readRing(), context: new Context(audience, purpose), maxAge, leeway, limit };
  const opened =
    kind === 'sealed'
      ? await new Unsealer(options).unseal(text, { now })
      : await new Verifier(options).verify(text, { now });
  return summary({ ...opened, keyId: hex(opened.keyId) }, false);
}

async function sessionByLibrary({ readRing, audience, purpose, maxAge, absolute, leeway, limit, now, text }) {
  const policy = { idle: maxAge, absolute, leeway };
  const set = { ring: await readRing(), context: new Context(audience, purpose), policy, limit, check: null, log: null };
  const session = await new Sessions(set).open(text, { now });
  // A bound session opens at steps 1 to 9d, and has no proof here: its token has to say when it expires.
  const isBound = session.reason === 'unproven';
  if (session.reason !== null && !isBound) return session.reason;
  const { sid, rev } = JSON.parse(payloadOf(session));
  const { ring, context } = set;
  const opened = isBound ? await new Unsealer({ ring, context, maxAge, leeway, limit }).unseal(text, { now }) : session;
  return summary({ session: { sid, rev }, expiresAt: opened.expiresAt }, true);
}
