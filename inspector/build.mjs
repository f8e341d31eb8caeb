// Writes dist/index.html: one file that holds page, style and script, and a policy that admits just these.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const bundled = async (file) => {
  const options = {
    bundle: true,
    minify: true,
    charset: 'utf8',
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
  };
  const { outputFiles } = await build({ entryPoints: [here(file)], write: false, ...options });
  return outputFiles[0].text.trim();
};
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const style = await bundled('style.css');
const script = await bundled('src/page.js');
if (/<\/(?:script|style)|<!--/i.test(script + style)) throw new Error('a text that ends its element');
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');
const page = Object.entries({
  policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  style: `<style>${style}</style>`,
  script: `<script>${script}</script>`,
}).reduce(
  (text, [name, part]) => text.replace(`<!-- ${name} -->`, () => part),
  readFileSync(here('index.html'), 'utf8'),
);
mkdirSync(here('dist'), { recursive: true });
writeFileSync(here('dist/index.html'), page);
console.log(`dist/index.html: ${Buffer.byteLength(page)} bytes`);
