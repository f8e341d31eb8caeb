/** How values are put into words. */

/** 2026-09-21 14:13:20 UTC (1790000000). */
export function moment(seconds) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds} (beyond the year 275760)`;
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC (${seconds})`;
}

/** 1800 s (30 min). */
export function duration(seconds) {
  for (const [size, unit] of [
    [86400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ]) {
    if (seconds >= size) return `${seconds} s (${Number((seconds / size).toFixed(1))} ${unit})`;
  }
  return `${seconds} s`;
}

/** A sender's text: what is not printable is escaped, since marks of direction reorder what stands beside them. */
export function escaped(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

/** The same in quotation marks, cut. */
export function quoted(text, most = 256) {
  const characters = Array.from(text);
  const shown = `"${escaped(characters.slice(0, most).join(''))}"`;
  return characters.length > most ? `${shown} and ${count(characters.length - most, 'character')} more` : shown;
}

/** "1 byte", "2 bytes". */
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
