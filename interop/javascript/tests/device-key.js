/** A browser's part in device binding, with a key in software. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { encode } from '../src/base64url.js';
import { utf8 } from '../src/bytes.js';

export class DeviceKey {
  constructor(privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) {
    this.privateKey = privateKey;
    const { x, y } = privateKey.export({ format: 'jwk' });
    this.jwk = { crv: 'P-256', kty: 'EC', x, y };
  }

  static of(d, { x, y }) {
    return new DeviceKey(createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y }, format: 'jwk' }));
  }

  /** A JWT of these texts. */
  raw(header, claims) {
    const signed = `${encode(utf8(header))}.${encode(utf8(claims))}`;
    const signature = sign('sha256', utf8(signed), { key: this.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${encode(new Uint8Array(signature))}`;
  }

  /** The JWT of a registration. */
  registering(jti, header = {}, claims = {}) {
    return this.refreshing(jti, { jwk: this.jwk, ...header }, claims);
  }

  /** The JWT of a refresh. */
  refreshing(jti, header = {}, claims = {}) {
    return this.raw(JSON.stringify({ alg: 'ES256', typ: 'dbsc+jwt', ...header }), JSON.stringify({ jti, ...claims }));
  }
}

/** The challenge of an offer, or of an answer that asks for a proof. */
export const challengeOf = (text) => /challenge="([^"]+)"|^"([^"]+)"/.exec(text).slice(1).find((one) => one);

/** A browser's cookies: takes Set-Cookie lines, gives a Cookie field. */
export class Jar {
  pairs = new Map();

  take(lines) {
    for (const line of lines) {
      const [pair, ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      if (attributes.includes('Max-Age=0')) this.pairs.delete(pair.slice(0, at));
      else this.pairs.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return this;
  }

  get field() {
    return Array.from(this.pairs, (pair) => pair.join('=')).join('; ');
  }
}
