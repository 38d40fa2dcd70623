/** A stretch of time in which a series was in alarm. */
export interface Incident {
  readonly fromMs: number;
  readonly toMs: number;
  /** 1 if it was above what was expected when its score was highest, −1 below. */
  readonly side: number;
  readonly peakScore: number;
}

/** The last ones, for people who ask whether it has happened before. */
const MAX_INCIDENTS = 8;
/** Alarms closer than this, or than two steps, are one for whoever is called. */
const MIN_QUIET_MS = 10 * 60_000;

/** The last alarms of a series, in order of time. */
export class Incidents {
  #list: Incident[] = [];

  get list(): readonly Incident[] {
    return this.#list;
  }

  set list(incidents: readonly Incident[]) {
    this.#list = incidents.slice(-MAX_INCIDENTS);
  }

  /** Takes in a step in alarm: it goes on with the last incident, or begins one. */
  note(stepEndMs: number, stepMs: number, side: number, score: number): void {
    const last = this.#list.at(-1);
    if (last !== undefined && stepEndMs - stepMs - last.toMs <= Math.max(MIN_QUIET_MS, 2 * stepMs)) {
      const isPeak = score > last.peakScore;
      this.#list[this.#list.length - 1] = {
        fromMs: last.fromMs,
        toMs: stepEndMs,
        side: isPeak ? side : last.side,
        peakScore: isPeak ? score : last.peakScore,
      };
      return;
    }
    this.list = [...this.#list, { fromMs: stepEndMs - stepMs, toMs: stepEndMs, side, peakScore: score }];
  }
}
