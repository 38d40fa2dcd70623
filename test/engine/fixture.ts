import { pino } from 'pino';
import { parseConfig } from '#src/config/load.js';
import type { ForecastWriter } from '#src/engine/publish/forecast-writer.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { MarkerStore } from '#src/markers/marker-store.js';
import { decodeLabelBlock, encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { metricNameOf } from '#src/model/labels/metric-name.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { referencesOf } from '#src/model/settings/series-reference.js';
import type { SeriesSettings } from '#src/model/settings/settings.js';
import { SEVERITY_LABEL } from '#src/model/settings/synthetic.js';
import { SeriesStore } from '#src/series/series-store.js';
import { MINUTE } from '../fixtures.js';

export { MINUTE };

/** Where a step of every width used here begins. */
export const START = Date.UTC(2026, 0, 5);

/** A sample as it was handed to the writer. */
export interface Written {
  readonly name: string;
  readonly timeMs: number;
  readonly value: number | 'stale';
}

/** Keeps what is written, with the name a series gets and labels that are added: `m_yhat`, `m_yhat{horizon="1h"}`. */
export class RecordingWriter implements ForecastWriter {
  readonly written: Written[] = [];
  /** Called before each sample that is kept. */
  onAppend = () => {};

  append(
    block: Uint8Array,
    suffix: string,
    extra: { name: string; value: string } | undefined,
    timeMs: number,
    value: number,
  ) {
    return this.#record(block, suffix, extra, timeMs, value);
  }

  appendStale(block: Uint8Array, suffix: string, extra: { name: string; value: string } | undefined, timeMs: number) {
    return this.#record(block, suffix, extra, timeMs, 'stale');
  }

  /** What came since the last call. */
  take(): Written[] {
    return this.written.splice(0);
  }

  #record(
    block: Uint8Array,
    suffix: string,
    extra: { name: string; value: string } | undefined,
    timeMs: number,
    value: number | 'stale',
  ) {
    this.onAppend();
    const severity = decodeLabelBlock(block).filter(({ name }) => name === SEVERITY_LABEL);
    const labels = [...(extra === undefined ? [] : [extra]), ...severity].map(
      ({ name, value }) => `${name}="${value}"`,
    );
    const label = labels.length === 0 ? '' : `{${labels.join(', ')}}`;
    this.written.push({ name: metricNameOf(block) + suffix + label, timeMs, value });
    return true;
  }
}

/** A store with one series `name`, under a rule with these lines of YAML. */
export function storeWith(
  name: string,
  ruleYaml: string,
  externalLabels: readonly string[] = [],
  markers: MarkerStore = new MarkerStore(),
) {
  const config = parseConfig(`rules:\n  - name: test\n    match: ['{__name__=~".+"}']\n    ${ruleYaml}`, '.');
  const rule = config.rules[0]!;
  const store = new SeriesStore({
    ...RECEIVER_DEFAULTS,
    externalLabels,
    chooseRule: () => rule,
    references: referencesOf(config.rules),
    markers,
    seriesIdleTimeoutMs: 60 * MINUTE,
    maxIgnoredBytes: 1e6,
    log: pino({ level: 'silent' }),
  });
  const block = encodeLabelBlock(makeLabels({ __name__: name }));
  const append = (timeMs: number, value: number) => {
    store.beginRequest(timeMs);
    return store.append(store.resolve(block, 0, block.length), timeMs, value);
  };
  /** Appends to any other series; returns its id. */
  const appendTo = (labels: Record<string, string>, timeMs: number, value: number): number => {
    const other = encodeLabelBlock(makeLabels(labels));
    store.beginRequest(timeMs);
    store.append(store.resolve(other, 0, other.length), timeMs, value);
    return [...store.ids()].find((id) => Buffer.compare(store.block(id), other) === 0) ?? [...store.ids()].at(-1)!;
  };
  const appendStale = (timeMs: number) => {
    store.beginRequest(timeMs);
    return store.appendStale(store.resolve(block, 0, block.length), timeMs);
  };
  return { store, append, appendTo, appendStale, rule, settings: rule.settings as SeriesSettings };
}

/** A series with a flat model around `level`, as fitted on 100 steps that alternate 1 above and 1 below it. */
export function trackedAround(level: number, settings: SeriesSettings, id = 0): TrackedSeries {
  const timesMs = Float64Array.from(
    { length: 100 },
    (_, i) => START - (100 - i) * settings.stepMs + settings.stepMs / 2,
  );
  const values = timesMs.map((_, i) => level + (i % 2 === 0 ? 1 : -1));
  const series = new TrackedSeries(id);
  series.model = fitProphet(
    { timesMs, values },
    { ...settings.prophet, growth: 'flat', dailySeasonality: false },
  ).model;
  return series;
}
