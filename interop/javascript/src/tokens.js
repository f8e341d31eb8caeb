import { Context } from './context.js';
import { LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, LIMIT_DEFAULT, LIMIT_MAX } from './constants.js';
import { inRange } from './errors.js';
import { known } from './options.js';
import { makeToken, openToken, payloadBytes } from './token.js';
import { nowOf, systemClock, systemDraw } from './system.js';

const SET_UP = ['ring', 'context', 'limit', 'clock'];

/** Checks what every set-up has: a ring, a context, a clock, a limit. */
export function setUp(options) {
  const { ring, context, limit = LIMIT_DEFAULT, clock = systemClock } = known(options, SET_UP, 'set-up');
  if (!ring?.current) throw new TypeError('ring is a Keyring or a LiveKeyring');
  if (!(context instanceof Context)) throw new TypeError('context is a Context');
  if (typeof clock !== 'function') throw new TypeError('clock is a function');
  return { ring, context, clock, limit: inRange(limit, 1, LIMIT_MAX, 'limit_range', 'limit') };
}

/** Runs a making call with a draw; hazmat.js calls it with fixed salt and iv. */
export let makeWith;

class Maker {
  #set;
  #kind;

  static {
    makeWith = (maker, payload, options, draw) => {
      const { ttl, now } = known(options, ['ttl', 'now'], 'a token');
      const { ring, context, limit, clock } = maker.#set;
      const bytes = payloadBytes(payload);
      return makeToken(maker.#kind, ring.current, context, limit, bytes, ttl, nowOf(now, clock), draw);
    };
  }

  constructor(kind, options) {
    this.#kind = kind;
    this.#set = setUp(options);
  }
}

/** Makes sealed tokens: `{ring, context, limit?, clock?}`. */
export class Sealer extends Maker {
  constructor(options) {
    super('sealed', options);
  }

  /** The token's text ([SEAL-01]). */
  async seal(payload, options) {
    return makeWith(this, payload, options, systemDraw);
  }
}

/** Makes signed tokens, whose payload any holder can read. */
export class Signer extends Maker {
  constructor(options) {
    super('signed', options);
  }

  /** The token's text ([SIGN-01]). */
  async sign(payload, options) {
    return makeWith(this, payload, options, systemDraw);
  }
}

class Opener {
  #set;
  #kind;

  constructor(kind, { maxAge = LIFE_MAX, leeway = LEEWAY_DEFAULT, ...options }) {
    this.#kind = kind;
    this.#set = setUp(options);
    this.#set.leeway = inRange(leeway, 0, LEEWAY_MAX, 'leeway_range', 'leeway');
    this.#set.maxAge = inRange(maxAge, 1, LIFE_MAX, 'max_age_range', 'maxAge');
  }

  /** For the subclasses: an opener is of one kind ([OPEN-13]). */
  _open(text, options) {
    const { now } = known(options, ['now'], 'an opening');
    const { ring, context, clock } = this.#set;
    return openToken(this.#kind, ring.current, context, this.#set, text, nowOf(now, clock));
  }
}

/** Opens sealed tokens: `{ring, context, maxAge?, leeway?, limit?, clock?}`. */
export class Unsealer extends Opener {
  constructor(options) {
    super('sealed', options);
  }

  /** `{payload, issuedAt, ttl, keyId, expiresAt}`, or an error with the code of §10. */
  async unseal(text, options) {
    return this._open(text, options);
  }
}

/** Opens signed tokens. */
export class Verifier extends Opener {
  constructor(options) {
    super('signed', options);
  }

  /** `{payload, issuedAt, ttl, keyId, expiresAt}`, or an error with the code of §10. */
  async verify(text, options) {
    return this._open(text, options);
  }
}
