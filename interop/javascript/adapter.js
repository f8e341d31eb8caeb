/** The adapter of `cretula conform` (`../protocol.md`): cretula conform -- node adapter.js */
import { readFileSync } from 'node:fs';
import { call } from './calls.js';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

const HELLO = {
  type: 'hello',
  protocol: 2,
  name: 'cretula-javascript',
  version,
  platform: `node ${process.versions.node}`,
  classes: ['unsealer', 'sealer', 'signer', 'verifier', 'keyring', 'session', 'cookie', 'device'],
  fixed: true,
};

/** Lines end at a line feed alone: node:readline would end them at U+2028 too. */
async function* lines(stream) {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const parts = chunk.split('\n');
    parts[0] = rest + parts[0];
    rest = parts.pop();
    yield* parts;
  }
}

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

for await (const line of lines(process.stdin)) {
  const { type, id, class: name, op, ...inputs } = JSON.parse(line);
  if (type === 'bye') break;
  if (type === 'hello') answer(HELLO);
  if (type === 'request') answer({ id, ...await call(name, op, inputs) });
}
