import { utf8 } from './bytes.js';
import { DESCRIBING } from './hold-head.js';
import { sessionMiddleware } from './express.js';

/**
 * Plugin for Fastify: the middleware of `cretula/express` as a hook, with the session at `request[property]`. If a session
 * cannot be written, the reply is dropped unsent and Fastify's error handler gets the error.
 */
export function sessionPlugin(sessions, options) {
  const { property = 'cretula', ...others } = options ?? {};
  const middleware = sessionMiddleware(sessions, { ...others, property });
  function cretula(app, _, done) {
    app.decorateRequest(property, { getter() { return this.raw[property]; } });
    app.addHook('onRequest', (request, reply, next) => {
      middleware(request.raw, reply.raw, (error) => {
        if (error !== undefined) for (const name of [...DESCRIBING, 'Cache-Control']) reply.removeHeader(name);
        next(error);
      }, (answer) => send(reply, answer));
    });
    done();
  }
  cretula[Symbol.for('skip-override')] = true; // the hook is for the application that registers it, not a part of it
  return cretula;
}

/** Answers a POST of device binding, through Fastify's own hooks and log. */
function send(reply, { status, headers, body }) {
  const vary = reply.getHeader('vary');
  for (const [name, value] of headers) {
    reply.header(name, name === 'Vary' && vary !== undefined ? [vary, value].flat().join(', ') : value);
  }
  reply.code(status).send(body === '' ? undefined : utf8(body)); // to a text it would add a charset
}
