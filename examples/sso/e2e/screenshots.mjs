// One picture of the five pages, for the README.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../docs/pages.png', import.meta.url));
const SIZE = { width: 460, height: 362 };

export async function screenshots({ servers, open }) {
  const visitor = await open({ colorScheme: 'light', viewport: SIZE });
  await visitor.signOn(servers[0]);
  for (const [at, server] of [...servers.entries()].slice(1)) {
    await visitor.look(server);
    await visitor.press('save', { text: 'Tea at five', next: servers[(at + 1) % servers.length].name });
  }
  const pictures = [];
  for (const server of servers) {
    await visitor.look(server);
    pictures.push(await visitor.page.screenshot());
  }
  const sheet = await open({ viewport: { width: 1_240, height: 660 }, colorScheme: 'light' });
  const images = pictures.map((png) => `<img src="data:image/png;base64,${png.toString('base64')}">`);
  await sheet.page.setContent(`<style>
    body { display: flex; flex-wrap: wrap; justify-content: center; gap: 10px; margin: 0; padding: 10px; background: #ccc; }
    img { width: 400px; border-radius: 6px; }
  </style>${images.join('')}`);
  await sheet.page.screenshot({ path: FILE, fullPage: true });
  console.log(`docs/pages.png ${readFileSync(FILE).length} octets`);
}
