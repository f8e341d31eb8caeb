// The pictures in docs, of published examples only.
import { fileURLToPath } from 'node:url';
import { openOn } from './checks/opening.mjs';

const pathOf = (name) => fileURLToPath(new URL(`../docs/${name}.png`, import.meta.url));

export async function screenshots(newPage) {
  const pictures = [
    { name: 'bytes', size: { width: 1180, height: 1190 }, given: {} },
    { name: 'steps', size: { width: 1180, height: 3200 }, given: { now: '1790009999' }, part: '.columns' },
    { name: 'phone', size: { width: 320, height: 1240, colorScheme: 'dark' }, given: {} },
  ];
  for (const { name, size, given, part } of pictures) {
    const { page, done } = await newPage(size);
    await openOn(page, given);
    await page.evaluate(() => {
      document.activeElement.blur();
      document.getElementById('token').scrollTop = 0;
      scrollTo(0, 0);
    });
    await page.mouse.move(0, 0);
    const clip = part === undefined ? undefined : await page.locator(part).boundingBox();
    if (clip !== undefined) {
      for (const [side, by] of Object.entries({ x: -16, y: -8, width: 32, height: 24 })) clip[side] += by;
    }
    await page.screenshot({ path: pathOf(name), clip });
    await done();
  }
}
