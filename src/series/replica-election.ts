import { LOOKBACK_MS } from '../model/samples/staleness.js';
import type { SeriesRegistry } from './series-registry.js';
import { NONE } from './series-table.js';

/** Samples of this time without the elected replica, and another is elected (Mimir's HA tracker: 30 s). */
const MIN_TIMEOUT_MS = 30_000;
/** The elected replica is only late up to this many times its usual interval. */
const TIMEOUT_INTERVALS = 1.5;

/** Which of the replicas that send a series is listened to. Where one alone sends it, that one. */
export class ReplicaElection {
  readonly #series: SeriesRegistry;

  constructor(series: SeriesRegistry) {
    this.#series = series;
  }

  /** Whether a sample is of another replica than the elected one, which still sends. Changes nothing. */
  isOther(id: number, ref: number, timeMs: number): boolean {
    const { table, index } = this.#series;
    const elected = table.electedReplica[id];
    const isOther = elected !== NONE && elected !== index.replicaOf(ref);
    return isOther && timeMs - table.heardMs(id) <= this.#timeoutMs(id) && !(timeMs > table.endedAtMs[id]!);
  }

  /** Takes in that a replica which is not elected sent a sample. */
  noteOther(id: number, timeMs: number): void {
    this.#series.table.otherReplicaMs[id] = timeMs;
  }

  /** Takes in that it sent a stale marker. */
  noteOtherEnded(id: number): void {
    this.#series.table.otherReplicaMs[id] = Number.NaN;
  }

  elect(id: number, ref: number): void {
    this.#series.table.electedReplica[id] = this.#series.index.replicaOf(ref);
  }

  /** At a stale marker of the elected replica: whether another still sends the series. Then its next sample elects it. */
  giveUp(id: number, timeMs: number): boolean {
    const { table } = this.#series;
    if (!(timeMs - table.otherReplicaMs[id]! <= this.#timeoutMs(id))) return false;
    table.electedReplica[id] = NONE;
    table.otherReplicaMs[id] = Number.NaN;
    return true;
  }

  /** Time of the newest sample of any replica, of whatever value; NaN before the first. */
  heardOfAnyMs(id: number): number {
    const { table } = this.#series;
    const heardMs = table.heardMs(id);
    const otherMs = table.otherReplicaMs[id]!;
    return otherMs > heardMs ? otherMs : heardMs;
  }

  /** A replica that is scraped every few minutes is not gone between two scrapes. */
  #timeoutMs(id: number): number {
    const intervalMs = this.#series.table.intervalMs[id]!;
    // After a single sample it is not known when the next is due.
    if (Number.isNaN(intervalMs)) return LOOKBACK_MS;
    return Math.max(MIN_TIMEOUT_MS, TIMEOUT_INTERVALS * intervalMs);
  }
}
