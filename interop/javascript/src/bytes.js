const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of a well-formed string. */
export function utf8(text) {
  return encoder.encode(text);
}

/** The string of UTF-8 bytes, a byte order mark kept; undefined if they are none. */
export function fromUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // no cause: decoders may carry the input
  }
}

/** True if the string has an unpaired surrogate. */
export function isIllFormed(text) {
  return /\p{Surrogate}/u.test(text);
}

/** Octets of the UTF-8 form; an unpaired surrogate counts three ([OPEN-02]). */
export function utf8Length(text) {
  let octets = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) octets += 1;
    else if (unit < 0x800) octets += 2;
    else {
      octets += 3;
      if (unit >= 0xd800 && unit < 0xdc00) {
        const next = text.charCodeAt(i + 1);
        if (next >= 0xdc00 && next < 0xe000) {
          octets += 1;
          i += 1;
        }
      }
    }
  }
  return octets;
}

/** Orders two well-formed strings by the bytes of their UTF-8 forms, which is the order of their code points. */
export function compareUtf8(a, b) {
  const [x, y] = [utf8(a), utf8(b)];
  const at = x.findIndex((byte, i) => byte !== y[i]);
  return at < 0 ? x.length - y.length : x[at] - (y[at] ?? -1);
}

/** Joins byte strings. */
export function concat(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** u48(issuedAt) | u32(ttl), without bit operators: times exceed 32 bits (§7.2). */
export function timesHead(issuedAt, ttl) {
  const head = new Uint8Array(10);
  const view = new DataView(head.buffer);
  view.setUint16(0, Math.floor(issuedAt / 4294967296));
  view.setUint32(2, issuedAt % 4294967296);
  view.setUint32(6, ttl);
  return head;
}

/** Reads what timesHead wrote, at `at`. */
export function readTimes(bytes, at) {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 10);
  return { issuedAt: view.getUint16(0) * 4294967296 + view.getUint32(2), ttl: view.getUint32(6) };
}

/** Lower-case hexadecimal. */
export function hex(bytes) {
  let text = '';
  for (const byte of bytes) text += (byte + 256).toString(16).slice(1);
  return text;
}

/** Bytes of hexadecimal digits that were checked before. */
export function fromHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
