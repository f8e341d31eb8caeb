import { Context } from './context.js';
import { CookieSettings, setUpCookies } from './cookie-settings.js';
import { SessionCookie, TokenCookie } from './cookie.js';
import { DeviceSettings } from './device.js';
import { fail } from './errors.js';
import { Keyring, LiveKeyring } from './keyring.js';
import { known, logOf } from './options.js';
import { Sessions } from './sessions.js';
import { setUp } from './tokens.js';

const OPTIONS = ['clock', 'log', 'development'];

/**
 * One owner of keyring, audience and clock: everything that it makes seals and opens with its ring, and one exchange of
 * the ring reaches all. `development: true` makes cookies for plain http, with the audience in their names: the ports of
 * localhost share cookies.
 */
export class Site {
  #audience;
  #options;
  #cookies = [];
  #paths = [];
  #timer;
  #refused = false;

  /** Throws `context_invalid` for an audience outside §5. */
  constructor(keyring, audience, options) {
    const { clock, log, development = false } = known(options, OPTIONS, 'Site');
    if (typeof development !== 'boolean') throw new TypeError('development is true or false');
    this.keyring = keyring instanceof Keyring ? new LiveKeyring(keyring) : keyring;
    this.#audience = audience;
    this.#options = { clock, log: logOf(log), development };
    setUp({ ring: this.keyring, context: new Context(audience, 'session'), clock });
    Object.freeze(this);
  }

  /**
   * A site whose keyring is read again `every` seconds: from the file at `path`, or from a function that gives the text
   * or a promise of it. A first reading that fails or is refused rejects. A later one changes nothing and is logged as
   * an error; `onEvent` gets `{type: 'exchanged'}`, also for the first good reading after that, or
   * `{type: 'refused', error}`. `close()` ends the watch.
   */
  static async watching(path, audience, { every = 60, onEvent, ...options } = {}) {
    if (!(every > 0)) throw new TypeError('every is a number of seconds above 0');
    const read = typeof path === 'function' ? path : () => fileAt(path);
    const text = read();
    const keyring = new LiveKeyring(await Keyring.fromText(await text), await text);
    const site = new Site(keyring, audience, options);
    site.#timer = setInterval(() => site.#readAgain(read, onEvent), every * 1000);
    site.#timer.unref?.();
    return site;
  }

  /** Ends the watch of `watching`. */
  close() {
    clearInterval(this.#timer);
  }

  async #readAgain(read, onEvent) {
    const { log } = this.#options;
    try {
      const isOther = await this.keyring.reload((async () => read())());
      if (!isOther && !this.#refused) return;
      this.#refused = false; // and that it is well again is told, though it may be the same ring
      log.info('keyring exchanged');
      onEvent?.({ type: 'exchanged' });
    } catch (error) {
      this.#refused = true;
      log.error(`keyring refused: ${error?.code ?? 'it could not be read'}`, error);
      onEvent?.({ type: 'refused', error });
    }
  }

  /**
   * Sessions in a cookie: `{check, idle, absolute, leeway, recheck, purpose, deviceBinding, ...CookieSettings}`.
   * Throws `cookie_clash` if another cookie of the site has the purpose, the name or the path of device binding,
   * or one that this one needs ([COOK-03], [SESS-24]).
   */
  sessions({ check, idle, absolute, leeway, recheck, purpose = 'session', ...settings } = {}) {
    const { clock, log } = this.#options;
    const policy = { idle, absolute, leeway, recheck };
    const context = new Context(this.#audience, purpose);
    const sessions = new Sessions({ ring: this.keyring, context, policy, check, clock, log });
    const made = new SessionCookie({ sessions, ...this.#settings(purpose, settings) });
    const path = made.device?.settings.path;
    if (path !== undefined && this.#paths.includes(path)) fail('cookie_clash', `deviceBinding: ${path} is another's path`);
    this.#added(purpose, made);
    if (path !== undefined) this.#paths.push(path);
    return made;
  }

  /**
   * A cookie for tokens that are no session (§20.6), such as `return-url`, that live `ttl` seconds: `{ttl, leeway,
   * ...CookieSettings}`. Throws `cookie_clash` as `sessions` does.
   */
  cookie(purpose, { ttl, leeway, ...settings } = {}) {
    const { clock } = this.#options;
    const context = new Context(this.#audience, purpose);
    const set = { ring: this.keyring, context, clock, leeway, ttl, maxAge: ttl };
    return this.#added(purpose, new TokenCookie({ ...set, ...this.#settings(purpose, settings) }));
  }

  #settings(purpose, { name = `__Host-Http-${purpose}`, ...settings }) {
    if (!this.#options.development) return { name, ...settings };
    const bare = name.replace(/^__(?:Host-Http|Host|Http|Secure)-/, '');
    const site = this.#audience.replace(/[^!#$%&'*+.^_`|~0-9A-Za-z-]/g, '-').replace(/^_+/, '');
    const { deviceBinding = false, ...others } = settings; // browsers bind on https alone
    if (deviceBinding) new DeviceSettings(deviceBinding === true ? {} : deviceBinding, new CookieSettings(), purpose);
    return { ...others, name: `${site}-${bare}`.slice(-64), secure: false };
  }

  #added(purpose, made) {
    const cookie = made.settings;
    setUpCookies([...this.#cookies, { purpose, cookie }]);
    this.#cookies.push({ purpose, cookie });
    return made;
  }
}

/** The octets of a file, on Node and what is like it: the rest of the package needs no file system. */
function fileAt(path) {
  const files = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (files === undefined) throw new TypeError('no files here, or Node before 20.16: give a function that reads the text');
  return files.readFile(path);
}
