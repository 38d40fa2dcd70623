import { parse } from 'yaml';
import { OWN_OUTPUT, SERIES_MISSING } from '#src/model/settings/synthetic.js';
import { readText } from '../deploy/repository.js';
import type { Cleanup } from './cleanup.js';
import { freePort } from './port.js';
import { type Prometheus, type RelabelConfig, startPrometheus } from './prometheus.js';
import { query } from './promql.js';
import { sendSeries } from './remote-write.js';
import { startScrapeTarget } from './scrape-target.js';
import { type Sentio, startSentio } from './sentio.js';
import { eventually } from './wait.js';
import { DAY_MS, Shop } from './workload.js';

/** The labels that remote-write adds on the way out and that Sentio takes off again. */
export const EXTERNAL_LABELS = { cluster: 'test', replica: 'a' };

interface PrometheusFile {
  readonly remote_write: readonly { readonly write_relabel_configs: readonly RelabelConfig[] }[];
}

/** What the shipped configuration tells Prometheus not to send back to Sentio. */
export const SHIPPED_WRITE_RELABEL_CONFIGS = (parse(readText('deploy/prometheus/prometheus.yml')) as PrometheusFile)
  .remote_write[0]!.write_relabel_configs;

/** A selector of what Sentio derives from series that are there. */
export const SYNTHETIC = `{__name__=~"${OWN_OUTPUT}", __name__!="${SERIES_MISSING}"}`;

/** The configuration of the fast clock: a step is a second, a day a minute, a fortnight a quarter of an hour. */
export function fastClock(targets: readonly object[]): object {
  return {
    remote_write: targets,
    receiver: { external_labels: Object.keys(EXTERNAL_LABELS) },
    rules: [
      {
        name: 'shop',
        match: ['{job="shop"}'],
        step: '1s',
        history: '20m',
        horizon: '5m',
        horizons: ['10s'],
        refit_interval: '20s',
        prophet: {
          interval_width: 0.99,
          daily_seasonality: false,
          weekly_seasonality: false,
          yearly_seasonality: false,
          seasonalities: [{ name: 'day', period: `${DAY_MS / 1_000}s`, fourier_order: 3 }],
        },
      },
    ],
  };
}

/** A shop that Prometheus scrapes each second, Prometheus and Sentio, wired both ways. */
export interface Loop {
  readonly shop: Shop;
  readonly prometheus: Prometheus;
  readonly sentio: Sentio;
  /** Labels that scraping gives every series of the shop. */
  readonly scrapeLabels: Readonly<Record<string, string>>;
}

/** Starts the loop with fifteen days of the past already in Sentio, and waits until the first forecast has come round. */
export async function startLoop(
  cleanup: Cleanup,
  options: { writeRelabelConfigs: readonly RelabelConfig[] },
): Promise<Loop> {
  const shop = new Shop();
  const instance = await startScrapeTarget(cleanup, shop.series);
  const port = await freePort();
  const sentio = await startSentio(
    cleanup,
    fastClock([{ name: 'prometheus', url: `http://127.0.0.1:${port}/api/v1/write` }]),
  );
  const scrapeLabels = { instance, job: 'shop' };
  await sendPast(sentio, shop, scrapeLabels);
  const prometheus = await startPrometheus(cleanup, {
    port,
    scrapeTargets: [instance],
    externalLabels: EXTERNAL_LABELS,
    remoteWriteUrl: sentio.writeUrl,
    writeRelabelConfigs: options.writeRelabelConfigs,
  });
  await eventually(
    'forecasts of what is scraped have come round',
    async () => (await query(prometheus.url, 'shop_orders - shop_orders_yhat')).length === 2,
  );
  return { shop, prometheus, sentio, scrapeLabels };
}

/** Sends Sentio what a Prometheus would have sent it in the last fifteen days of the fast clock. */
export async function sendPast(sentio: Sentio, shop: Shop, scrapeLabels: Record<string, string>): Promise<void> {
  const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
  await sendSeries(sentio.writeUrl, shop.past({ ...scrapeLabels, ...EXTERNAL_LABELS }, nowMs - 15 * DAY_MS, nowMs));
}
