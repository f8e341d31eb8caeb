// Starts and stops the five servers. By hand, until Ctrl-C, on ports 8001 to 8005:
//
//     node e2e/servers.mjs

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MasterKey } from 'cretula';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const COMMANDS = {
  rust: () => [rustBinary()],
  express: () => [process.execPath, 'express/server.js'],
  flask: () => ['.venv/bin/python', 'flask/server.py'],
  go: () => ['go/sso'],
  java: () => ['java', '-cp', 'java/target/classes:java/target/lib/*', 'example.Main'],
};
export const NAMES = Object.keys(COMMANDS);

/** The binary that SSO_RUST_BIN names, else the one that cargo's build made, or makes now. */
function rustBinary() {
  if (process.env.SSO_RUST_BIN) return process.env.SSO_RUST_BIN;
  const build = ['build', '--quiet', '--message-format=json', '--manifest-path', '../Cargo.toml', '-p', 'sso-rust'];
  const { status, stdout } = spawnSync('cargo', build, {
    cwd: HERE, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error('the Rust server does not build');
  const artifacts = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return artifacts.findLast((it) => it.executable && it.target.name === 'sso-rust').executable;
}

/** The document form of a keyring (§11.4). */
export function keyring(keys) {
  return JSON.stringify({ cretula: 'keyring-v1', keys });
}

/** Whole or not at all: a server that reads meanwhile sees the old file or the new one. */
export function write(file, text) {
  writeFileSync(`${file}.draft`, text, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}

class Server {
  /** What it has written to standard error. */
  log = '';

  constructor(name, origin, keys) {
    Object.assign(this, { name, origin, keys });
  }

  async start(environment) {
    const [command, ...args] = COMMANDS[this.name]();
    const env = { ...process.env, ...environment, PORT: new URL(this.origin).port, KEYS: this.keys };
    this.child = spawn(command, args, { cwd: HERE, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => { this.child.once('exit', resolve).once('error', resolve); });
    this.child.stderr.setEncoding('utf8').on('data', (text) => { this.log += text; });
    const first = new Promise((resolve) => { createInterface(this.child.stdout).once('line', resolve); });
    const line = await Promise.race([first, this.ended]);
    if (line !== this.origin) throw new Error(`${this.name} did not start: ${line}\n${this.log}`);
  }

  /** Puts a keyring document in the place of its present one. */
  give(document) {
    write(this.keys, document);
  }

  async stop() {
    this.child?.kill('SIGTERM');
    await this.ended;
  }
}

/** A folder with the shared database and a keyring document for each server, and the servers, started. */
export async function startAll(document, ports) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sso-'));
  const data = path.join(folder, 'data');
  for (const it of ['users', 'denied']) mkdirSync(path.join(data, it), { recursive: true });
  ports ??= await freePorts(NAMES.length);
  const servers = NAMES.map((name, at) => {
    const keys = path.join(folder, `keys-${name}.json`);
    write(keys, document);
    return new Server(name, `http://localhost:${ports[at]}`, keys);
  });
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const PEERS = servers.map(({ name, origin }) => `${name}=${origin}`).join(' ');
  const leave = () => servers.forEach(({ child }) => child?.kill('SIGKILL'));
  process.once('exit', leave);
  try {
    await Promise.all(servers.map((server) => server.start({ DATA: data, PAGE: path.join(HERE, 'page.html'), PEERS })));
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, data, stop };
}

async function freePorts(count) {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(listeners.map((it) => new Promise((resolve) => { it.once('listening', resolve); })));
  const ports = listeners.map((it) => it.address().port);
  await Promise.all(listeners.map((it) => new Promise((resolve) => { it.close(resolve); })));
  return ports;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const key = await MasterKey.generate().exportText();
  const all = await startAll(keyring([{ key }]), [8001, 8002, 8003, 8004, 8005]);
  for (const { name, origin, child } of all.servers) {
    console.log(`${name.padEnd(8)} ${origin}/`);
    createInterface(child.stderr).on('line', (line) => console.error(`${name}: ${line}`));
  }
  console.log(`\ndatabase ${all.data}\nkeys     ${path.dirname(all.data)}/keys-*.json`);
  process.once('SIGINT', all.stop).once('SIGTERM', all.stop);
}
