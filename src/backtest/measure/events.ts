import { alarmGapMs } from '../../model/samples/alarm-gap.js';

/** First and last instant of something that lasted, in Unix milliseconds. */
export type Interval = readonly [number, number];

/** The alarms among scores: runs over 1, joined where `alarmGapMs` says that they are one. */
export function alarmsOf(timesMs: Float64Array, scores: Float64Array, stepMs: number): Interval[] {
  return runs(timesMs, (i) => scores[i]! > 1, alarmGapMs(stepMs));
}

/** Runs of rows that somebody labelled. */
export function windowsOf(timesMs: Float64Array, labels: Uint8Array): Interval[] {
  return runs(timesMs, (i) => labels[i] === 1, 0);
}

/** Whether two intervals have an instant in common. */
export function meets(a: Interval, b: Interval): boolean {
  return a[0] <= b[1] && b[0] <= a[1];
}

/** Runs of chosen rows: neighbouring ones, and those at most `joinMs` apart. */
function runs(timesMs: Float64Array, isChosen: (row: number) => boolean, joinMs: number): Interval[] {
  const found: [number, number][] = [];
  let wasChosen = false;
  for (let i = 0; i < timesMs.length; i++) {
    const chosen = isChosen(i);
    const last = found.at(-1);
    if (chosen && last !== undefined && (wasChosen || timesMs[i]! - last[1] <= joinMs)) last[1] = timesMs[i]!;
    else if (chosen) found.push([timesMs[i]!, timesMs[i]!]);
    wasChosen = chosen;
  }
  return found;
}
