// What stands between the browser and the sites: https, and a choice of the site for each request.

import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A certificate for localhost, and how Chromium names its key. */
export function certificate(folder) {
  const [cert, key] = ['certificate.pem', 'key.pem'].map((file) => path.join(folder, file));
  const { status, stderr } = spawnSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert,
  ], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const spki = new X509Certificate(readFileSync(cert)).publicKey.export({ type: 'spki', format: 'der' });
  return { cert: readFileSync(cert), key: readFileSync(key), pin: createHash('sha256').update(spki).digest('base64') };
}

/** One run of a site. */
export class Site {
  static async start(command, environment) {
    const site = new Site();
    const env = { ...process.env, ...environment };
    site.child = spawn(command[0], command.slice(1), { env, stdio: ['ignore', 'pipe', 'inherit'], cwd: import.meta.dirname });
    const leave = () => site.child.kill('SIGKILL');
    process.once('exit', leave);
    site.exited = once(site.child, 'exit').finally(() => process.off('exit', leave));
    const line = once(createInterface(site.child.stdout), 'line');
    [site.port] = await Promise.race([line, site.exited.then(() => { throw new Error(`${command} ended`); })]);
    return site;
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

export class Front {
  /** `[method, path, status, whether it has a JWT]` of each request. */
  log = [];

  /** How many requests have no answer yet. */
  open = 0;

  /** Called before a request is handed on: may wait, or answer with a status. */
  before = async () => undefined;

  /** Called before an answer is handed on. */
  after = async () => undefined;

  /** The site for a request. */
  pick = () => undefined;

  static async start(tls) {
    const front = new Front();
    front.listener = https.createServer(tls, (from, to) => {
      front.open += 1;
      to.once('close', () => { front.open -= 1; });
      front.pass(from, to).catch((error) => { to.writeHead(502).end(String(error)); });
    }).listen(0, '127.0.0.1');
    await once(front.listener, 'listening');
    front.origin = `https://localhost:${front.listener.address().port}`;
    return front;
  }

  async pass(from, to) {
    const { method, url, headers } = from;
    const note = (status) => this.log.push([method, url, status, 'secure-session-response' in headers]);
    this.device = headers['sec-secure-session-id'] ?? this.device;
    this.skipped = headers['secure-session-skipped'] ?? this.skipped;
    const status = await this.before(from);
    if (status !== undefined) {
      note(status);
      to.writeHead(status).end();
      return;
    }
    const onward = http.request({ port: this.pick(from).port, host: '127.0.0.1', method, path: url, headers });
    from.pipe(onward);
    const [response] = await once(onward, 'response');
    await this.after(from, response);
    note(response.statusCode);
    to.writeHead(response.statusCode, response.rawHeaders);
    response.pipe(to);
  }

  stop() {
    this.listener.closeAllConnections();
    this.listener.close();
  }
}
