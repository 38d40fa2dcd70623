import type { Cleanup } from '../harness/cleanup.js';
import { type SeriesPoints, sendSeries } from '../harness/remote-write.js';
import { type Sentio, startSentio } from '../harness/sentio.js';

const STEP_MS = 1_000;
const HISTORY_MS = 5 * 60_000;

type Labels = Readonly<Record<string, string>>;

/** Of two jobs, and two of one name. */
export const FOUR_SERIES = [
  { __name__: 'cpu_usage_percent', instance: 'web-1', job: 'web' },
  { __name__: 'cpu_usage_percent', instance: 'web-2', job: 'web' },
  { __name__: 'memory_usage_bytes', instance: 'web-1', job: 'web' },
  { __name__: 'queue_length', instance: 'db-1', job: 'db' },
];

/** Made-up series that send a sample a second, wave a little, and can be made to jump. */
export class Fleet {
  readonly #labels: readonly Labels[];
  /** Names of the metrics that are far from where they should be. */
  readonly struck = new Set<string>();

  constructor(labels: readonly Labels[]) {
    this.#labels = labels;
  }

  /** Sends the last minutes, and from then on every second until the test ends. Sends nothing while the server is gone. */
  async send(cleanup: Cleanup, sentio: Sentio): Promise<void> {
    await this.sendHistory(sentio);
    let sending: Promise<void> | undefined;
    const timer = setInterval(() => {
      sending ??= sendSeries(sentio.writeUrl, this.#points(Date.now(), Date.now()))
        .catch(() => {})
        .finally(() => {
          sending = undefined;
        });
    }, STEP_MS / 2);
    cleanup.add(() => {
      clearInterval(timer);
      return sending;
    });
  }

  async sendHistory(sentio: Sentio): Promise<void> {
    const now = Date.now();
    await sendSeries(sentio.writeUrl, this.#points(now - HISTORY_MS, now));
  }

  #points(fromMs: number, toMs: number): SeriesPoints[] {
    const times: number[] = [];
    for (let timeMs = fromMs; timeMs <= toMs; timeMs += STEP_MS) times.push(timeMs);
    return this.#labels.map((labels, i) => ({
      labels,
      points: times.map((timeMs) => ({ timeMs, value: this.#value(labels, i, timeMs) })),
    }));
  }

  #value({ __name__ = '' }: Labels, series: number, timeMs: number): number {
    const wave = Math.sin(timeMs / 7_919 + series) + Math.sin(timeMs / 1_237 + 2 * series);
    return 50 + wave + (this.struck.has(__name__) ? 200 : 0);
  }
}

/** Starts a server whose steps last a second, with these targets and markers, and with one rule for web series and one for all others. */
export function startFastSentio(
  cleanup: Cleanup,
  targets: readonly object[] = [],
  markers: readonly object[] = [],
): Promise<Sentio> {
  const rule = { step: '1s', history: '20m', horizon: '10m', refit_interval: '1m' };
  return startSentio(cleanup, {
    remote_write: targets,
    markers,
    rules: [
      { name: 'web', match: ['{job="web"}'], ...rule },
      { name: 'rest', match: ['{__name__=~".+"}'], ...rule },
    ],
  });
}
