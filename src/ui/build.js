// Bundles the page into dist/page: index.html, and under assets/ what it needs, named by hashes of the contents.
// Beside every file that is text lie its .br and .gz.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const source = import.meta.dirname;
const target = join(source, '../../dist/page');

await rm(target, { recursive: true, force: true });
await mkdir(join(target, 'assets'), { recursive: true });

const { outputFiles } = await build({
  entryPoints: [join(source, 'main.ts'), join(source, 'page.css'), join(source, 'icon.svg')],
  outdir: join(target, 'assets'),
  entryNames: '[name]-[hash]',
  loader: { '.svg': 'copy' },
  bundle: true,
  minify: true,
  format: 'esm',
  // What has light-dark(), AbortSignal.any() and toSorted(): all browsers since the middle of 2024.
  target: ['chrome123', 'firefox124', 'safari17.5'],
  legalComments: 'none',
  write: false,
});

/** Address of the only asset of a kind, from the page. */
function asset(extension) {
  const file = outputFiles.find(({ path }) => path.endsWith(extension));
  return `assets/${basename(file.path)}`;
}

const template = await readFile(join(source, 'index.html'), 'utf8');
const addresses = { icon: asset('.svg'), style: asset('.css'), script: asset('.js') };
const index = template.replace(/\{\{(\w+)\}\}/g, (_, name) => addresses[name]);

const files = [{ path: join(target, 'index.html'), contents: Buffer.from(index) }, ...outputFiles];
let gzipBytes = 0;
for (const { path, contents } of files) {
  const gzip = gzipSync(contents, { level: 9 });
  const brotli = brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await Promise.all([writeFile(path, contents), writeFile(`${path}.gz`, gzip), writeFile(`${path}.br`, brotli)]);
  gzipBytes += gzip.length;
}
console.log(`page: ${files.length} files, ${(gzipBytes / 1024).toFixed(1)} KiB with gzip`);
