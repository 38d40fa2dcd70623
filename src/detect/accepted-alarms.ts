/** An alarm of which a person said that it was none. */
export interface AcceptedAlarm {
  /** 1 above what was expected, −1 below. */
  readonly side: number;
  readonly peakScore: number;
  readonly lastedMs: number;
}

/** What is higher, or lasts longer, by more than these shares is something worse. */
const MAX_HIGHER = 1.25;
const MAX_LONGER = 1.5;
/** An alarm of one step may last for another two, whatever its share. */
const MORE_STEPS = 2;

/** Whether an alarm that has lasted for so long, and now has this score, is like one that was accepted, or less. */
export function isAccepted(
  accepted: readonly AcceptedAlarm[],
  { side, score, lastedMs, stepMs }: { side: number; score: number; lastedMs: number; stepMs: number },
): boolean {
  return accepted.some(
    (one) =>
      one.side === side &&
      score <= MAX_HIGHER * one.peakScore &&
      lastedMs <= Math.max(MAX_LONGER * one.lastedMs, one.lastedMs + MORE_STEPS * stepMs),
  );
}
