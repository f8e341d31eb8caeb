// Sessions that five servers share: signing on and off, data, flash messages, revocation.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { write } from './servers.mjs';
import { COOKIE } from './visitor.mjs';

/** What the application of these servers does not know, as a sixth one would have written it. */
const FOREIGN = { theme: { dark: true, sizes: [1, 2.5, -0.125, null, 'ü'], deep: [[{}]] }, cart: [{ 'Ärger': '</script>' }] };
/** Octets of HTML's own, for the escaping. */
const note = ({ name }) => `<b id="who">"from" & 'by' ${name}</b>`;

/** Waits for a line of the log. */
export async function logged(server, from, line) {
  for (let tries = 0; !server.log.slice(from).split('\n').includes(line); tries += 1) {
    assert.ok(tries < 1_000, `${server.name} did not log «${line}»`);
    await sleep(10);
  }
}

/** All servers know the user by the same session, and write nothing. */
export async function known(visitor, servers, name = 'ada') {
  const sids = new Set();
  for (const server of servers) {
    const { who, sid, lines, flash } = await visitor.look(server);
    assert.deepEqual([who, lines, flash], [name, [], ''], server.name);
    sids.add(sid);
  }
  assert.equal(sids.size, 1);
  return [...sids][0];
}

/** All servers refuse the session for this reason, and write nothing. */
export async function refused(visitor, servers, code) {
  for (const server of servers) {
    const from = server.log.length;
    const { who, lines } = await visitor.look(server);
    assert.deepEqual([who, lines], ['nobody', []], server.name);
    await logged(server, from, `session refused: ${code}`);
  }
}

