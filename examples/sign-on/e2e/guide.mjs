// Runs the Redis commands of the guide to revocation against a server of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const guide = readFileSync(new URL('../../../guides/revocation.md', import.meta.url), 'utf8');
const lines = guide.split('## Redis')[1].split('```text\n')[1].split('```')[0].trim().split('\n');
const commands = lines.map((line) => line.split(/ {6,}/)[0]);
assert.equal(commands.length, 4);

const folder = mkdtempSync(join(tmpdir(), 'guide-'));
const socket = join(folder, 'redis.sock');
const server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '']);
let passed = 0;
try {
  const redis = (command) => {
    const run = spawnSync('redis-cli', ['-s', socket, ...command.split(/ +/)], { encoding: 'utf8' });
    return run.stdout.trim();
  };
  for (let tries = 0; redis('PING') !== 'PONG'; tries += 1) {
    assert.ok(tries < 100, 'redis-server does not answer');
    await sleep(50);
  }
  const run = (index, values) =>
    redis(Object.entries(values).reduce((text, [name, value]) => text.replace(`<${name}>`, value), commands[index]));
  const check = (what, found, expected) => {
    assert.equal(found, expected, what);
    console.log(`ok redis ${what}`);
    passed += 1;
  };
  const numbers = (sid) => run(1, { sub: 'ada', sid }).split('\n').map((line) => line.trim()).join(' ').trim();
  check('a new user gets a number', run(0, { sub: 'ada', 'random below 2^48': '41' }), 'OK');
  check('that is not set twice', run(0, { sub: 'ada', 'random below 2^48': '7' }), '');
  check('each request asks for both', numbers('one'), '41');
  check('a change of password adds one', run(2, { sub: 'ada' }), '42');
  check('one session is denied', run(3, { sid: 'one', 'end - now': '1' }), 'OK');
  check('and seen', numbers('one'), '42 1');
  check('and no other', numbers('two'), '42');
  await sleep(1200);
  check('until its end', numbers('one'), '42');
  console.log(`${passed} passed`);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
