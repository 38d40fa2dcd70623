import type { Service } from '#src/cli/service.js';
import { fitView } from '#src/engine/fits/fit-view.js';
import { evaluationSchedule } from '#src/engine/publish/evaluation-schedule.js';
import { fitRobustly } from '#src/forecast/fit/robust-fit.js';
import { readTrainingData } from '#src/forecast/fit/training-data.js';
import { evaluate } from '#src/forecast/model/evaluate.js';
import { formatLabels, labelValue, METRIC_NAME } from '#src/model/labels/labels.js';
import type { TrainingView } from '#src/model/samples/ring-view.js';
import { quantitySuffix } from '#src/model/settings/synthetic.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { Random } from '../ordinary-days/random.js';
import { SimulatedClock } from './clock.js';
import { DATABASE, FIRST_VARIATION, FUTURE_MS, FUTURE_TARGET, HISTORY_MS, TARGETS } from './configuration.js';
import { SimulatedDisk } from './disk.js';
import { planFaults } from './faults.js';
import { HistoryServer } from './history-server.js';
import { IncidentWatch } from './incident-watch.js';
import { SimulatedNetwork } from './network.js';
import { Person } from './person.js';
import { Sender } from './sender.js';
import { SentioProcess } from './sentio-process.js';
import { SentioSupervisor } from './sentio-supervisor.js';
import { isThere, makeWorkload } from './workload.js';
import { FUTURE_STORE, PROMETHEUS, PROMETHEUS_OF_ANY_CLOCK, WriteTarget } from './write-target.js';

/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5);
/** At the end nothing goes wrong: long enough for all to be well again. */
const QUIET_MS = 4 * HOUR;
/** Before the end every series is fitted anew, so that models are of the same data. */
const REFIT_MS = 30 * MINUTE;
/** Over these last minutes everything must have been published. */
const PUBLISHED_MS = 25 * MINUTE;
/** The last scrape is so long before the end that it has arrived. */
const DELIVERED_MS = 3 * MINUTE;
const CHECK_INTERVAL_MS = 10 * MINUTE;
/** Between two points of a curve, and between two evaluations. */
const FUTURE_SPACING_MS = 20 * MINUTE;

/** What one run came to. */
export interface Outcome {
  /** What may not be. */
  readonly violations: readonly string[];
  /** How often each fault began. */
  readonly faults: ReadonlyMap<string, number>;
  readonly series: ReadonlyMap<string, FinalSeries>;
  /** Samples that the sender was refused for good, as `name time`. */
  readonly refused: ReadonlySet<string>;
  /** Exclusions that were added. */
  readonly excluded: number;
  /** Incidents that there were, by their ids. */
  readonly incidents: number;
  readonly starts: number;
}

/** What is known of a series at the end. */
export interface FinalSeries {
  readonly stepMs: number;
  readonly resolutionMs: number;
  /** By the middle of the slot. */
  readonly steps: ReadonlyMap<number, number>;
  readonly history: ReadonlyMap<number, number>;
  /** When its model was made. */
  readonly fittedAtMs: number;
  /** What a model made now expects of the day after, and how wide its interval is. */
  readonly yhat: Float64Array;
  readonly width: number;
  /** What its model has left out: alarms, and levels that were accepted. */
  readonly leftOut: Pick<TrainingView, 'excluded' | 'suspect' | 'levelShifts'>;
}

