// `npm run fuzz -- TARGET [--seconds S] [--executions N] [--seed N] [--keep]`: without a target it lists them; `all` takes one after the other.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CORPUS_FOLDER, readCorpus } from './corpus.js';
import { fuzz } from './fuzz.js';
import { TARGETS } from './targets/targets.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    executions: { type: 'string' },
    seed: { type: 'string' },
    /** Adds what reached something new to the corpus, the last 20 of up to 200 bytes. */
    keep: { type: 'boolean', default: false },
  },
});
const chosen = TARGETS.filter(({ name }) => positionals[0] === 'all' || name === positionals[0]);
if (chosen.length === 0) {
  console.error(
    `usage: npm run fuzz -- TARGET, where TARGET is all or one of: ${TARGETS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const MAX_MS = 1_000;
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
for (const target of chosen) {
  const startMs = performance.now();
  const { executions, covered, corpus, crash } = await fuzz(target, {
    seed,
    seconds: Number(values.seconds),
    maxMs: MAX_MS,
    executions: Number(values.executions ?? Infinity),
    corpus: readCorpus(target.name),
  });
  const seconds = (performance.now() - startMs) / 1000;
  console.log(
    `${target.name}: ${executions} executions in ${seconds.toFixed(0)} s (${Math.round(executions / seconds)}/s), ${covered} characters covered, corpus of ${corpus.length}, seed ${seed}`,
  );
  const kept = values.keep ? corpus.filter(({ length }) => length <= 200).slice(-20) : [];
  for (const input of crash === undefined ? kept : [...kept, crash.input]) save(target.name, input);
  if (crash === undefined) continue;
  process.exitCode = 1;
  console.log(`  fails, and is in the corpus now: ${Buffer.from(crash.input).toString('hex').slice(0, 400)}`);
  console.log(`  ${crash.error instanceof Error ? crash.error.stack : crash.error}`);
}

function save(target: string, input: Uint8Array): void {
  const folder = join(CORPUS_FOLDER, target);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, createHash('sha256').update(input).digest('hex').slice(0, 16)), input);
}
