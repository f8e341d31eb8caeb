// Servers that are wrong on purpose: the package for JavaScript with a line or two changed. Each has to fail a step.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const LIBRARY = fileURLToPath(new URL('../../../../interop/javascript', import.meta.url));

/** `step`: the one that has to catch it. `edits`: file, text that is there once, text in its place. */
export const WRONG = [
  {
    name: 'no guard: step 9e is left out',
    step: 'copies',
    edits: [['device.js', 'if (proofs.length === 0) return undefined;', '']],
  },
  {
    name: 'an eternal proof',
    step: 'binds',
    edits: [
      ['device.js', 'Math.min(longest, found.last - now)', 'found.last - now'],
      ['device.js', 'proof: this.settings.proof }[name]', 'proof: LIFE_MAX }[name]'],
    ],
  },
  {
    name: 'an eternal proof, in a cookie of a short life',
    step: 'copies',
    edits: [
      ['device.js', 'found.sid, jkt }, ttl, ring', 'found.sid, jkt }, found.last - now, ring'],
      ['device.js', 'proof: this.settings.proof }[name]', 'proof: LIFE_MAX }[name]'],
    ],
  },
  {
    name: 'a secret of its own for each process',
    step: 'killed',
    edits: [
      ['device.js', '/** Device binding of one cookie', `import { MasterKey } from './key.js';
import { Keyring } from './keyring.js';
const OWN = new Keyring([{ key: MasterKey.generate() }]).current;
/** Device binding of one cookie`],
      ['device.js', "makeToken('sealed', ring,", "makeToken('sealed', OWN,"],
      ['device.js', "openToken('sealed', ring,", "openToken('sealed', OWN,"],
      ['device.js', "await ring.index('sealed'", "await OWN.index('sealed'"],
    ],
  },
  {
    name: 'the key of the device in the memory of one process',
    step: 'killed',
    edits: [
      ['device.js', '/** One POST to an endpoint', 'const KEYS = new Set();\n/** One POST to an endpoint'],
      ['device.js', "const token = await device.seal('device'", "KEYS.add(jkt); const token = await device.seal('device'"],
      ['device.js', 'const jkt = await thumbprint(token);', `const jkt = await thumbprint(token);
  if (!KEYS.has(jkt)) return refused('absent');`],
    ],
  },
  {
    name: 'the header’s jwk trusted at a refresh',
    step: 'foreign key',
    edits: [['jwt.js', 'key ?? keyOf', "!header.has('jwk') ? key : keyOf"]],
  },
  {
    name: 'alg taken from the token',
    step: 'alg',
    edits: [
      ['jwt.js', " || header.get('alg') !== 'ES256'", ''],
      ['jwt.js', 'const signature = decoded(parts[2]);', `if (header.get('alg') === 'none') return { jti, key: signer };
  const signature = decoded(parts[2]);`],
    ],
  },
];

/** A copy of the package with these edits. */
export function wrongLibrary(folder, edits) {
  for (const name of ['src', 'package.json']) {
    cpSync(path.join(LIBRARY, name), path.join(folder, name), { recursive: true });
  }
  for (const [name, from, to] of edits) {
    const file = path.join(folder, 'src', name);
    const pieces = readFileSync(file, 'utf8').split(from);
    assert.equal(pieces.length, 2, `${name} has once: ${from}`);
    writeFileSync(file, pieces.join(to));
  }
  return folder;
}
