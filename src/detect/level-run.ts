/* The layout of the state: the side (1 above, −1 below, 0 none), how long, how long it was interrupted, when to look at it. */
const SIDE = 0;
const LASTED_MS = 1;
const DEBT_MS = 2;
const DUE_MS = 3;

/** Length of the state, in Float32. */
export const LEVEL_RUN_LENGTH = 4;

/** A step that is not off takes back three that are. */
const DEBT_PER_STEP = 3;
/** A run ends where it has been interrupted for more than this share of the time after which it is accepted. */
const MAX_DEBT_SHARE = 1 / 8;
/** A level shows itself in no fewer steps. */
const MIN_STEPS = 12;
/** What was no level yet may be one after this share of that time. */
const RETRY_SHARE = 1 / 4;

/** The time over which a level has to show itself. */
export function levelWindowMs(stepMs: number, acceptAfterMs: number): number {
  return Math.max(acceptAfterMs, MIN_STEPS * stepMs);
}

/** How long a series has been off on one side: beyond its band or in alarm, with short interruptions. */
export class LevelRun {
  /** All there is to keep of it. */
  readonly state: Float32Array;

  constructor(state: Float32Array = new Float32Array(LEVEL_RUN_LENGTH)) {
    this.state = state;
  }

  /**
   * Takes in the next step: `side` is 1 where it is off above, −1 below, 0 where it is not. Returns whether the run has
   * lasted for `acceptAfterMs`, and that is to be looked into: it is asked for again only some time later.
   */
  next(side: number, stepMs: number, acceptAfterMs: number): boolean {
    const { state } = this;
    if (state[SIDE] === 0 && side === 0) return false;
    const neededMs = levelWindowMs(stepMs, acceptAfterMs);
    if (side !== 0 && side === state[SIDE]) {
      state[DEBT_MS] = Math.max(0, state[DEBT_MS]! - stepMs);
    } else {
      state[DEBT_MS]! += DEBT_PER_STEP * stepMs;
      if (state[SIDE] === 0 || state[DEBT_MS]! > MAX_DEBT_SHARE * neededMs) state.set([side, 0, 0, neededMs]);
    }
    if (state[SIDE] === 0) return false;
    state[LASTED_MS]! += stepMs;
    if (state[LASTED_MS]! < state[DUE_MS]!) return false;
    state[DUE_MS] = state[LASTED_MS]! + Math.max(stepMs, RETRY_SHARE * neededMs);
    return true;
  }

  /** How long it has lasted. */
  get lastedMs(): number {
    return this.state[LASTED_MS]!;
  }

  /** Forgets the run: the level was accepted. */
  end(): void {
    this.state.fill(0);
  }
}
