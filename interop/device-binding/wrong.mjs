// Servers that are wrong on purpose: the journey of run.mjs must fail at the step that is named here.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { Context, Sealer, Unsealer } from '../javascript/src/index.js';

/** The faults, each with the step that finds it. */
export const FAULTS = {
  'no-guard': 'a copy is over with its proof',
  'eternal-proof': 'a copy is over with its proof',
  'own-secret': 'another server takes the answer to a challenge',
  'key-in-memory': 'another server takes the answer to a challenge',
  'trust-jwk': 'a key in the JWT is not trusted',
  'trust-alg': 'an algorithm in the JWT is not trusted',
};

const REFRESH = '/device-binding/refresh';
const part = (text) => JSON.parse(Buffer.from(text, 'base64url'));

function isSigned([header, claims, signature], jwk) {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const octets = Buffer.from(signature, 'base64url');
  return verify('sha256', `${header}.${claims}`, { key, dsaEncoding: 'ieee-p1363' }, octets);
}

/** Wraps a handler: `next` is the right one. */
export function wrongHandler(fault, keyring, clock) {
  const setUp = (purpose) => ({ ring: keyring, clock, context: new Context('shop.example', purpose) });
  async function unseal(purpose, text) {
    const { payload } = await new Unsealer({ ...setUp(purpose), maxAge: 86400, leeway: 60 }).unseal(text);
    return JSON.parse(Buffer.from(payload));
  }

  /** Gives a proof to whoever has the device token. */
  async function prove(request, response) {
    const { sid, x, y } = await unseal('session.device', request.headers['sec-secure-session-id']);
    const jkt = createHash('sha256').update(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`).digest('base64url');
    const proof = await new Sealer(setUp('session.proof')).seal(JSON.stringify({ sid, jkt }), { ttl: 600 });
    response.setHeader('Set-Cookie', `__Host-session.proof=${proof}; Path=/; Secure; HttpOnly; SameSite=Lax`);
    response.end();
  }

  const registered = new Set();
  const handlers = {
    // Sessions are opened, and nothing else.
    async 'no-guard'(request, response, next) {
      const token = /__Host-Http-session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
      if (request.url !== '/' || token === undefined) return next();
      const { sub, jkt } = await unseal('session', token);
      return response.end(JSON.stringify({ sub, bound: jkt !== undefined, reason: null }));
    },
    // Knows only what it registered itself.
    'key-in-memory'(request, response, next) {
      if (request.url === '/device-binding/start') {
        const { end } = response;
        response.end = function ended(body, ...more) {
          if (body?.length > 0) registered.add(JSON.parse(body).session_identifier);
          return end.call(this, body, ...more);
        };
      } else if (request.url === REFRESH && !registered.has(request.headers['sec-secure-session-id'])) {
        response.writeHead(401).end();
        return undefined;
      }
      return next();
    },
    async 'trust-jwk'(request, response, next) {
      const jwt = request.headers['secure-session-response']?.split('.');
      if (request.url !== REFRESH || jwt === undefined) return next();
      const { jwk } = part(jwt[0]);
      return jwk !== undefined && isSigned(jwt, jwk) ? prove(request, response) : next();
    },
    async 'trust-alg'(request, response, next) {
      const jwt = request.headers['secure-session-response']?.split('.');
      if (request.url !== REFRESH || jwt === undefined) return next();
      return part(jwt[0]).alg === 'none' ? prove(request, response) : next();
    },
  };
  return handlers[fault] ?? ((request, response, next) => next());
}
