// What the page's policy forbids, tried from within the page; and the same tried without the policy, as a control.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Ways out, each with the directive that blocks it. */
const WAYS_OUT = {
  fetch: 'connect-src',
  beacon: 'connect-src',
  eventsource: 'connect-src',
  socket: 'connect-src',
  xhr: 'connect-src',
  image: 'img-src',
  script: 'script-src-elem',
  import: 'script-src-elem',
  style: 'style-src-elem',
  frame: 'frame-src',
  video: 'media-src',
  font: 'font-src',
  object: 'object-src',
  form: 'form-action',
};
/** Ways to run or style something, likewise. */
const WAYS_IN = {
  'inline script': 'script-src-elem',
  'inline handler': 'script-src-attr',
  'inline style': 'style-src-elem',
  'style attribute': 'style-src-attr',
  eval: 'script-src',
  worker: 'worker-src',
  'base address': 'base-uri',
};
/** What Trusted Types add; they come before script-src where both forbid. */
const TYPES = { markup: 'require-trusted-types-for', policy: 'trusted-types' };

export async function policy({ browser, check, file }) {
  const hits = new Set();
  const server = createServer((request, response) => {
    hits.add(request.url.slice(1).split('?')[0]);
    response.end();
  })
    .on('upgrade', (request, socket) => {
      hits.add(request.url.slice(1));
      socket.destroy();
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = `http://127.0.0.1:${server.address().port}/`;
  const folder = mkdtempSync(path.join(tmpdir(), 'inspector-'));
  try {
    await check('the policy stands before everything it governs', async () => {
      const text = readFileSync(file, 'utf8');
      const [meta] = text.match(/<meta http-equiv="Content-Security-Policy"[^>]*>/);
      const directives = meta.match(/content="([^"]*)"/)[1].split('; ');
      assert.deepEqual(
        directives.map((one) => one.replace(/'sha256-[A-Za-z0-9+/]{43}='/, 'HASH')),
        [
          "default-src 'none'",
          'script-src HASH',
          'style-src HASH',
          "connect-src 'none'",
          "base-uri 'none'",
          "form-action 'none'",
          "require-trusted-types-for 'script'",
          "trusted-types 'none'",
        ],
      );
      assert.equal(
        text.slice(0, text.indexOf(meta)).replace(/\s+/g, ''),
        '<!doctypehtml><htmllang="en"><head><metacharset="utf-8">',
      );
      const source = text.replace(meta, '');
      for (const pattern of [
        / style="/,
        / on[a-z]+="/,
        /\shref=/,
        /\ssrc=/,
        /\saction=/,
        /https?:\/\//,
        /localStorage|sessionStorage|indexedDB|innerHTML|location\b|RTCPeer/,
      ]) {
        assert.doesNotMatch(source, pattern);
      }
    });

    const variant = (name, change) => {
      const copy = path.join(folder, `${name}.html`);
      writeFileSync(
        copy,
        readFileSync(file, 'utf8').replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, change),
      );
      return copy;
    };
    const blocked = await attempt(browser, file, target);
    const untyped = variant('untyped', (meta) =>
      meta.replace(/; require-trusted-types-for 'script'; trusted-types 'none'/, ''),
    );
    const blockedUntyped = await attempt(browser, untyped, target);
    for (const [way, directive] of Object.entries({ ...WAYS_OUT, ...WAYS_IN, ...TYPES })) {
      await check(`blocked: ${way}, by ${directive}`, async () => {
        assert.ok(
          blocked[way].some((one) => one === directive || one === 'require-trusted-types-for'),
          `${way}: ${blocked[way]}`,
        );
        if (!Object.hasOwn(TYPES, way))
          assert.ok(blockedUntyped[way].includes(directive), `${way}: ${blockedUntyped[way]}`);
      });
    }
    await check('blocked: nothing arrived, nothing ran', async () => {
      assert.deepEqual([...hits], []);
      assert.deepEqual(blocked.ran, []);
      assert.deepEqual(blockedUntyped.ran.sort(), Object.keys(TYPES).sort());
    });

    await check('the control: without the policy all of it arrives and runs', async () => {
      const { ran } = await attempt(browser, variant('control', ''), target);
      assert.deepEqual([...hits].sort(), Object.keys(WAYS_OUT).sort());
      assert.deepEqual(ran.sort(), Object.keys({ ...WAYS_IN, ...TYPES }).sort());
    });
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
}

/** Tries everything on a fresh page, one after the other; gives the directives that each violated, and what ran. */
async function attempt(browser, file, target) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  const result = await page.evaluate(tryAll, target);
  await context.close();
  return result;
}

/** Runs in the page. */
async function tryAll(target) {
  const violations = [];
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => violations.push(effectiveDirective));
  const make = (tag, values, text = '') => {
    const element = Object.assign(document.createElement(tag), values);
    element.append(text);
    document.body.append(element);
    return element;
  };
  const to = (name) => `${target}${name}`;
  const ran = [];
  globalThis.ran = (name) => ran.push(name);
  const ways = {
    fetch: () => fetch(to('fetch'), { mode: 'no-cors' }),
    beacon: () => navigator.sendBeacon(to('beacon'), 'x'),
    eventsource: () => new EventSource(to('eventsource')),
    socket: () => new WebSocket(to('socket').replace('http', 'ws')),
    xhr: () => {
      const request = new XMLHttpRequest();
      request.open('GET', to('xhr'));
      request.send();
    },
    image: () => make('img', { src: to('image') }),
    script: () => make('script', { src: to('script') }),
    import: () => import(to('import')),
    style: () => make('link', { rel: 'stylesheet', href: to('style') }),
    frame: () => make('iframe', { src: to('frame') }),
    video: () => make('video', { src: to('video') }),
    font: () => new FontFace('x', `url(${to('font')})`).load(),
    object: () => make('object', { data: to('object') }),
    form: () => {
      make('iframe', { name: 'sink' });
      make('form', { action: to('form'), target: 'sink' }).submit();
    },
    'inline script': () => make('script', {}, 'ran("inline script")'),
    'inline handler': () => {
      const button = make('button', {});
      button.setAttribute('onclick', 'ran("inline handler")');
      button.click();
    },
    'inline style': () => {
      make('style', {}, 'h1 { margin-top: 77px }');
      if (getComputedStyle(document.querySelector('h1')).marginTop === '77px') ran.push('inline style');
    },
    'style attribute': () => {
      const one = make('p', {});
      one.setAttribute('style', 'margin-top: 78px');
      if (getComputedStyle(one).marginTop === '78px') ran.push('style attribute');
    },
    eval: () => globalThis.eval('ran("eval")'),
    worker: () => {
      const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));
      return new Promise((resolve) => {
        worker.onmessage = () => resolve(ran.push('worker'));
        worker.onerror = resolve;
      });
    },
    'base address': () => {
      const base = Object.assign(document.createElement('base'), { href: target });
      document.head.append(base);
      if (document.baseURI === target) ran.push('base address');
      base.remove();
    },
    markup: () => {
      make('div', {}).innerHTML = '<b>x</b>';
      ran.push('markup');
    },
    policy: () => {
      globalThis.trustedTypes.createPolicy('any', {});
      ran.push('policy');
    },
  };
  const found = {};
  for (const [name, run] of Object.entries(ways)) {
    violations.length = 0;
    // From a timer: what the test's own call may do does not reach in there.
    await new Promise((resolve) => {
      setTimeout(() =>
        Promise.resolve()
          .then(run)
          .catch(() => {})
          .then(() => setTimeout(resolve, 150)),
      );
    });
    found[name] = violations.slice();
  }
  return { ...found, ran };
}
