import { Alarms } from '#src/detect/alarms.js';
import { Excursion } from '#src/detect/excursion.js';
import { IntervalCalibration } from '#src/detect/interval/interval-calibration.js';
import { IntervalCoverage } from '#src/detect/interval/interval-coverage.js';
import { StillRun } from '#src/detect/kinds/stillness.js';
import { TWO_STATES_LENGTH, TwoStates } from '#src/detect/kinds/two-states.js';
import { Detector } from '#src/detect/score/detector.js';
import { UsualGaps } from '#src/detect/usual/usual-gaps.js';
import { RANGE_LENGTH, UsualRange } from '#src/detect/usual/usual-range.js';

const SERIES = 10_000;
const STEPS = 200;
const STEP_MS = 60_000;
const SETTINGS = {
  direction: 'both',
  minDeviation: { up: 0, down: 0 },
  minRelativeDeviation: { up: 0, down: 0 },
  falseAlarmsPerWeek: 1,
} as const;

/** What scoring a step costs, beyond evaluating its forecast, when many series take turns. */
export async function bench(): Promise<Record<string, unknown>> {
  const detectors = Array.from({ length: SERIES }, () => new Detector());
  const calibrations = Array.from({ length: SERIES }, () => new IntervalCalibration());
  const coverages = Array.from({ length: SERIES }, () => new IntervalCoverage());
  const runs = Array.from({ length: SERIES }, () => new Excursion());
  const gaps = Array.from({ length: SERIES }, () => new UsualGaps());
  const stillness = Array.from({ length: SERIES }, () => new StillRun());
  const states = Array.from({ length: SERIES }, () => new TwoStates(new Float32Array(TWO_STATES_LENGTH)));
  const ranges = Array.from({ length: SERIES }, () => new UsualRange(new Float32Array(RANGE_LENGTH)));
  const alarms = Array.from({ length: SERIES }, () => new Alarms());
  const values = Float64Array.from({ length: 1009 }, (_, i) => Math.sin(i * 12.9898) + Math.cos(i * 78.233));
  const score = (from: number, to: number) => {
    for (let step = from; step < to; step++) {
      for (let i = 0; i < SERIES; i++) {
        const value = values[(step * 31 + i) % values.length]!;
        const calibration = calibrations[i]!;
        const score = detectors[i]!.next(
          {
            value,
            before: 0,
            yhat: 0,
            sigma: 1,
            timeMs: step * STEP_MS,
            stepMs: STEP_MS,
            also: undefined,
            isUsual: false,
            isNew: false,
          },
          SETTINGS,
        );
        alarms[i]!.judge(score, {
          side: Math.sign(value),
          kind: 'value',
          stepEndMs: step * STEP_MS,
          stepMs: STEP_MS,
        });
        alarms[i]!.dueAt(step * STEP_MS, STEP_MS);
        stillness[i]!.next(value, 0, 0, step * STEP_MS, STEP_MS, true);
        ranges[i]!.next(value, STEP_MS);
        states[i]!.isStuck(value, STEP_MS);
        coverages[i]!.learn(value, -2, 2, 0.99, STEP_MS);
        runs[i]!.next(Math.abs(value) > 2 ? Math.sign(value) : 0, STEP_MS, 7_200_000);
        gaps[i]!.learn(STEP_MS);
        calibration.learn(value, -2 * calibration.lowerFactor, 2 * calibration.upperFactor, 0.99);
      }
    }
  };
  score(0, STEPS / 10);
  const before = process.cpuUsage();
  score(STEPS / 10, STEPS);
  const { user, system } = process.cpuUsage(before);
  const microsecondsPerStep = (user + system) / (SERIES * STEPS * 0.9);
  const counts = [coverages[0]!, runs[0]!, gaps[0]!].reduce((sum, { state }) => sum + 8 * state.length, 0);
  const stateBytes = [detectors[0]!, calibrations[0]!, stillness[0]!].reduce(
    (sum, { state }) => sum + state.byteLength,
    counts + 4 * (RANGE_LENGTH + TWO_STATES_LENGTH),
  );
  console.log(`scoring a step: ${microsecondsPerStep.toFixed(3)} µs; state of a series: ${stateBytes} bytes`);
  return { microsecondsPerStep, stateBytes };
}
