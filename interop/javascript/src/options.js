/** Refuses an option that nobody reads: one that is spelled wrong (`idel`) would be lost in silence. */
export function known(options, names, what) {
  for (const name of Object.keys(options ?? {})) {
    if (!names.includes(name)) throw new TypeError(`${what}: there is no option ${name}`);
  }
  return options ?? {};
}

const LEVELS = ['error', 'warn', 'info'];

const toConsole = Object.freeze(Object.fromEntries(LEVELS.map((level) => [
  level, (text, ...more) => globalThis.console[level](`cretula: ${text}`, ...more),
])));

const silent = Object.freeze(Object.fromEntries(LEVELS.map((level) => [level, () => {}])));

/** The log of a set-up: the console, an object like it, or null for none. No line holds a token or a key. */
export function logOf(log) {
  if (log === undefined) return toConsole;
  if (log === null) return silent;
  if (LEVELS.every((level) => typeof log[level] === 'function')) return log;
  throw new TypeError('log has the functions error, warn and info, or is null');
}
