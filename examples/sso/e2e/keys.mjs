// Keys change while all servers run and a browser keeps visiting them.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { MasterKey } from 'cretula';
import { keyring } from './servers.mjs';
import { known, logged, refused } from './sessions.mjs';

/** Seconds until the new key seals: more than the five servers take to read it, one after the other. */
const AHEAD = 15;
const now = () => Math.floor(Date.now() / 1_000);
const newKey = () => MasterKey.generate().exportText();

export async function keys({ servers, keys: ring, open, check }) {
  const a = await open();
  const thief = await open();

  /** Gives a document and waits until the server has read it. */
  const give = async (server, document, line = 'keyring exchanged') => {
    const from = server.log.length;
    server.give(document);
    await logged(server, from, line);
  };
  const giveAll = (document, line) => Promise.all(servers.map((server) => give(server, document, line)));
  /** Saves a note at a server, and tells which key sealed it. */
  const sealedBy = async (server) => {
    await a.look(server);
    const { status, flash } = await a.press('save', { text: `sealed by ${server.name}` });
    assert.deepEqual([status, flash], [200, `Saved by ${server.name}.`]);
    return (await a.inside()).key;
  };
  const sealers = async () => {
    const found = new Set();
    for (const server of servers) found.add(await sealedBy(server));
    return [...found];
  };

  let first;
  let old; // a copy of a cookie that the first key sealed
  await a.signOn(servers[0]);

  await check('all seal with the one key that there is', async () => {
    const found = await sealers();
    assert.equal(found.length, 1);
    [first] = found;
    old = await a.token();
    return `key id ${first.slice(0, 8)}…`;
  });

  await check('a refused document leaves the old ring in force, in all', async () => {
    const [{ key }] = ring.entries;
    await giveAll(keyring([{ key }, { key }]), 'keyring refused: key_duplicate');
    await known(a, servers);
    assert.deepEqual(await sealers(), [first]);
    await giveAll('{"cretula":"keyring-v1"', 'keyring refused: keyring_format');
    await known(a, servers);
    assert.deepEqual(await sealers(), [first]);
    await giveAll(ring.document);
  });

  const from = servers.map((server) => server.log.length);
  const sealFrom = now() + AHEAD;
  ring.entries.push({ key: await newKey(), seal_from: sealFrom });
  await check('a new key reaches one server after the other; a browser that visits all is always known', async () => {
    let looks = 0;
    const visitAll = async () => {
      looks += servers.length;
      await known(a, servers);
    };
    for (const server of servers) {
      const at = server.log.length;
      server.give(ring.document);
      do await visitAll(); while (!server.log.slice(at).includes('keyring exchanged'));
      assert.equal(await sealedBy(server), first, 'it waits');
    }
    assert.ok(now() < sealFrom - 1, 'all read it in time');
    while (now() < sealFrom) await visitAll();
    return `${looks} pages`;
  });

  let second;
  await check('then it takes over by itself in all, and nobody was refused', async () => {
    await sleep(100);
    const found = await sealers();
    assert.equal(found.length, 1);
    [second] = found;
    assert.notEqual(second, first);
    await known(a, servers);
    servers.forEach((server, at) => assert.doesNotMatch(server.log.slice(from[at]), /session refused/));
    return `key id ${second.slice(0, 8)}…`;
  });

  for (const late of servers) {
    await check(`${late.name}: without the key that the others seal with it destroys no session`, async () => {
      const others = servers.filter((it) => it !== late);
      while (now() <= ring.entries.at(-1).seal_from) await sleep(100);
      ring.entries.push({ key: await newKey(), seal_from: now() });
      await Promise.all(others.map((server) => give(server, ring.document)));
      const key = await sealedBy(others[0]);
      assert.ok(key !== second && key !== first);
      const before = await a.token();
      await refused(a, [late], 'unknown_key');
      const page = await a.press('save', { text: 'lost?' });
      assert.deepEqual([page.status, page.lines], [503, []]);
      await known(a, others);
      await give(late, ring.document);
      await known(a, servers);
      assert.equal(await a.token(), before);
    });
  }

  await check('what a key sealed that has ended is refused, what the present one sealed is not', async () => {
    await thief.plant(old);
    await known(thief, servers);
    ring.entries[0].accept_until = now();
    await giveAll(ring.document);
    await refused(thief, servers, 'key_inactive');
    await known(a, servers);
  });

  await check('the same with a key that is not in the ring any more', async () => {
    ring.entries.shift();
    await giveAll(ring.document);
    await refused(thief, servers, 'unknown_key');
    await known(a, servers);
    assert.equal((await sealers()).length, 1);
  });
}
