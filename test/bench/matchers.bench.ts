import { makeLabels } from '#src/model/labels/labels.js';
import { compileMatchers } from '#src/model/labels/matcher.js';

const SERIES = Array.from({ length: 10_000 }, (_, i) =>
  makeLabels({
    __name__: i % 3 === 0 ? 'node_cpu_seconds_total' : `container_metric_${i % 200}`,
    instance: `10.0.${i % 256}.7:9100`,
    job: i % 2 === 0 ? 'node' : 'kubelet',
    namespace: `team-${i % 20}`,
  }),
);

/** One way each to ask for the same series; the last two say what the first ones would cost in the regex engine. */
const EXPRESSIONS = {
  equal: { type: '=', value: 'node_cpu_seconds_total' },
  alternatives: { type: '=~', value: 'up|node_cpu_seconds_total|node_load1' },
  prefix: { type: '=~', value: 'node_.+' },
  alternativesByRegex: { type: '=~', value: '(?:(?:)up|node_cpu_seconds_total|node_load1)' },
  prefixByRegex: { type: '=~', value: '(?:node_.+)' },
} as const;

/** How long it takes to hold a series against a matcher, by what the matcher is. */
export async function bench(): Promise<Record<string, unknown>> {
  const nsPerMatch: Record<string, number> = {};
  for (const [kind, { type, value }] of Object.entries(EXPRESSIONS)) {
    const matches = compileMatchers([{ name: '__name__', type, value }]);
    const rounds = 20;
    let found = SERIES.filter(matches).length;
    const start = process.hrtime.bigint();
    for (let round = 0; round < rounds; round++) {
      for (const labels of SERIES) if (matches(labels)) found++;
    }
    nsPerMatch[kind] = Math.round(Number(process.hrtime.bigint() - start) / (rounds * SERIES.length));
    console.log(
      `${kind.padEnd(20)} ${String(nsPerMatch[kind]).padStart(6)} ns a series (${found / (rounds + 1)} found)`,
    );
  }
  return { nsPerMatch };
}
