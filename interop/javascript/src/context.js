import { fail } from './errors.js';

const FIELD = /^[\x21-\x7e]{1,255}$/;

/** Audience and purpose, from configuration (§5). Nothing is trimmed or folded. */
export class Context {
  constructor(audience, purpose) {
    for (const field of [audience, purpose]) {
      if (typeof field !== 'string') throw new TypeError('audience and purpose are strings');
      if (!FIELD.test(field)) fail('context_invalid', '1 to 255 visible ASCII characters each');
    }
    this.audience = audience;
    this.purpose = purpose;
    Object.freeze(this);
  }
}
