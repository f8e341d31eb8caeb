// What stands between the browser and the servers: one address, whichever server is behind it.

import https from 'node:https';
import { listen } from '../server.mjs';

export const START = '/device-binding/start';
export const REFRESH = '/device-binding/refresh';

export class Front {
  /** All requests in the order of their responses: path, cookie, JWT, when it came and was answered, and how. */
  log = [];
  /** Which server gets a request: `route(path)`. */
  route;
  /** Is asked before a request is handed on; a number that it gives is the status of the answer. */
  before = () => undefined;
  /** Is asked before a response is handed on, and may change its status. */
  after = () => undefined;

  static async start(tls, server) {
    const front = new Front();
    front.route = () => server;
    front.listener = https.createServer(tls, (from, to) => front.#handle(from, to));
    front.origin = `https://localhost:${await listen(front.listener)}`;
    return front;
  }

  /** Hands all to this server from now on. */
  to(server) {
    this.route = () => server;
  }

  async #handle(from, to) {
    const { method, url: path, headers } = from;
    const { cookie = '', 'secure-session-response': jwt } = headers;
    const entry = { path, cookie, jwt, cameAt: Date.now() };
    const status = await this.before(entry);
    if (status !== undefined) {
      this.log.push({ ...entry, status, at: Date.now() });
      to.writeHead(status).end();
      return;
    }
    const options = { method, headers, rejectUnauthorized: false, agent: false };
    const onward = https.request(new URL(path, this.route(path).origin), options);
    onward.on('error', (error) => {
      console.error(`front: ${method} ${path}: ${error.message}`);
      to.destroy();
    });
    onward.on('response', async (response) => {
      entry.status = response.statusCode;
      await this.after(entry);
      this.log.push({ ...entry, at: Date.now() });
      to.writeHead(entry.status, response.rawHeaders);
      response.pipe(to);
    });
    from.pipe(onward);
  }

  /** What came for device binding: `refresh 403`, `refresh+jwt 200`. */
  devices(since = 0) {
    const ours = this.log.slice(since).filter(({ path }) => path === START || path === REFRESH);
    return ours.map(({ path, jwt, status }) => `${path.split('/').pop()}${jwt ? '+jwt' : ''} ${status}`);
  }

  stop() {
    this.listener.closeAllConnections();
    this.listener.close();
  }
}
