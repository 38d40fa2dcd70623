/** A stretch of time in which a series was in alarm. */
export interface Incident {
  readonly fromMs: number;
  readonly toMs: number;
  /** 1 if it was above what was expected when its score was highest, −1 below. */
  readonly side: number;
  readonly peakScore: number;
  /** False where it was kept quiet, for it comes at this time of the day. */
  readonly isTold: boolean;
}

/** Two a day for a week, and what people ask for who ask whether it has happened before. */
const MAX_INCIDENTS = 16;
/** Alarms closer than this, or than two steps, are one for whoever is called. */
const MIN_QUIET_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
/** What came at this time of the day, give or take `MIN_SLACK_MS`, on so many of the last seven days is usual. */
const DAYS_LOOKED_AT = 7;
const USUAL_DAYS = 3;
const MIN_SLACK_MS = 15 * 60_000;
/** As long as it is not this much worse. */
const MAX_WORSE = 1.5;
/** What an alarm scores that is usual at its time. */
const UNTOLD_SCORE = 0.99;

/** Shared: most series have had no alarm. */
const NONE: readonly Incident[] = [];

/** The last alarms of a series, in order of time. */
export class Incidents {
  #list: readonly Incident[] = NONE;

  get list(): readonly Incident[] {
    return this.#list;
  }

  set list(incidents: readonly Incident[]) {
    this.#list = incidents.slice(-MAX_INCIDENTS);
  }

  /**
   * Takes in the score of a step, and returns what is to be told of it: the same, but less than 1 for an alarm that has come
   * at its time of the day often enough, as a nightly backup does.
   */
  judge(score: number, side: number, stepEndMs: number, stepMs: number): number {
    if (!(score > 1)) return score;
    const isTold = !this.#isUsual(score, side, stepEndMs, stepMs);
    const last = this.#list.at(-1);
    const quietMs = Math.max(MIN_QUIET_MS, 2 * stepMs);
    if (last !== undefined && last.isTold === isTold && stepEndMs - stepMs - last.toMs <= quietMs) {
      const isPeak = score > last.peakScore;
      const longer = {
        ...last,
        toMs: stepEndMs,
        side: isPeak ? side : last.side,
        peakScore: isPeak ? score : last.peakScore,
      };
      this.#list = this.#list.with(-1, longer);
    } else {
      this.list = [...this.#list, { fromMs: stepEndMs - stepMs, toMs: stepEndMs, side, peakScore: score, isTold }];
    }
    return isTold ? score : UNTOLD_SCORE;
  }

  #isUsual(score: number, side: number, stepEndMs: number, stepMs: number): boolean {
    const slackMs = Math.max(MIN_SLACK_MS, 2 * stepMs);
    let days = 0;
    for (let daysAgo = 1; daysAgo <= DAYS_LOOKED_AT; daysAgo++) {
      const thenMs = stepEndMs - daysAgo * DAY_MS;
      const isLike = (before: Incident) =>
        before.side === side &&
        score <= MAX_WORSE * before.peakScore &&
        thenMs > before.fromMs - slackMs &&
        thenMs <= before.toMs + slackMs;
      if (this.#list.some(isLike)) days++;
    }
    return days >= USUAL_DAYS;
  }
}
