import type { Cleanup } from './cleanup.js';
import { startHttpServer } from './http-server.js';
import type { WorkloadSeries } from './workload.js';

/** Serves what the series are at this moment, in Prometheus' text format; returns `host:port`. */
export function startScrapeTarget(cleanup: Cleanup, series: readonly WorkloadSeries[]): Promise<string> {
  return startHttpServer(cleanup, (_request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(exposition(series, Date.now()));
  });
}

function exposition(series: readonly WorkloadSeries[], timeMs: number): string {
  let text = '';
  const described = new Set<string>();
  for (const { name, type, labels, valueAt } of series) {
    const value = valueAt(timeMs);
    if (value === undefined) continue;
    if (!described.has(name)) text += `# TYPE ${name} ${type}\n`;
    described.add(name);
    // JSON escapes the quote, the backslash and the newline as the text format does.
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    text += `${name}{${pairs.join(',')}} ${value}\n`;
  }
  return text;
}
