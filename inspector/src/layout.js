/** A token's text and bytes without a key (§7): where a text fails, and which field holds which bytes. */
import { digit, decode } from '../../interop/javascript/src/base64url.js';
import { fromUtf8, hex, readTimes, utf8Length } from '../../interop/javascript/src/bytes.js';
import { LIFE_MAX, MAGIC, MIN_BYTES } from '../../interop/javascript/src/constants.js';
import { count, duration, moment, quoted } from './words.js';

/** Where a text is no canonical base64url: `{at, words}`, the first rule of [TEXT-02] that it breaks. */
export function textFault(text) {
  for (let at = 0; at < text.length; at += 1) {
    if (digit(text.charCodeAt(at)) < 0) {
      const found = quoted(String.fromCodePoint(text.codePointAt(at)));
      return { at, words: `character ${at} is ${found}, which is outside the alphabet A–Z a–z 0–9 - _` };
    }
  }
  const at = text.length - 1;
  const rest = text.length % 4;
  if (rest === 1) {
    return {
      at,
      words: `${count(text.length, 'character')} leave 1 when divided by 4: the last one holds no whole byte`,
    };
  }
  const unused = [0, 0, 4, 2][rest];
  if (unused > 0 && digit(text.charCodeAt(at)) % 2 ** unused !== 0) {
    return { at, words: `the low ${unused} bits of the last character (${at}), which no byte uses, are not zero` };
  }
  return undefined;
}

/** Step 2's answer for whichever kind the text says: `{kind}` or `{code}`. */
export function magicOf(text) {
  const first = text.slice(0, 4);
  if (first === MAGIC.sealed) return { kind: 'sealed' };
  if (first === MAGIC.signed) return { kind: 'signed' };
  const isLater = /^Cr[ES][A-Za-z0-9_-]$/.test(first);
  return { code: isLater ? 'unsupported_version' : 'not_a_token' };
}

const BODY = {
  issued_at: {
    size: 6,
    value: issuedAt,
    rules: ['TIME-03', 'OPEN-10'],
    words: 'seconds since the Unix epoch, most significant byte first',
  },
  ttl: { size: 4, value: ttl, rules: ['OPEN-11', 'TIME-03'], words: 'seconds of life, most significant byte first' },
  payload: { value: payload, rules: ['WIRE-02'], words: 'any bytes, none at all included' },
};

const HEAD = {
  magic: { size: 3, value: magic, rules: ['OPEN-03', 'WIRE-01'], words: 'names kind and version' },
  key_id: {
    size: 32,
    value: raw,
    rules: ['OPEN-06', 'DERIVE-01'],
    words: 'names master key, kind, audience and purpose; all 32 bytes are compared',
  },
};

const FIELDS = {
  sealed: {
    ...HEAD,
    salt: {
      size: 12,
      value: raw,
      rules: ['SEAL-03', 'SEAL-07'],
      words: "random; makes this token's own AES key; ends the additional data, 0..47",
    },
    iv: {
      size: 12,
      value: raw,
      rules: ['SEAL-03', 'WIRE-01'],
      words: "random; GCM's own input, not among the additional data",
    },
    ciphertext: {
      value: ciphertext,
      rules: ['OPEN-08', 'WIRE-01'],
      words: 'AES-256-GCM of the body: issued_at 6, ttl 4, payload',
    },
    tag: { size: 16, value: raw, rules: ['OPEN-08'], words: "GCM's tag, in full" },
  },
  signed: {
    ...HEAD,
    ...BODY,
    tag: {
      size: 32,
      value: raw,
      rules: ['OPEN-08', 'OPEN-09'],
      words: 'HMAC-SHA256 over all bytes before it, compared in constant time',
    },
  },
  body: BODY,
};

function raw(bytes) {
  return hex(bytes);
}

function magic(bytes) {
  return `${hex(bytes)}, text ${hex(bytes) === '0ab135' ? MAGIC.sealed : MAGIC.signed}`;
}

function issuedAt(bytes) {
  return moment(readTimes(Uint8Array.of(...bytes, 0, 0, 0, 0), 0).issuedAt);
}

function ttl(bytes) {
  const seconds = readTimes(Uint8Array.of(0, 0, 0, 0, 0, 0, ...bytes), 0).ttl;
  return seconds < 1 || seconds > LIFE_MAX ? `${seconds} s, out of range` : duration(seconds);
}

function payload(bytes) {
  if (bytes.length === 0) return 'empty';
  const text = fromUtf8(bytes);
  return text === undefined ? `no UTF-8: ${ciphertext(bytes)}` : quoted(text);
}

function ciphertext(bytes) {
  return bytes.length > 48 ? `${hex(bytes.subarray(0, 48))} and ${count(bytes.length - 48, 'byte')} more` : hex(bytes);
}

/** The fields of `sealed`, `signed` or `body` bytes, in order; a token cut short has its last ones cut or missing. */
export function fieldsOf(layout, bytes) {
  const list = Object.entries(FIELDS[layout]);
  const sizes = list.reduce((sum, [, { size }]) => sum + (size ?? 0), 0);
  let offset = 0;
  return list.map(([name, { size = Math.max(0, bytes.length - sizes), value, rules, words }]) => {
    const part = bytes.subarray(offset, offset + size);
    const field = { name, offset, size, bytes: part, rules, words };
    field.value = part.length === size ? value(part) : `cut short: ${count(part.length, 'byte')} of ${size}`;
    offset += size;
    return field;
  });
}

/** Everything a text shows: octets, kind, bytes and fields, as far as it goes, and the code that ends it. */
export function anatomy(text) {
  const shown = { octets: utf8Length(text), ...magicOf(text) };
  if (shown.code !== undefined) return shown;
  const fault = textFault(text);
  if (fault !== undefined) return { ...shown, code: 'encoding', fault };
  const bytes = decode(text);
  const isShort = bytes.length < MIN_BYTES[shown.kind];
  return { ...shown, bytes, fields: fieldsOf(shown.kind, bytes), code: isShort ? 'too_short' : undefined };
}
