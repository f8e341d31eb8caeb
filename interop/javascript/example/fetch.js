import { Context, Keyring, SessionCookie, Sessions } from 'cretula';
import { withSession } from 'cretula/fetch';

const ring = await Keyring.fromText(process.env.SHOP_KEYS);
const sessions = new Sessions({ ring, context: new Context('shop.example', 'session'), check: null });

export default {
  fetch: withSession(new SessionCookie({ sessions }), (request, session) => {
    session.data.visits = (session.data.visits ?? 0) + 1;
    return new Response(`visit ${session.data.visits}\n`);
  }),
};
