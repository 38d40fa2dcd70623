// How many ordinary days are told right: `npm run bench -- ordinary-days [--seeds N] [--first SEED] [--kind K] [--show]`.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Piscina } from 'piscina';
import { KINDS } from '../ordinary-days/kinds.js';

/** The share of instances that are told right, by kind; `--show` prints what is wrong with the others. */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '20' },
      first: { type: 'string', default: '1' },
      kind: { type: 'string', multiple: true, default: Object.keys(KINDS) },
      show: { type: 'boolean', default: false },
    },
  });
  const first = Number(values.first);
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => first + i);
  const pool = new Piscina({
    filename: join(import.meta.dirname, 'ordinary-days-worker.js'),
    maxThreads: availableParallelism(),
  });
  const shares: Record<string, number> = {};
  try {
    for (const kind of values.kind) {
      const judged: { text: string; faults: string[] }[] = await Promise.all(
        seeds.map((seed) => pool.run({ kind, seed })),
      );
      shares[kind] = judged.filter(({ faults }) => faults.length === 0).length / seeds.length;
      console.log(`${kind.padEnd(14)}${(100 * shares[kind]).toFixed(0).padStart(4)} %`);
      if (values.show)
        judged.forEach(({ text, faults }, i) => {
          if (faults.length > 0) console.log(`  ${seeds[i]} ${text}\n      ${faults.join('; ')}`);
        });
    }
  } finally {
    await pool.destroy();
  }
  return { seeds: seeds.length, ...shares };
}
