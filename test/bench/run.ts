// `npm run bench -- NAME [options]` runs test/bench/NAME.bench.ts: a table for people, then one line of JSON.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const suffix = '.bench.js';
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length));
const [, , name = '', ...options] = process.argv;
if (!names.includes(name)) {
  console.error(`usage: npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(2);
}
const { bench } = (await import(join(import.meta.dirname, name + suffix))) as {
  bench: (options: string[]) => Promise<Record<string, unknown>>;
};
console.log(JSON.stringify({ bench: name, ...(await bench(options)) }));
