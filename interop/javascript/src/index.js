export { CretulaError, NotNowError } from './errors.js';
export { MasterKey } from './key.js';
export { Context } from './context.js';
export { Keyring, KeyringError, LiveKeyring } from './keyring.js';
export { Sealer, Signer, Unsealer, Verifier } from './tokens.js';
export { Sessions } from './sessions.js';
export { Session } from './session.js';
export { CookieSettings, setUpCookies } from './cookie-settings.js';
export { CookieTooLargeError, SessionCookie, TokenCookie } from './cookie.js';
