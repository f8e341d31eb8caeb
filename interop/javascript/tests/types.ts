/** Checked by `tsc --noEmit`, not run: the declarations serve a caller. */
import { Context, CretulaError, Keyring, LiveKeyring, Sealer, SessionCookie, Sessions, Unsealer } from 'cretula';
import { withSession } from 'cretula/fetch';
import { testRing } from 'cretula/hazmat';

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
