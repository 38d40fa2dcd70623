// `npm run simulate -- --seed N [--runs R] [--days D]`: R runs from seed N on, each of D simulated days beside an undisturbed one.
import { parseArgs } from 'node:util';
import { differences } from './compare.js';
import { simulate } from './simulation.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1' },
    days: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
  },
});
const [seed, runs, days] = [Number(values.seed), Number(values.runs), Number(values.days)];
const tell = values.verbose
  ? (timeMs: number, what: string) => console.log(new Date(timeMs).toISOString(), what.slice(0, 400))
  : () => {};
const started = performance.now();
const totals = new Map<string, number>();
let failed = 0;
for (let i = 0; i < runs; i++) {
  const disturbed = await simulate({ seed: seed + i, days, hasFaults: true, tell });
  const undisturbed = await simulate({ seed: seed + i, days, hasFaults: false });
  const problems = [
    ...disturbed.violations,
    ...undisturbed.violations.map((violation) => `undisturbed: ${violation}`),
    ...differences(disturbed, undisturbed),
  ];
  for (const [name, count] of disturbed.faults) totals.set(name, (totals.get(name) ?? 0) + count);
  if (problems.length > 0) {
    failed++;
    console.log(`seed ${seed + i} failed; again: npm run simulate -- --seed ${seed + i} --days ${days}`);
    for (const problem of problems.slice(0, 20)) console.log(`  ${problem}`);
  }
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`${runs} runs of ${days} simulated days in ${seconds} s: ${failed} failed`);
for (const [name, count] of totals) console.log(`  ${String(count).padStart(5)} × ${name}`);
process.exitCode = failed > 0 ? 1 : 0;
