import type { AlarmLaneJson } from './json/alarms.js';

/** A range of time, cut into equal points. */
export interface LaneGrid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly points: number;
}

/** The alarms of one group of series over time. */
export class AlarmLane {
  readonly name: string;
  /** Alarms within the range. */
  alarms = 0;
  readonly #grid: LaneGrid;
  /** By how many more alarms there are from a point on than at the one before. */
  readonly #changes: Int32Array;
  #series = 0;
  #anomalous = 0;

  constructor(name: string, grid: LaneGrid) {
    this.name = name;
    this.#grid = grid;
    this.#changes = new Int32Array(grid.points + 1);
  }

  addSeries(isAnomalous: boolean): void {
    this.#series++;
    if (isAnomalous) this.#anomalous++;
  }

  addAlarm({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
    const { startMs, stepMs, points } = this.#grid;
    const first = Math.max(0, Math.floor((fromMs - startMs) / stepMs));
    const end = Math.min(points, Math.ceil((toMs - startMs) / stepMs));
    if (first >= end) return;
    this.alarms++;
    this.#changes[first]!++;
    this.#changes[end]!--;
  }

  toJson(): AlarmLaneJson {
    let count = 0;
    const counts = Array.from(this.#changes.subarray(0, this.#grid.points), (change) => (count += change));
    return { name: this.name, series: this.#series, anomalous: this.#anomalous, alarms: this.alarms, counts };
  }
}
