/** Checked by `tsc --noEmit`, not run: the declarations serve a caller. */
import { createServer } from 'node:http';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { Context, CretulaError, Keyring, LiveKeyring, NotNowError, Sealer, Session, SessionCookie, Sessions, Site, Unsealer } from 'cretula';
import { sessionMiddleware } from 'cretula/express';
import { sessionPlugin } from 'cretula/fastify';
import { withSession } from 'cretula/fetch';
import { testRing } from 'cretula/hazmat';
import { sessionMiddleware as honoSessions, type SessionVariables } from 'cretula/hono';
import { signedOn } from 'cretula/testing';

export async function use(text: string): Promise<string | undefined> {
  const ring = new LiveKeyring(await Keyring.fromText(text));
  const context = new Context('shop.example', 'session');
  const token: string = await new Sealer({ ring, context }).seal('hello', { ttl: 60 });
  try {
    const { payload, issuedAt } = await new Unsealer({ ring, context, maxAge: 60 }).unseal(token, { now: 1 });
    const sum: number = payload.length + issuedAt;
    return String(sum);
  } catch (error) {
    if (error instanceof CretulaError && error.code === 'expired') return undefined;
    // @ts-expect-error no such code
    if (error instanceof CretulaError && error.code === 'no_such_code') return undefined;
  }
  await ring.reload(Promise.resolve(text));
  const sessions = new Sessions({ ring, context, check: async ({ sub }) => ({ gen: sub === 'ada' ? 7 : null }) });
  const cookie = new SessionCookie({ sessions, name: '__Host-session', sameSite: 'Strict' });
  // @ts-expect-error no seconds as text
  await cookie.open(['a=b'], { now: '1' });
  const handle = withSession(cookie, (request, session, extra: number) => {
    session.data['path'] = [request.url, extra];
    return new Response('ok');
  });
  const response: Response = await handle(new Request('https://shop.example/'), 1);
  await testRing([{ key: text }]);
  return response.statusText;
}

export async function site(env: { KEYS: string }): Promise<string> {
  const made = new Site(await Keyring.fromEnv('KEYS', env), 'shop.example', { log: console, development: true });
  const watched = await Site.watching('/run/keys', 'shop.example', {
    every: 60, onEvent: (event) => { if (event.type === 'refused') console.error(event.error); },
  });
  watched.close();
  await made.cookie('return-url', { ttl: 600 }).write('/basket');
  const sessions = made.sessions({ idle: 600, check: ({ sub }) => ({ gen: sub === undefined ? null : 7 }) });
  const page = ({ code, over, largest }: { code: string; over?: number; largest?: string }) => (
    new Response(`${code} ${over} ${largest}`));
  withSession(sessions, () => undefined, { page, notNow: 'guest', sameSitePosts: true });
  const bound = made.sessions({ recheck: 60, deviceBinding: { path: '/bind', requireAfter: 300 }, check: null });
  const { status, committed, body } = await bound.register({ cookies: [], responses: 'jwt' });
  const answer: string = `${status === 503} ${committed?.large} ${body}`;
  await bound.refresh({ cookies: answer, ids: ['id'], responses: undefined }, { check: null });
  // @ts-expect-error no ids
  await bound.refresh({ cookies: [], responses: [] });
  made.sessions({ purpose: 'remember', deviceBinding: true });
  // @ts-expect-error the option's name
  made.sessions({ deviceBinding: { require_after: 300 } });
  // @ts-expect-error no such option
  made.sessions({ idel: 600 });
  // @ts-expect-error no such choice
  sessionMiddleware(sessions, { notNow: 503 });
  return signedOn(sessions, 'ada', 7, { theme: 'dark' });
}

export function serve(cookie: SessionCookie): void {
  const middleware = sessionMiddleware(cookie, {
    onCommit: async ({ ended, large }, session) => {
      for (const { sid, end } of ended) console.log(sid, end, large, session.sub);
    },
  });
  const app = express().use(middleware);
  app.get('/', (request, response) => {
    request.cretula.data['n'] = 1;
    const octets: number = cookie.excess(request.cretula);
    if (request.cretula.notNow || octets > 0) response.sendStatus(503);
    if (request.cretula.reason === 'unproven' && !request.cretula.isBound) response.sendStatus(503);
    if (request.cretula.need().reason !== null) throw new NotNowError('unchecked');
    // @ts-expect-error no such member
    request.cretula.user;
    // @ts-expect-error a session is not replaced
    request.cretula = null;
    // @ts-expect-error express-session's name stays free
    request.session;
    response.json(request.cretula.sub ?? null);
  });
  createServer((request, response) => middleware(request, response, (error) => response.end(String(error))));
  // @ts-expect-error a SessionCookie is wanted
  sessionMiddleware({});
}

declare module 'fastify' {
  interface FastifyRequest {
    readonly cretula: Session<Shop>;
  }
}

interface Shop {
  basket: string[];
  visits?: number;
}

export async function typed(made: Site): Promise<string> {
  const sessions = made.sessions<Shop>({ check: null });
  const session = await sessions.open(undefined);
  // @ts-expect-error there may be none
  session.data.basket.length;
  session.data.basket = [...(session.data.basket ?? []), 'tea'];
  session.data = { basket: [] };
  // @ts-expect-error no number
  session.data.visits = '1';
  // @ts-expect-error no such member
  session.data.baskte = [];
  session.signOn({ sub: 'ada', gen: 7, keep: ['basket'] });
  // @ts-expect-error no such member to keep
  session.signOn({ sub: 'ada', gen: 7, keep: ['baskte'] });
  await sessions.commit(session);
  withSession(sessions, (_, { data }) => Response.json(data.basket?.map((item) => item.length)));
  // @ts-expect-error no list of numbers
  await signedOn(sessions, 'ada', 7, { basket: [1] });
  return signedOn(sessions, 'ada', 7, { basket: ['tea'] });
}

export function inFrameworks(sessions: SessionCookie<Shop>): void {
  express().use(sessionMiddleware(sessions)).get('/', (request, response) => {
    const { data } = request.cretula as Session<Shop>;
    response.json(data.basket?.length);
    // @ts-expect-error no such member
    data.baskte;
  });

  const app = new Hono<{ Variables: SessionVariables<Shop> }>();
  app.use(honoSessions(sessions, { notNow: 'guest', page: (error) => new Response(error.code) }));
  app.get('/', (c) => c.json(c.get('cretula').data.basket?.length));
  // @ts-expect-error no such member
  app.get('/', (c) => c.json(c.var.cretula.data.baskte));
  // @ts-expect-error no such option
  honoSessions(sessions, { notnow: 'guest' });

  const fastify = Fastify();
  fastify.register(sessionPlugin(sessions, { sameSitePosts: true }));
  fastify.get('/', ({ cretula: { data } }) => data.basket?.length);
  // @ts-expect-error no such member
  fastify.get('/', ({ cretula: { data } }) => data.baskte);
  // @ts-expect-error no such option
  sessionPlugin(sessions, { notnow: 'guest' });
}