/** Runs the whole service for some simulated days, with faults or without. */
export async function simulate({
  seed,
  days,
  hasFaults,
  isNarrow = false,
  tell = () => {},
}: {
  seed: number;
  days: number;
  hasFaults: boolean;
  /** Without a target of the future, incidents, and clocks that are hours back, as seeds were run before there were any. */
  isNarrow?: boolean;
  /** Is told what happens, and when. */
  tell?: (timeMs: number, what: string) => void;
}): Promise<Outcome> {
  const endMs = START_MS + days * DAY;
  const random = (name: string) => new Random(seed * 1_000 + hash(name));
  const timing = random('timing');
  const clock = new SimulatedClock(START_MS, () => timing.uniform());
  const restore = clock.install();
  try {
    const violations: string[] = [];
    const workload = makeWorkload(seed, START_MS, endMs - QUIET_MS, { hasIncidents: !isNarrow });
    const network = new SimulatedNetwork(clock, random('network'));
    const targets = TARGETS.map((origin) => {
      const target = new WriteTarget(clock, random(origin), isNarrow ? PROMETHEUS : PROMETHEUS_OF_ANY_CLOCK);
      network.listen(origin, (request) => target.serve(request));
      return target;
    });
    const hasFuture = hasFaults && !isNarrow;
    const futureTarget = new WriteTarget(clock, random(FUTURE_TARGET), FUTURE_STORE);
    if (hasFuture) network.listen(FUTURE_TARGET, (request) => futureTarget.serve(request));
    const database = new HistoryServer(clock, random('database'), workload);
    network.listen(DATABASE, (request) => database.serve(request));
    const disk = new SimulatedDisk(clock, random('disk'));
    const log = (line: string) => {
      const { level, msg, ...details } = JSON.parse(line) as { level: number; msg: string };
      // The ids of exclusions are random whatever the seed.
      tell(clock.nowMs, `${msg} ${JSON.stringify({ ...details, time: undefined, id: undefined })}`);
      const isExpected = EXPECTED[msg]?.(disk) ?? false;
      if (msg.startsWith('exclusions unusable')) person.lostFile();
      if (msg.startsWith('incidents unusable')) incidents.lostFile();
      if (level >= 50 && !isExpected) violations.push(`logged: ${line}`);
    };
    const incidents = new IncidentWatch(disk, violations);
    const starting = () => incidents.starting();
    const process = new SentioProcess({ clock, network, disk, random: random('fits'), violations, starting, log });
    const person = new Person({ clock, random: random('person'), process, violations });
    const supervisor = new SentioSupervisor(process, clock, { hasFuture });
    const sender = new Sender({ clock, random: random('sender'), series: workload, receiver: process });
    const ways = [sender.way, ...[...TARGETS, DATABASE].map((origin) => network.way(origin))];

    // What rings and models come to has nothing to do with the targets.
    const first = { ...FIRST_VARIATION, targets: hasFaults ? FIRST_VARIATION.targets : 0 };
    supervisor.configure(first);
    supervisor.start();
    sender.start(endMs - DELIVERED_MS);
    person.start(endMs - QUIET_MS);
    const future = hasFuture ? { target: futureTarget, way: network.way(FUTURE_TARGET) } : undefined;
    const mostBackMs = isNarrow ? 9 * MINUTE : 6 * HOUR;
    const world = { clock, mostBackMs, disk, supervisor, targets, future, database, ways };
    const faults = hasFaults
      ? planFaults(world, { seed, endMs: endMs - QUIET_MS, tell: (what) => tell(clock.nowMs, what) })
      : new Map<string, number>();
    clock.in(endMs - REFIT_MS - clock.nowMs, () =>
      supervisor.configure({ ...first, changepoints: first.changepoints - 1 }),
    );
    for (let atMs = START_MS; atMs < endMs; atMs += CHECK_INTERVAL_MS) {
      // It needs time to pass.
      if (!isNarrow) incidents.check(process).catch((error: Error) => violations.push(`incidents: ${error.stack}`));
      await clock.run(Math.min(atMs + CHECK_INTERVAL_MS, endMs));
      await process.checkAccounts();
      await person.check();
    }

    if (hasFuture && !(futureTarget.newestMs > endMs - DELIVERED_MS + FUTURE_MS - FUTURE_SPACING_MS))
      violations.push(`the future is written up to ${new Date(futureTarget.newestMs).toISOString()} only`);
    for (const target of [...targets, futureTarget]) violations.push(...target.contradictions);
    if (process.service === undefined || !process.isListening) violations.push('it is not running at the end');
    if (sender.waiting > 0) violations.push(`${sender.waiting} samples wait to be sent to it`);
    const series = finalSeries(process, endMs);
    for (const { name, ...life } of workload) {
      if (!isThere({ name, ...life }, endMs - HOUR)) continue;
      if (!series.has(name)) violations.push(`${name} is not tracked at the end`);
      else if (!(series.get(name)!.fittedAtMs > endMs - REFIT_MS)) violations.push(`${name} was not fitted anew`);
      for (const [i, target] of hasFaults ? targets.entries() : []) {
        violations.push(
          ...unpublished(target, process.service!, name, endMs).map((what) => `${what} at target ${i + 1}`),
        );
      }
    }
    const failures = await process.metric('sentio_evaluation_failures_total');
    if (failures > 0) violations.push(`${failures} evaluations failed`);
    process.kill();
    return {
      violations,
      faults,
      series,
      refused: sender.refused,
      excluded: person.added,
      incidents: incidents.seen,
      starts: process.starts,
    };
  } finally {
    restore();
  }
}

