/** For tests of an application: returns the Cookie header value of a user who is signed on. */
export async function signedOn(sessions, sub, gen, data = {}) {
  const session = await sessions.open([]);
  session.signOn({ sub, gen });
  session.data = data;
  const { headers } = await sessions.commit(session);
  const lines = headers.filter(([name]) => name === 'Set-Cookie').map(([, line]) => line);
  return lines.map((line) => line.split(';')[0]).join('; ');
}
