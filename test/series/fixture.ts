import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import type { SampleOutcome } from '#src/model/samples/write-sink.js';
import type { SeriesReference } from '#src/model/settings/series-reference.js';
import type { Rule, SeriesSettings } from '#src/model/settings/settings.js';
import type { ChooseRule } from '#src/series/series-registry.js';
import { SeriesStore, type SeriesStoreOptions } from '#src/series/series-store.js';
import { DAY, HOUR, MINUTE, makeSettings } from '../fixtures.js';

/** A round time in 2023, on a boundary of every bucket width up to a day. */
export const T0 = 19_500 * DAY;

export function makeRule(changes: Partial<SeriesSettings> = {}): Rule {
  return { name: 'test', selectors: [], settings: makeSettings(changes) };
}

/** A store that tracks everything by one rule. Its clock stands at T0 until `beginRequest`. */
export function makeStore(
  options: Partial<SeriesStoreOptions> = {},
  settings: Partial<SeriesSettings> = {},
): SeriesStore {
  const rule = makeRule(settings);
  const store = new SeriesStore({
    chooseRule: () => rule,
    externalLabels: ['replica'],
    maxSeries: 1000,
    maxLabels: 30,
    maxLabelNameBytes: 256,
    maxLabelValueBytes: 2048,
    maxFutureMs: 10 * MINUTE,
    seriesIdleTimeoutMs: HOUR,
    maxIgnoredBytes: 1 << 20,
    log: { warn: () => {} },
    ...options,
  });
  store.beginRequest(T0);
  return store;
}

/** Finds the series of labels as a request would: its canonical block amidst other bytes. */
export function resolve(store: SeriesStore, labels: Record<string, string>): number {
  return resolveBlock(store, encodeLabelBlock(makeLabels(labels)));
}

export function resolveBlock(store: SeriesStore, block: Uint8Array): number {
  const request = new Uint8Array(block.length + 5).fill(0xee);
  request.set(block, 3);
  const ref = store.resolve(request, 3, 3 + block.length);
  if (ref < 0) store.countUntracked(ref);
  return ref;
}

/** The block of labels in the order given, as no Prometheus sends it but others may. */
export function encodeInOrder(...labels: [name: string, value: string][]): Uint8Array {
  return encodeLabelBlock(labels.map(([name, value]) => ({ name, value })));
}

/** Sends one sample as a request of its own, its time being the clock's. */
export function send(store: SeriesStore, labels: Record<string, string>, timeMs: number, value: number): SampleOutcome {
  store.beginRequest(timeMs);
  return store.append(resolve(store, labels), timeMs, value);
}

/** Requests of others from after a time until another: by these series grow idle. */
export function othersSend(store: SeriesStore, afterMs: number, untilMs: number): void {
  for (let nowMs = afterMs + 5 * MINUTE; nowMs < untilMs; nowMs += 5 * MINUTE) store.beginRequest(nowMs);
  store.beginRequest(untilMs);
}

/** The id of the only series. */
export function onlyId(store: SeriesStore): number {
  const [id, ...others] = store.ids();
  if (id === undefined || others.length > 0) throw new Error(`expected one series, got ${store.size}`);
  return id;
}

/** Has new rules apply to every series. */
export function applyRules(
  store: SeriesStore,
  chooseRule: ChooseRule,
  references: readonly SeriesReference[] = [],
): void {
  for (const _ of store.setRules(chooseRule, references));
}
