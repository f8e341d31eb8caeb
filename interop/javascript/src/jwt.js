import { decode, encode } from './base64url.js';
import { hex, utf8 } from './bytes.js';
import { JWT_MAX } from './constants.js';
import { isEs256, sha256 } from './crypto.js';
import { CretulaError, fail } from './errors.js';
import { readObject } from './json.js';

/** The field and the coefficient b of the curve P-256 (FIPS 186, SP 800-186 §3.2.1.3); a is -3. */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const COORDINATE_CHARACTERS = 43;

/** The bytes of a base64url text ([TEXT-02]), or undefined. */
function decoded(text) {
  try {
    return decode(text);
  } catch (error) {
    if (!(error instanceof CretulaError)) throw error;
    return undefined;
  }
}

function coordinate(text) {
  if (typeof text !== 'string' || text.length !== COORDINATE_CHARACTERS) return undefined;
  const bytes = decoded(text);
  return bytes === undefined ? undefined : BigInt(`0x${hex(bytes)}`);
}

/**
 * Whether the texts are the coordinates of a point of the curve ([DEV-06]). Not every WebCrypto looks when it imports a
 * key, so this is not left to it. All of it is public, and takes its time as it may.
 */
export function isPoint(xText, yText) {
  const [x, y] = [coordinate(xText), coordinate(yText)];
  if (x === undefined || y === undefined || x >= P || y >= P) return false;
  return (y * y - (x * x * x - 3n * x + B)) % P === 0n;
}

/** The key of `jwk`, a read JSON value, as `{x, y}`; or `jwt_key`. */
function keyOf(jwk) {
  if (!(jwk instanceof Map) || jwk.get('kty') !== 'EC' || jwk.get('crv') !== 'P-256' || jwk.has('d')) fail('jwt_key');
  const [x, y] = [jwk.get('x'), jwk.get('y')];
  if (!isPoint(x, y)) fail('jwt_key');
  return { x, y };
}

/** The thumbprint of a key ([DEV-03]). */
export async function thumbprint({ x, y }) {
  return encode(await sha256(utf8(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`)));
}

/**
 * Reads the JWT that the browser sent (§21.5): `{jti, key}`. `key` is that of a device token; without one it is the
 * header's `jwk`. The steps are those of the text, in their order.
 */
export async function readJwt(value, key) {
  const parts = value.length > JWT_MAX ? [] : value.split('.');
  if (parts.length !== 3) fail('jwt_format');
  const [header, claims] = parts.slice(0, 2).map((part) => readObject(decoded(part) ?? new Uint8Array(0)));
  if (header === undefined || claims === undefined) fail('jwt_format');
  const jti = claims.get('jti');
  if (typeof jti !== 'string') fail('jwt_format');
  if (header.get('typ') !== 'dbsc+jwt' || header.get('alg') !== 'ES256' || header.has('crit')) fail('jwt_algorithm');
  const signer = key ?? keyOf(header.get('jwk'));
  const signature = decoded(parts[2]);
  if (signature?.length !== 64) fail('jwt_signature');
  if (!await isEs256(signer, signature, utf8(`${parts[0]}.${parts[1]}`))) fail('jwt_signature');
  return { jti, key: signer };
}
