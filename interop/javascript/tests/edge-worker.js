/** Run by edge.js inside workerd. */
import { Context, Keyring, MasterKey, SessionCookie, Sessions } from '../src/index.js';
import { withSession } from '../src/fetch.js';
import { runSuite } from './run-vector.js';

async function read(file) {
  return (await import(`../vectors/${file}`)).default;
}

async function countsVisits() {
  const ring = new Keyring([{ key: MasterKey.generate() }]);
  const sessions = new Sessions({ ring, context: new Context('shop.example', 'session'), check: null });
  const handle = withSession(new SessionCookie({ sessions }), (request, session) => {
    session.data.visits = (session.data.visits ?? 0) + 1;
    return Response.json(session.data);
  });
  const first = await handle(new Request('https://shop.example/'));
  const [line] = first.headers.getSetCookie();
  const second = await handle(new Request('https://shop.example/', { headers: { Cookie: line.split(';')[0] } }));
  return (await second.json()).visits === 2;
}

export default {
  async test() {
    const { passed, failed } = await runSuite(read);
    if (!await countsVisits()) failed.push('the Fetch middleware does not count');
    for (const line of failed) console.error(line);
    console.log(`workerd: ${passed} passed`);
    if (failed.length > 0 || passed === 0) throw new Error(`${failed.length} failed`);
  },
};