/** The files beside the snapshot, `sentio.…`. */
const FILES_BESIDE = ['sent', 'incidents', 'histograms', 'markers', 'references', 'curves', 'exclusions', 'calendars'];

/** What may be in the log, by what is wrong with the disk. A loss of power alone leaves a snapshot that can be used. */
const EXPECTED: Readonly<Record<string, (disk: SimulatedDisk) => boolean>> = {
  'writing the snapshot failed: the previous one is kept': ({ fault }) => fault !== undefined,
  'snapshot unusable and set aside: starting without it': ({ fault, isDamaged }) => isDamaged || fault === 'failing',
  ...Object.fromEntries(
    FILES_BESIDE.map((what) => [
      `${what} unusable and set aside: starting without them`,
      ({ fault }: SimulatedDisk) => fault === 'failing',
    ]),
  ),
  'the clock was set back: the remote_write target has samples of these times, and is written to again when the clock is past them':
    () => true,
  'cannot read up to where curves of the future were written: series begin where those of before must have ended': ({
    fault,
  }) => fault === 'failing',
  'writing the exclusions failed: nothing was changed': ({ fault }) => fault !== undefined,
  'reload failed: the previous configuration is kept': () => true,
};

/** Which forecasts of the last minutes a target lacks. */
function unpublished(target: WriteTarget, { store }: Service, name: string, endMs: number): string[] {
  const id = [...store.ids()].find((id) => labelValue(store.labels(id), METRIC_NAME) === name);
  if (id === undefined) return [];
  const quantity = name + quantitySuffix(store.aggregate(id));
  const { intervalMs } = evaluationSchedule(store.settings(id));
  const lastMs = Math.floor((endMs - DELIVERED_MS) / intervalMs) * intervalMs;
  return ['_yhat', '_yhat_lower', '_yhat_upper', '_anomaly_score'].flatMap((suffix) => {
    const stored = target.samples(quantity + suffix);
    const missing: string[] = [];
    for (let atMs = lastMs; atMs > endMs - PUBLISHED_MS; atMs -= intervalMs) {
      if (!stored.has(Math.round(atMs)))
        missing.push(`${quantity}${suffix} of ${new Date(atMs).toISOString()} is missing`);
    }
    return missing.slice(0, 2);
  });
}

function finalSeries({ service }: SentioProcess, endMs: number): Map<string, FinalSeries> {
  const found = new Map<string, FinalSeries>();
  if (service === undefined) return found;
  const { store, engine } = service;
  for (const series of engine.queries.series()) {
    const { id } = series;
    const name = labelValue(store.labels(id), METRIC_NAME);
    const { stepMs, resolutionMs, prophet } = store.settings(id);
    const toMs = Math.floor((endMs - DELIVERED_MS) / stepMs) * stepMs;
    const ahead = Float64Array.from({ length: 24 }, (_, hour) => endMs + hour * HOUR);
    const view = fitView(store, series);
    const { samples, stepVariance } = readTrainingData(view);
    const { model } = fitRobustly(samples, prophet, { stepVariance });
    const forecast = evaluate(model, ahead, { intervalWidth: prophet.intervalWidth });
    found.set(name, {
      stepMs,
      resolutionMs,
      steps: asMap(store.readSteps(id, endMs - HISTORY_MS, toMs)),
      history: asMap(store.readHistory(id, endMs - HISTORY_MS + HOUR, toMs - resolutionMs)),
      fittedAtMs: series.fit?.fittedAtMs ?? Number.NaN,
      yhat: forecast.yhat,
      width: forecast.yhatUpper[0]! - forecast.yhatLower[0]!,
      leftOut: leftOutOf(view),
    });
    if (found.size > 100) throw new Error(`too many series, such as ${formatLabels(store.labels(id))}`);
  }
  return found;
}

function leftOutOf({ excluded, suspect, levelShifts }: TrainingView): FinalSeries['leftOut'] {
  return { excluded: excluded ?? [], suspect: suspect ?? [], levelShifts: levelShifts ?? [] };
}

function asMap({ timesMs, values }: { timesMs: Float64Array; values: Float64Array }): Map<number, number> {
  return new Map([...timesMs].map((timeMs, i) => [timeMs, values[i]!]));
}

function hash(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.charCodeAt(0)) | 0;
  return sum;
}
