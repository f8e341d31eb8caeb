/** Runs all vectors, and the Fetch middleware, in workerd, the runtime of Cloudflare Workers, without a network. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import workerd from 'workerd';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cretula-edge-'));

try {
  for (const name of ['src', 'calls.js', 'tests/run-vector.js', 'tests/edge-worker.js']) {
    cpSync(path(`../${name}`), join(folder, name), { recursive: true });
  }
  cpSync(path('../../../test-vectors/v1'), join(folder, 'vectors'), { recursive: true });
  const sources = readdirSync(join(folder, 'src')).filter((name) => name.endsWith('.js')).map((name) => `src/${name}`);
  const modules = ['tests/edge-worker.js', 'tests/run-vector.js', 'calls.js', ...sources]
    .map((name) => `(name = "${name}", esModule = embed "${name}")`);
  modules.push('(name = "src/#crypto", esModule = embed "src/crypto-web.js")'); // as package.json says to bundlers
  const vectors = readdirSync(join(folder, 'vectors'))
    .map((name) => `(name = "vectors/${name}", json = embed "vectors/${name}")`);
  writeFileSync(join(folder, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  compatibilityDate = "2025-01-01",
  modules = [${[...modules, ...vectors].join(', ')}]
))]);
`);
  const { status, error } = spawnSync(workerd.default, ['test', join(folder, 'config.capnp')], { stdio: 'inherit' });
  if (error) throw error;
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
