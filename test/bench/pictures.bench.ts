// Draws docs/images/alarm-*.svg from the ordinary days and the real detector: `npm run bench -- pictures`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { currentAlarm } from '#src/engine/series/current-alarm.js';
import { repositoryPath } from '../deploy/repository.js';
import { KINDS } from '../ordinary-days/kinds.js';
import { type DrawnAlarm, picture } from '../ordinary-days/picture.js';
import { replayInstance } from '../ordinary-days/replay-instance.js';

interface Picture {
  readonly kind: string;
  readonly seed: number;
  readonly days: readonly [from: number, to: number];
  readonly title: string;
}

const PICTURES: Readonly<Record<string, Picture>> = {
  outage: {
    kind: 'outage',
    seed: 4,
    days: [18.9, 20.4],
    title: 'An outage of three hours to 30 %: one alarm until the level is accepted, and none at the return',
  },
  deploy: {
    kind: 'deploy',
    seed: 4,
    days: [18.5, 26],
    title:
      'A deploy to half of the load: one alarm, then the new level is expected, and after the rollback the old one',
  },
  stuck: {
    kind: 'stuck',
    seed: 1,
    days: [16.1, 17.1],
    title: 'A sensor that is stuck: an alarm inside the interval, for two hours',
  },
  job: {
    kind: 'job',
    seed: 3,
    days: [0.3, 15],
    title: 'A daily job: alarms in the first days, then usual, until it takes too long',
  },
  degradation: {
    kind: 'degradation',
    seed: 9,
    days: [18.2, 18.9],
    title: 'A load that doubles in four hours: an alarm while it does',
  },
  rare: {
    kind: 'rare',
    seed: 2,
    days: [14.5, 16.94],
    title: 'Rare errors: single ones are usual, a burst of them is an alarm',
  },
  latency: {
    kind: 'latency',
    seed: 3,
    days: [14.2, 14.75],
    title: 'Latency seven times as long for half an hour: one alarm for most of it',
  },
};

export async function bench(): Promise<Record<string, unknown>> {
  const folder = repositoryPath('docs/images');
  mkdirSync(folder, { recursive: true });
  const bytes: Record<string, number> = {};
  for (const [name, { kind, seed, days, title }] of Object.entries(PICTURES)) {
    const instance = KINDS[kind]!(seed);
    const { stepMs } = instance;
    const alarms: DrawnAlarm[] = [];
    const outcome = replayInstance(instance, {
      onStep: (_store, series) => {
        const alarm = currentAlarm(series, stepMs);
        if (alarm === undefined) return;
        const drawn = { fromMs: alarm.sinceMs, toMs: series.scoredUntilMs, kind: alarm.kind };
        if (alarms.at(-1)?.fromMs === alarm.sinceMs) alarms[alarms.length - 1] = drawn;
        else alarms.push(drawn);
      },
    });
    const svg = picture(outcome, alarms, days, title);
    writeFileSync(`${folder}/alarm-${name}.svg`, svg);
    bytes[name] = svg.length;
  }
  console.table(bytes);
  return bytes;
}
