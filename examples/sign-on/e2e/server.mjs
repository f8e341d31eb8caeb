// Starts and stops the example, and stands between it and a browser where a test needs that.

import { spawn, spawnSync } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MANIFEST = fileURLToPath(new URL('../../Cargo.toml', import.meta.url));

/** The binary that SIGN_ON_BIN names, else a fresh build. */
export function binary() {
  if (process.env.SIGN_ON_BIN) return process.env.SIGN_ON_BIN;
  const build = ['build', '--quiet', '--message-format=json', '--manifest-path', MANIFEST, '-p', 'sign-on'];
  const { status, stdout } = spawnSync('cargo', build, {
    stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error('the example does not build');
  const artifacts = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return artifacts.findLast((it) => it.executable && it.target.name === 'sign-on').executable;
}

/** A certificate for localhost, made on the spot. */
export function certificate(folder) {
  const [cert, key] = ['certificate.pem', 'key.pem'].map((file) => path.join(folder, file));
  const { status, stderr } = spawnSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert,
  ], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return { cert, key };
}

/** One run of the example, or of what speaks like it. */
export class Server {
  /** What it has written to its log. */
  log = '';

  /** `executable`: a path, or a list of a path and arguments. */
  static async start(executable, environment) {
    const server = new Server();
    server.executable = executable;
    server.environment = { PORT: '0', ...environment };
    await server.start();
    return server;
  }

  async start() {
    const env = { PATH: process.env.PATH, ...this.environment };
    const [command, ...rest] = [this.executable].flat();
    const child = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const leave = () => child.kill('SIGKILL');
    process.once('exit', leave);
    this.exited = new Promise((resolve) => { child.once('exit', resolve); }).then(() => process.off('exit', leave));
    this.child.stderr.setEncoding('utf8').on('data', (text) => { this.log += text; });
    const lines = createInterface(this.child.stdout);
    const address = await new Promise((resolve, reject) => {
      lines.once('line', (line) => resolve(line.split(' ').pop()));
      this.exited.then(() => reject(new Error(`the server ended: ${this.log}`)));
    });
    const { protocol, port } = new URL(address);
    this.origin = `${protocol}//localhost:${port}`;
    // A second start takes the same port.
    this.environment.PORT = port;
  }

  /** As a crash does: no time to say goodbye. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** What the log said while `step` ran. */
  async logged(step) {
    const before = this.log.length;
    await step();
    // The line was written before the response; the pipe may take a moment.
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    return this.log.slice(before);
  }
}

/** Another port of the same host, which hands on what comes and can hold a response back. */
export class Relay {
  static async start(origin, tls) {
    const relay = new Relay();
    const { request } = tls ? https : http;
    const handle = (from, to) => {
      const { method, headers, url } = from;
      const onward = request(new URL(url, origin), { method, headers, rejectUnauthorized: false }, async (response) => {
        await relay.gate?.passed(from);
        to.writeHead(response.statusCode, response.rawHeaders);
        response.pipe(to);
      });
      from.pipe(onward);
    };
    relay.listener = tls ? https.createServer(tls, handle) : http.createServer(handle);
    relay.origin = `${new URL(origin).protocol}//localhost:${await listen(relay.listener)}`;
    return relay;
  }

  /** Holds the next response to a post. `arrived` tells that the server made it; `release` lets it go. */
  hold() {
    let arrive;
    let release;
    const arrived = new Promise((resolve) => { arrive = resolve; });
    const released = new Promise((resolve) => { release = resolve; });
    const passed = (request) => {
      if (request.method !== 'POST') return undefined;
      arrive();
      return released;
    };
    this.gate = { passed };
    return { arrived, release };
  }

  stop() {
    this.listener.closeAllConnections();
    this.listener.close();
  }
}

/** Listens on a free port of the loopback interface. */
export function listen(listener) {
  return new Promise((resolve) => { listener.listen(0, '127.0.0.1', () => resolve(listener.address().port)); });
}