export async function sessions({ servers, data, keys, open, check }) {
  const a = await open();
  const b = await open();
  const thief = await open();
  const after = (server, by = 1) => servers[(servers.indexOf(server) + by) % servers.length];
  const others = (server) => servers.filter((it) => it !== server);
  const denied = (sid) => path.join(data, 'denied', sid);
  const user = (name) => path.join(data, 'users', name);

  await check('who only looks gets no cookie, and a session from nowhere', async () => {
    for (const server of servers) {
      const { who, sid, lines } = await a.look(server);
      assert.deepEqual([who, sid, lines], ['nobody', 'none', []]);
    }
    assert.equal((await a.stored()).size, 0);
  });

  for (const server of servers) {
    const { name } = server;
    let copy;
    let sid;

    await check(`${name}: signed on there, known in the other four`, async () => {
      await a.signOn(server);
      sid = await known(a, others(server));
      copy = await a.token();
      const { sub, rev, data: { trail } } = await a.inside();
      assert.deepEqual({ sub, rev, trail }, { sub: 'ada', rev: 2, trail: [name] });
      return `${(await a.stored()).get(COOKIE).size} octets`;
    });

    await check(`${name}: a form that another port posts is refused, and changes nothing`, async () => {
      for (const action of ['sign-off', 'sign-off-everywhere', 'note', 'step-up', 'sign-on']) {
        const from = server.log.length;
        await a.look(after(server));
        assert.equal((await a.post(`${server.origin}/${action}`)).status, 403);
        await logged(server, from, 'post refused: origin');
      }
      assert.equal(await a.token(), copy);
    });

    await check(`${name}: stepped up there, known in all by a new sid; the old cookie is refused by all`, async () => {
      await a.look(server);
      const page = await a.press('step-up');
      assert.deepEqual([page.who, page.flash], ['ada', `Stepped up at ${name}.`]);
      assert.notEqual(await known(a, servers), sid);
      await thief.plant(copy);
      await refused(thief, servers, 'signed_off');
      sid = await known(a, servers);
      copy = await a.token();
    });

    await check(`${name}: signed off there, signed off in all, and the mark is left`, async () => {
      await a.look(server);
      await a.press('sign-off');
      for (const it of servers) assert.equal((await a.look(it)).who, 'nobody');
      const stored = await a.stored();
      assert.deepEqual([...stored.keys()], [`${COOKIE}.end`]);
      const mark = createHash('sha256').update(sid).digest('base64url').slice(0, 22);
      assert.equal(stored.get(`${COOKIE}.end`).value, mark);
    });

    await check(`${name}: a replayed copy of that cookie is refused by all: the deny-list`, async () => {
      const end = Number(readFileSync(denied(sid), 'utf8'));
      assert.equal(end, (await keys.open(copy)).end);
      await thief.plant(copy);
      await refused(thief, servers, 'signed_off');
    });

    await check(`${name}: in the browser that signed off the mark does, without the deny-list`, async () => {
      rmSync(denied(sid));
      await thief.plant(copy);
      await known(thief, servers);
      await a.plant(copy);
      await refused(a, servers, 'signed_off');
    });
  }

  await check('a guest has a session too: the note is seen in all, and kept by a sign-on', async () => {
    const guest = await open();
    await guest.look(servers[0]);
    await guest.press('save', { text: 'as a guest' });
    for (const server of servers) assert.equal((await guest.look(server)).note, 'as a guest');
    const { sid } = await guest.look(servers[2]);
    const page = await guest.signOn(servers[2], 'eve');
    assert.deepEqual([page.note, page.trail], ['as a guest', 'rust → flask']);
    assert.ok(existsSync(denied(sid)), 'the name of the guest\'s session is over');
    await guest.close();
  });

  await a.signOn(servers[0]);
  await a.plant(await keys.seal({ ...await a.inside(), data: FOREIGN }));
  for (const server of servers) {
    const next = after(server);
    await check(`${server.name}: a change is seen by ${next.name}, its message once; foreign members survive`, async () => {
      const before = await a.inside();
      await a.look(server);
      const page = await a.press('save', { text: note(server), next: next.name });
      assert.deepEqual([page.server, page.flash], [next.name, `Saved by ${server.name}.`]);
      assert.equal(page.note, note(server));
      assert.ok(page.trail.endsWith(server.name));
      assert.equal((await a.look(next)).flash, '');
      assert.equal((await a.look(after(server, 2))).flash, '');
      const { data: { note: saved, trail, ...rest }, ...now } = await a.inside();
      assert.deepEqual(rest, FOREIGN);
      assert.equal(saved, note(server));
      for (const member of ['sid', 'start', 'end', 'sub', 'gen', 'auth_time']) assert.equal(now[member], before[member]);
      assert.equal(now.rev, before.rev + 2, 'one for the note, one for the message');
      return `trail ${trail.join(' → ')}`;
    });
  }

  await check('after two more rounds the trail has its last ten steps', async () => {
    for (const server of [...servers, ...servers]) {
      await a.look(server);
      await a.press('save', { text: 'round', next: after(server).name });
    }
    const { data: { trail, note: last, ...rest } } = await a.inside();
    assert.deepEqual(trail, [...servers, ...servers].map(({ name }) => name));
    assert.deepEqual([last, rest], ['round', FOREIGN]);
  });

  for (const server of servers) {
    await check(`${server.name}: a note too large for the cookie is an error, and the session stays as it was`, async () => {
      const before = await a.token();
      await a.look(server);
      const from = server.log.length;
      const page = await a.press('save', { text: 'x'.repeat(4_000) });
      assert.deepEqual([page.status, page.lines], [500, []]);
      assert.match(server.log.slice(from), /cookie_too_large/);
      assert.equal(await a.token(), before);
      assert.equal((await a.look(server)).note, 'round');
    });
  }

  const sizes = new Set();
  for (const server of servers) {
    await check(`${server.name}: reading after half the idle window writes the session again, for all`, async () => {
      const before = await a.inside();
      const now = Math.floor(Date.now() / 1_000);
      const session = { ...before, start: now - 1_000, end: now - 1_000 + 86_400, auth_time: now - 1_000, rev: 7 };
      await a.plant(await keys.seal(session, { now: now - 1_000 }));
      assert.equal((await a.look(server)).lines.length, 1);
      const { octets, ...read } = await a.inside();
      assert.ok(read.expiresAt >= now + 1_800 && read.ttl === 1_800);
      for (const member of ['sid', 'start', 'end', 'auth_time', 'data']) assert.deepEqual(read[member], session[member]);
      assert.equal(read.rev, 8);
      const { size, expires } = (await a.stored()).get(COOKIE);
      assert.ok(Math.abs(expires - read.expiresAt) <= 2);
      sizes.add(`${octets} octets of payload, ${size} of cookie`);
      assert.equal(await known(a, servers), before.sid);
    });
  }
  await check('and the cookie is as long, whoever wrote it', () => {
    assert.equal(sizes.size, 1, [...sizes].join('; '));
    return [...sizes][0];
  });

  await check('a session past its absolute end is refused by all, and not written again', async () => {
    const now = Math.floor(Date.now() / 1_000);
    await thief.plant(await keys.seal({ ...await a.inside(), start: now - 86_401, end: now + 99, auth_time: now - 9 }));
    await refused(thief, servers, 'expired');
  });

  const bob = await open();
  await bob.signOn(servers[4], 'bob');
  for (const server of servers) {
    await check(`${server.name}: signed off everywhere there, another browser's session is over in all`, async () => {
      if ((await a.look(server)).who === 'nobody') await a.signOn(after(server));
      await b.signOn(after(server, 2));
      await a.look(server);
      await a.press('sign-off-everywhere');
      for (const it of servers) assert.equal((await a.look(it)).who, 'nobody');
      await refused(b, servers, 'revoked');
      await known(bob, servers, 'bob');
    });
  }

  await check('an operator who writes another number revokes, be it higher or lower', async () => {
    const generation = Number(readFileSync(user('ada'), 'utf8'));
    await b.signOn(servers[3]);
    for (const other of [generation + 1, generation - 1]) {
      write(user('ada'), String(other));
      await refused(b, servers, 'revoked');
    }
    write(user('ada'), String(generation));
    await known(b, servers);
  });

  await check('without an answer from the database the session is closed, not lost', async () => {
    const generation = readFileSync(user('ada'));
    const before = await b.token();
    rmSync(user('ada'));
    await refused(b, servers, 'unchecked');
    for (const server of servers) {
      await b.look(server);
      const page = await b.press('save', { text: 'lost?' });
      assert.deepEqual([page.status, page.lines], [503, []], server.name);
    }
    write(user('ada'), generation);
    await known(b, servers);
    assert.equal(await b.token(), before);
  });

  for (const visitor of [a, b, thief, bob]) await visitor.close();
}
