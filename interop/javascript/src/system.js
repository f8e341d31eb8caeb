import { encode } from './base64url.js';
import { random } from './crypto.js';
import { CretulaError, fail, inRange } from './errors.js';
import { TIME_MAX } from './constants.js';

/** Bytes of the platform's generator, or `no_randomness` ([SEAL-04]). */
export function randomBytes(length) {
  try {
    return random(length);
  } catch {
    throw new CretulaError('no_randomness');
  }
}

/** What sealing draws; `hazmat.js` puts fixed values in its place for vectors. */
export const systemDraw = Object.freeze({
  salt: () => randomBytes(12),
  iv: () => randomBytes(12),
  sid: () => encode(randomBytes(16)),
  id: () => encode(randomBytes(6)),
  of: () => systemDraw, // for another token of the same request
});

/** The system clock, floored. */
export function systemClock() {
  return Math.floor(Date.now() / 1000);
}

/** `now` of a call: given ([TIME-01]), or of the clock ([TIME-02]). */
export function nowOf(given, clock) {
  if (given !== undefined) return inRange(given, 0, TIME_MAX, 'clock_range', 'now');
  let now;
  try {
    now = clock();
  } catch {
    fail('no_clock');
  }
  if (!Number.isInteger(now) || now < 0 || now > TIME_MAX) fail('no_clock');
  return now;
}
