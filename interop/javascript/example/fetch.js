import { Keyring, Site } from 'cretula';
import { withSession } from 'cretula/fetch';

const site = new Site(await Keyring.fromEnv('SHOP_KEYS'), 'shop.example');

export default {
  fetch: withSession(site.sessions({ check: null }), (request, session) => {
    session.data.visits = (session.data.visits ?? 0) + 1;
    return new Response(`visit ${session.data.visits}\n`);
  }),
};
