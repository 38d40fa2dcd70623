import type { Excluded } from '../../series/series-snapshot.js';
import type { SeriesStore } from '../../series/series-store.js';
import { decodeSnapshot, encodeSnapshot, type ReadBytes } from '../../series/snapshot/snapshot-format.js';
import { forgetFit } from '../series/fit-state.js';
import type { FormerCurves } from '../series/former-curves.js';
import { readFutureUntil, restoreTracked, saveTracked } from '../series/tracked-record.js';
import { TrackedSeries } from '../series/tracked-series.js';

/** What was restored from a snapshot. */
export interface Restored {
  /** By id. */
  readonly series: ReadonlyMap<number, TrackedSeries>;
  readonly takenAtMs: number;
  /** How many series were excluded, by reason. */
  readonly excluded: Readonly<Partial<Record<Excluded | 'idle', number>>>;
}

/** A snapshot of a store and of the state of its tracked series, in pieces as `encodeSnapshot` yields them. */
export function saveSnapshot(
  store: SeriesStore,
  tracked: readonly (TrackedSeries | undefined)[],
  nowMs: number,
): Iterable<Uint8Array> {
  return encodeSnapshot(nowMs, store.ids(), (id, record) => {
    store.saveSeries(id, record);
    saveTracked(tracked[id] ?? new TrackedSeries(id), record);
  });
}

/**
 * Adds the series of an older snapshot that the store has not, as far as there is room now. Rejects for one that is damaged,
 * with the series before the damage added.
 */
export async function restoreLeftOut(
  store: SeriesStore,
  read: ReadBytes,
  nowMs: number,
  series: Map<number, TrackedSeries>,
): Promise<Restored> {
  const excluded: Partial<Record<Excluded, number>> = {};
  let takenAtMs = Number.NaN;
  await decodeSnapshot(read, (record, snapshotMs) => {
    takenAtMs = snapshotMs;
    const id = store.restoreSeries(record, nowMs);
    if (typeof id !== 'number') {
      excluded[id] = (excluded[id] ?? 0) + 1;
      return;
    }
    series.set(id, restoreTracked(id, record, store.settings(id).prophet));
    // What came while it had no place did not count for it.
    store.touch(id);
    if (Number.isNaN(store.newestSampleMs(id))) forgetFit(series.get(id)!);
  });
  return { series, takenAtMs, excluded };
}

/**
 * Fills an empty store from a snapshot, by the present rules. Rejects for anything but a complete and undamaged snapshot,
 * and leaves the store empty. `former` keeps up to where the curves of series were written that are left out.
 */
export async function restoreSnapshot(
  store: SeriesStore,
  read: ReadBytes,
  nowMs: number,
  former: FormerCurves,
): Promise<Restored> {
  const series = new Map<number, TrackedSeries>();
  const excluded: Partial<Record<Excluded | 'idle', number>> = {};
  let takenAtMs = Number.NaN;
  try {
    await decodeSnapshot(read, (record, snapshotMs) => {
      takenAtMs = snapshotMs;
      const again = record.again();
      const id = store.restoreSeries(record, nowMs);
      if (typeof id === 'number') {
        series.set(id, restoreTracked(id, record, store.settings(id).prophet));
        return;
      }
      excluded[id] = (excluded[id] ?? 0) + 1;
      former.add(store.skipSeries(again), readFutureUntil(again));
    });
  } catch (error) {
    store.clear();
    throw error;
  }
  const idle = store.sweepIdle((id) => former.add(store.blockView(id), series.get(id)!.futureUntilMs));
  if (idle > 0) excluded.idle = idle;
  const there = new Set(store.ids());
  for (const id of series.keys()) if (!there.has(id)) series.delete(id);
  for (const tracked of series.values()) {
    // Its rings had to start empty: the model was fitted to other values.
    if (Number.isNaN(store.newestSampleMs(tracked.id))) forgetFit(tracked);
  }
  return { series, takenAtMs, excluded };
}
