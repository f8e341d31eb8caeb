/** Headers that describe the answer that was dropped. */
export const DESCRIBING = [
  'Accept-Ranges', 'Content-Disposition', 'Content-Encoding', 'Content-Language', 'Content-Length', 'Content-Location',
  'Content-Range', 'Content-Type', 'ETag', 'Expires', 'Last-Modified', 'Location', 'Trailer', 'Transfer-Encoding',
];

/**
 * Holds a response of `node:http` from the first call that would send its head: this and all later calls wait, in their
 * order, until `prepare` is done; then `finish` sets the last headers, and they are made. While they wait the response
 * says that its head is sent, and a write that its buffer is full. If `prepare` fails they are dropped, and `dropped`
 * gets the error: the response is as if nothing had been sent, and the answer to the error passes here again.
 *
 * Nothing is put back: others may have wrapped these methods since.
 */
export function holdHead(response, prepare, finish, dropped) {
  const hasMessage = !(response.req?.httpVersionMajor >= 2); // HTTP/2 has no status message, and warns of its use
  let state = 'open'; // 'held' while prepare runs, 'released' after it
  let calls = [];

  for (const name of ['setHeader', 'appendHeader', 'removeHeader']) {
    const original = response[name];
    response[name] = (...args) => {
      if (state === 'held') throw headersSent(name);
      return original.apply(response, args);
    };
  }

  const { writeHead } = response;
  response.writeHead = (status, ...rest) => {
    if (state === 'released') return writeHead.call(response, status, ...rest);
    if (state === 'open') {
      setHead(response, hasMessage, status, ...rest);
      hold();
    } else if (status !== response.statusCode || rest.length > 0) {
      throw headersSent('writeHead'); // but for those who wrap us and see no head yet
    }
    return response;
  };

  for (const [name, answer] of [['write', false], ['end', response], ['flushHeaders', undefined]]) {
    const original = response[name];
    response[name] = (...args) => {
      if (state === 'open') response.writeHead(response.statusCode); // the outermost one: others listen there
      if (state === 'released') return original.apply(response, args);
      calls.push({ name, original, args });
      return answer;
    };
  }

  const waits = (name) => calls.some((call) => call.name === name);

  function hold() {
    state = 'held';
    const status = { statusCode: response.statusCode };
    if (hasMessage) status.statusMessage = response.statusMessage;
    Object.defineProperties(response, {
      headersSent: { configurable: true, get: () => true },
      writableEnded: { configurable: true, get: () => waits('end') },
    });
    prepare().then(() => release(status)).catch(drop);
  }

  function settle(to) {
    state = to;
    delete response.headersSent;
    delete response.writableEnded;
  }

  function release(status) {
    settle('released');
    Object.assign(response, status);
    finish();
    const drains = waits('write') && !waits('end');
    while (calls.length > 0) {
      const { original, args } = calls[0];
      original.apply(response, args);
      calls.shift();
    }
    if (drains && !response.destroyed && !response.writableNeedDrain) response.emit('drain');
  }

  function drop(error) {
    settle('open');
    const callbacks = calls.flatMap(({ args }) => args.filter((arg) => typeof arg === 'function'));
    calls = [];
    for (const callback of callbacks) queueMicrotask(() => callback(error));
    if (response.headersSent) {
      response.destroy(error); // a call that waited was wrong in itself
      return;
    }
    for (const name of DESCRIBING) response.removeHeader(name);
    response.statusCode = 200;
    if (hasMessage) response.statusMessage = undefined;
    dropped(error);
  }
}

/** What writeHead says, set so that headers can still be added. */
function setHead(response, hasMessage, status, ...rest) {
  if (!(status >= 100 && status <= 999)) throw new RangeError(`invalid status code: ${status}`);
  const headers = typeof rest[0] === 'string' ? rest[1] : rest[1] ?? rest[0];
  if (typeof rest[0] === 'string' && hasMessage) response.statusMessage = rest[0];
  response.statusCode = Math.trunc(status);
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
    return;
  }
  const inPairs = headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]]] : []));
  const pairs = Array.isArray(headers[0]) ? headers : inPairs;
  for (const [name] of pairs) response.removeHeader(name);
  for (const [name, value] of pairs) response.setHeader(name, [response.getHeader(name) ?? [], value].flat());
}

function headersSent(name) {
  return Object.assign(new Error(`${name} after the head was sent`), { code: 'ERR_HTTP_HEADERS_SENT' });
}
