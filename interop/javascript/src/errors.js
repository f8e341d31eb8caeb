/** A refusal of §12: `code` is stable, the message may change. No message holds a key or a payload. */
export class CretulaError extends Error {
  constructor(code, message = code) {
    super(message);
    this.name = 'CretulaError';
    this.code = code;
  }
}

/**
 * The session cannot be told now ([SESS-18]): `code` is its reason, `status` the 503 to answer. Nothing was written, and
 * the request may be made again in a moment.
 */
export class NotNowError extends CretulaError {
  constructor(reason) {
    super(reason, `${reason}: the session cannot be told now`);
    this.name = 'NotNowError';
    this.status = 503;
  }
}

/** Ends the step with a code. */
export function fail(code, message) {
  throw new CretulaError(code, message === undefined ? code : `${code}: ${message}`);
}

/** [TIME-01]: no integer at all is the language's own error, an integer out of range the code's. */
export function inRange(value, low, high, code, name) {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new TypeError(`${name} is not an integer`);
  if (value < low || value > high) fail(code, `${name} is not in ${low} to ${high}`);
  return value === 0 ? 0 : value;
}
