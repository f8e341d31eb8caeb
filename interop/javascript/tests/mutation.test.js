/** Random changes of good inputs: whatever comes of them, nothing but a CretulaError is thrown. SEED repeats a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Context, CretulaError, Keyring, MasterKey, Sealer, SessionCookie, Sessions, Signer, Unsealer, Verifier,
} from '../src/index.js';
import { utf8 } from '../src/bytes.js';
import { DeviceKey } from './device-key.js';

const now = 1790000000;
const context = new Context('shop.example', 'session');
const keys = [MasterKey.generate(), MasterKey.generate()];
const ring = new Keyring(keys.map((key) => ({ key })));
const sessions = new Sessions({ ring, context, check: null });
const cookie = new SessionCookie({ sessions, large: true });
const bound = new SessionCookie({ sessions, deviceBinding: true });
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));

let state = seed || 1; // xorshift stays at 0
/** An integer below `bound` (xorshift). */
function below(bound) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % bound;
}

const PIECES = [
  '', ' ', '"', '\\', '\\ud800', '\ud800', '\u0000', '\ufeff', '\xff', 'é', '😀', '{', '}', '[', ']', ',', ':', ';', '=',
  '.', '-', '0', '1e400', '-0', '9007199254740993', 'null', 'true', '__proto__', '2.AAAAAAAA.', '[['.repeat(20), 'CrE1',
  'A'.repeat(5000),
];

/** One to four changes: a piece for up to 8 characters, a copied stretch, a cut. */
function mutated(text) {
  let changed = text;
  for (let n = 1 + below(4); n > 0; n -= 1) {
    const at = below(changed.length + 1);
    const kind = below(8);
    if (kind === 0) changed = changed.slice(0, at);
    else if (kind === 1) changed = changed.slice(0, at) + changed.slice(below(changed.length + 1));
    else changed = changed.slice(0, at) + PIECES[below(PIECES.length)] + changed.slice(at + below(9));
  }
  return changed;
}

/** Makes and opens a few thousand inputs; the codes that came. */
async function codes(count, one) {
  const seen = new Set();
  for (let i = 0; i < count; i += 1) {
    try {
      seen.add(await one(i));
    } catch (error) {
      assert.ok(error instanceof CretulaError, `seed ${seed}, input ${i}: ${error.stack}`);
      seen.add(error.code);
    }
  }
  return seen;
}

const payload = `{"sid":"AAECAwQFBgcICQoLDA0ODw","start":${now},"end":${now + 600},"rev":1,`
  + `"sub":"ada","gen":7,"auth_time":${now},`
  + '"data":{"a":[1,2.5,{"b":null}],"c":"é\\n"},"flash":{"x":[true]}}';

test('mutation: tokens', async () => {
  const sealer = new Sealer({ ring, context });
  const token = await sealer.seal(payload, { ttl: 60, now });
  const signed = await new Signer({ ring, context }).sign(payload, { ttl: 60, now });
  const [unsealer, verifier] = [new Unsealer({ ring, context }), new Verifier({ ring, context })];
  const seen = await codes(3000, async (i) => {
    await (i % 2 ? unsealer.unseal(mutated(token), { now }) : verifier.verify(mutated(signed), { now }));
    return 'opened';
  });
  for (const code of ['encoding', 'auth_failed', 'unknown_key']) assert.ok(seen.has(code), `${code}: seed ${seed}`);
});

test('mutation: payloads of sessions', async () => {
  const sealer = new Sealer({ ring, context });
  const seen = await codes(3000, async (i) => {
    const text = mutated(payload);
    const bytes = i % 2 ? utf8(text) : Uint8Array.from(text, (c) => c.charCodeAt(0));
    const token = await sealer.seal(bytes, { ttl: 60, now });
    const session = await sessions.open(token, { now: now + 40 });
    await sessions.commit(session, { now: now + 40 });
    return session.reason;
  });
  for (const code of ['payload_invalid', null]) assert.ok(seen.has(code), `${code}: seed ${seed}`);
});

test('mutation: Cookie fields', async () => {
  const session = await cookie.open([], { now });
  session.data.big = 'x'.repeat(3500);
  const { headers } = await cookie.commit(session, { now });
  const pairs = headers.filter(([name]) => name === 'Set-Cookie').map(([, line]) => line.split(';')[0]);
  assert.equal(pairs.length, 2);
  const seen = await codes(2000, async () => {
    const opened = await cookie.open(mutated(`a=b; ${pairs.join('; ')}; c=d`).split('\n'), { now });
    opened.data.n = 1;
    await cookie.commit(opened, { now });
    return opened.reason;
  });
  for (const code of ['chunks', null]) assert.ok(seen.has(code), `${code}: seed ${seed}`);
});

test('mutation: device binding', async () => {
  const seal = (name, text) => new Sealer({ ring, context: new Context('shop.example', `session${name}`) }).seal(
    text, { ttl: 60, now });
  const key = new DeviceKey();
  const { x, y } = key.jwk;
  const texts = {
    challenge: '{"use":"register","sid":"AAECAwQFBgcICQoLDA0ODw"}',
    device: `{"sid":"AAECAwQFBgcICQoLDA0ODw","x":"${x}","y":"${y}"}`,
    header: `{"alg":"ES256","typ":"dbsc+jwt","jwk":${JSON.stringify(key.jwk)}}`,
  };
  const tokens = { session: await seal('', payload.replace(/"data".*/, '"data":{}}')) };
  for (const name of ['challenge', 'device']) tokens[name] = await seal(`.${name}`, texts[name]);
  const maybe = (text) => (below(3) === 0 ? mutated(text) : text);
  const seen = await codes(2000, async (i) => {
    const inner = i % 4 === 0 ? mutated(texts.challenge) : undefined;
    const jti = inner === undefined ? maybe(tokens.challenge) : await seal('.challenge', utf8(inner));
    const jwt = key.raw(i % 4 === 1 ? mutated(texts.header) : texts.header, maybe(JSON.stringify({ jti })));
    const request = {
      cookies: maybe(`__Host-Http-session=${tokens.session}; __Host-session.proof=${tokens.challenge}`),
      ids: [maybe(i % 4 === 2 ? await seal('.device', utf8(mutated(texts.device))) : tokens.device)],
      responses: [i % 4 === 3 ? mutated(jwt) : jwt],
    };
    const { status, reason } = await bound[i % 3 ? 'register' : 'refresh'](request, { now: now + 40 });
    return reason ?? status;
  });
  for (const code of ['jwt_format', 'jwt_algorithm', 'jwt_key', 'jwt_signature', 'challenge_invalid', 'payload_invalid', 200]) {
    assert.ok(seen.has(code), `${code}: seed ${seed}`);
  }
});

test('mutation: keys and rings', async () => {
  const [first, second] = await Promise.all(keys.map((key) => key.exportText()));
  const texts = [
    `{"cretula":"keyring-v1","keys":[{"key":"${first}","seal_from":5,"accept_until":1.8e9},{"key":"${second}"}]}`,
    `${first}, ${second}`,
  ];
  const seen = await codes(3000, async (i) => {
    const text = mutated(texts[i % 2]);
    await Keyring.fromText(i % 3 ? text : Uint8Array.from(text, (c) => c.charCodeAt(0)));
    return 'read';
  });
  for (const code of ['keyring_format', 'key_format', 'key_checksum']) {
    assert.ok(seen.has(code), `${code}: seed ${seed}`);
  }
});
