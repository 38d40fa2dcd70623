/** The samples of a `/metrics` page. */
export class MetricsPage {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Sum over the samples of a metric whose labels include all of `labels`; `undefined` where there is no such sample. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    let total: number | undefined;
    for (const line of this.text.split('\n')) {
      const [, metric, labelText = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      if (metric !== name) continue;
      if (!Object.entries(labels).every(([key, wanted]) => labelText.includes(`${key}="${wanted}"`))) continue;
      total = (total ?? 0) + Number(value);
    }
    return total;
  }
}

/** Reads the metrics of a server under `url`. */
export async function readMetrics(url: string): Promise<MetricsPage> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${url}/metrics: ${response.status} ${text}`);
  return new MetricsPage(text);
}
