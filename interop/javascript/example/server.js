import { createServer } from 'node:http';
import { Context, Keyring, SessionCookie, Sessions } from 'cretula';

const ring = await Keyring.fromText(process.env.SHOP_KEYS); // made with MasterKey.generate().exportText()
const sessions = new Sessions({ ring, context: new Context('shop.example', 'session'), check: null });
const cookie = new SessionCookie({ sessions });

export const server = createServer(async (request, response) => {
  try {
    const raw = request.rawHeaders;
    const fields = raw.filter((_, i) => i % 2 === 1 && raw[i - 1].toLowerCase() === 'cookie');
    const session = await cookie.open(fields);
    session.data.visits = (session.data.visits ?? 0) + 1;
    const { headers } = await cookie.commit(session);
    for (const [name, value] of headers) response.appendHeader(name, value);
    response.end(`visit ${session.data.visits}\n`);
  } catch (error) {
    console.error(error.code ?? error);
    response.writeHead(500).end();
  }
});
