import type { EventSource } from '#src/incidents/event-causes.js';
import type { Incident } from '#src/incidents/incident.js';
import { IncidentTracker } from '#src/incidents/incident-tracker.js';
import { formatLabels, type Labels, labelValue, makeLabels } from '#src/model/labels/labels.js';
import { HOUR, MINUTE } from '../fixtures.js';
import { seededRandom } from '../forecast/series.js';

/** On a step. */
export const START = 1_700_000_010_000;
export const STEP = 30_000;
const GAP = 10 * MINUTE;
const SERVICES = ['checkout', 'cart', 'search', 'login', 'mail', 'images', 'orders', 'stock'];
const DATABASE = 'payments-db';
const REGIONS = ['eu', 'us', 'asia'];
/** Share of the series of a metric that an incident can be seen in. */
const FELT_BY = { latency_seconds: 0.97, errors: 0.7, cpu_usage: 0.4, db_client_latency_seconds: 0.97 };

/** One stretch in which one series of a fleet is in alarm. */
interface Stretch {
  readonly series: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly isMissing?: boolean;
}

/** What happened: whose alarms, and where it came from. */
export interface Truth {
  readonly members: ReadonlySet<number>;
  readonly cause: readonly [string, string];
}

export interface Script {
  readonly alarms: readonly Stretch[];
  readonly truths: readonly Truth[];
}

/** 720 series of eight services with 24 pods each in three regions on 18 nodes, and of the database that three of them use. */
export class Fleet {
  readonly series: readonly Labels[];
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const series: Labels[] = [];
    const add = (name: string, labels: Record<string, string>) =>
      series.push(makeLabels({ __name__: name, cluster: 'main', ...labels }));
    for (const [s, service] of SERVICES.entries()) {
      for (let p = 0; p < 24; p++) {
        const region = REGIONS[p % REGIONS.length]!;
        const node = `${region}-node-${Math.floor(this.#random() * 6)}`;
        const labels = { service, pod: `${service}-${p}`, region, node, namespace: s < 3 ? 'shop' : 'web' };
        for (const metric of ['latency_seconds', 'errors', 'cpu_usage']) add(metric, labels);
        if (s < 3) add('db_client_latency_seconds', { ...labels, upstream: DATABASE });
      }
    }
    for (const pod of ['primary', 'replica']) {
      for (const metric of ['db_locks', 'db_connections', 'db_latency_seconds'])
        add(metric, { service: DATABASE, pod: `${DATABASE}-${pod}`, region: 'eu', node: 'eu-db', namespace: 'shop' });
    }
    this.series = series;
  }

  /** Noise: `count` single series in alarm for a few minutes within the two hours about the start. */
  noise(count: number): Stretch[] {
    return Array.from({ length: count }, () => {
      const fromMs = START + this.#ticks(-HOUR + this.#random() * 2 * HOUR);
      return {
        series: Math.floor(this.#random() * this.series.length),
        fromMs,
        toMs: fromMs + STEP * (1 + Math.floor(this.#random() * 4)),
      };
    });
  }

  deploy(service: string, atMs = 0): Script {
    return this.#all((labels) => has(labels, 'service', service), ['service', service], { atMs });
  }

  twoDeploys(): Script {
    return join(this.deploy('login'), this.deploy('images', STEP * Math.floor(this.#random() * 4)));
  }

  /** The database first, its clients some 40 s later, by the latency of their requests to it, errors and latency. */
  sharedDatabase(): Script {
    const cause = ['service', DATABASE] as const;
    const database = this.#all((labels) => has(labels, ...cause), cause, { spreadMs: 0 });
    const clients = this.#all((labels) => has(labels, 'namespace', 'shop') && !has(labels, ...cause), cause, {
      atMs: 40_000 + STEP,
      spreadMs: STEP,
    });
    const members = new Set([...database.truths[0]!.members, ...clients.truths[0]!.members]);
    return { alarms: [...database.alarms, ...clients.alarms], truths: [{ members, cause }] };
  }

  /** Everything on a node is missing, the node's own metrics included. */
  node(): Script {
    const node = labelValue(this.series[Math.floor(this.#random() * 500)]!, 'node');
    const script = this.#all((labels) => has(labels, 'node', node), ['node', node], { feltBy: 1, spreadMs: MINUTE });
    return { ...script, alarms: script.alarms.map((alarm) => ({ ...alarm, isMissing: true })) };
  }

  /** All metrics of a pod, on for two minutes and off for four. */
  flappingPod(): Script {
    const pod = labelValue(this.series[Math.floor(this.#random() * 500)]!, 'pod');
    const script = this.#all((labels) => has(labels, 'pod', pod), ['pod', pod], { feltBy: 1, lastsMs: 2 * MINUTE });
    const alarms = Array.from({ length: 8 }, (_, i) => i * 6 * MINUTE).flatMap((byMs) =>
      script.alarms.map((alarm) => ({ ...alarm, fromMs: alarm.fromMs + byMs, toMs: alarm.toMs + byMs })),
    );
    return { ...script, alarms };
  }

  /** One pod after the other for three minutes, a pod a minute. */
  rollingRestart(): Script {
    const cause = ['service', 'mail'] as const;
    const pods = Array.from({ length: 24 }, (_, p) =>
      this.#all((labels) => has(labels, 'pod', `mail-${p}`), cause, {
        atMs: p * MINUTE,
        lastsMs: 3 * MINUTE,
        spreadMs: STEP,
      }),
    );
    const members = new Set(pods.flatMap(({ truths }) => [...truths[0]!.members]));
    return { alarms: pods.flatMap(({ alarms }) => alarms), truths: [{ members, cause }] };
  }

  region(): Script {
    const region = REGIONS[Math.floor(this.#random() * REGIONS.length)]!;
    return this.#all(
      (labels) => has(labels, 'region', region) && !has(labels, 'service', DATABASE),
      ['region', region],
    );
  }

  /** Alarms of the series that are meant, each found within `spreadMs` of the beginning, for about `lastsMs`. */
  #all(
    isMeant: (labels: Labels) => boolean,
    cause: readonly [string, string],
    given: { atMs?: number; lastsMs?: number; spreadMs?: number; feltBy?: number } = {},
  ): Script {
    const { atMs = 0, lastsMs = 25 * MINUTE, spreadMs = 2 * MINUTE, feltBy } = given;
    const alarms: Stretch[] = [];
    for (const [series, labels] of this.series.entries()) {
      if (!isMeant(labels)) continue;
      const metric = labelValue(labels, '__name__') as keyof typeof FELT_BY;
      if (this.#random() >= (feltBy ?? FELT_BY[metric] ?? 1)) continue;
      const fromMs = START + this.#ticks(atMs + this.#random() ** 2 * spreadMs);
      alarms.push({ series, fromMs, toMs: fromMs + this.#ticks(lastsMs * (0.7 + 0.3 * this.#random())) });
    }
    return { alarms, truths: [{ members: new Set(alarms.map(({ series }) => series)), cause }] };
  }

  #ticks(ms: number): number {
    return Math.floor(ms / STEP) * STEP;
  }
}

/** What a script is about. */
interface AnyFleet {
  readonly series: readonly Labels[];
}

/** Reports a script to a tracker step by step, each step in an order of its own; `each` is called after each update. */
export function play(
  fleet: AnyFleet,
  { alarms }: Pick<Script, 'alarms'>,
  options: { random: () => number; tracker?: IncidentTracker; from?: number; to?: number },
): IncidentTracker {
  const { random, tracker = trackerOf(fleet), from = START - HOUR, to = START + 3 * HOUR } = options;
  for (let timeMs = from; timeMs <= to; timeMs += STEP) {
    const now = alarms.filter(({ fromMs, toMs }) => timeMs > fromMs && timeMs <= toMs);
    for (const { series, fromMs, isMissing = false } of shuffled(now, random)) {
      tracker.report(series, {
        onsetMs: fromMs,
        timeMs,
        gapMs: GAP,
        score: isMissing ? Number.NaN : 1 + (4 * ((series * 7919) % 10)) / 10,
        kind: isMissing ? 'missing_series' : 'value',
        side: isMissing ? 'missing' : 'above',
      });
    }
    for (const _ of tracker.update(timeMs));
  }
  return tracker;
}

/** What is the same of two trackers that saw the same. */
export function seen({ incidents }: { incidents: readonly Incident[] }) {
  return incidents.map(({ members, ...incident }) => ({
    ...incident,
    members: members.map(({ key, onsetMs, lastMs, peakScore }) => ({ key, onsetMs, lastMs, peakScore })),
  }));
}

/** How well the incidents say what happened: members in the right one, members of it that are right, whether it is one, its cause. */
export function judge(fleet: AnyFleet, incidents: readonly Incident[], { members, cause }: Truth) {
  const meant = new Set([...members].map((series) => formatLabels(fleet.series[series]!)));
  const hits = incidents.map((incident) => ({
    incident,
    right: incident.members.filter(({ key }) => meant.has(key)).length,
  }));
  const [best] = hits.sort((a, b) => b.right - a.right);
  const { incident, right } = best!;
  const [first] = incident.causes;
  return {
    recall: right / meant.size,
    precision: right / incident.members.length,
    isOne: hits.filter(({ right: some }) => some > 0.05 * meant.size).length === 1,
    isCauseRight: first?.label.name === cause[0] && first.label.value === cause[1],
  };
}

/** Means of what `judge` says, over many fleets. */
export function sharesOf(verdicts: readonly ReturnType<typeof judge>[]) {
  const mean = (of: (verdict: ReturnType<typeof judge>) => number) =>
    verdicts.reduce((sum, verdict) => sum + of(verdict), 0) / verdicts.length;
  return {
    recall: mean(({ recall }) => recall),
    precision: mean(({ precision }) => precision),
    one: mean(({ isOne }) => (isOne ? 1 : 0)),
    cause: mean(({ isCauseRight }) => (isCauseRight ? 1 : 0)),
  };
}

/** A tracker of all series of a fleet; `prepare` is called before they are added. */
export function trackerOf(
  fleet: AnyFleet,
  prepare: (tracker: IncidentTracker) => void = () => {},
  events?: EventSource,
): IncidentTracker {
  const describe = (series: number) => ({ labels: fleet.series[series]!, rule: 'all' });
  const tracker = new IncidentTracker({ describe, ...(events !== undefined && { events }) });
  prepare(tracker);
  for (const series of fleet.series.keys()) tracker.addSeries(series);
  return tracker;
}

function has(labels: Labels, name: string, value: string): boolean {
  return labelValue(labels, name) === value;
}

function join(a: Script, b: Script): Script {
  return { alarms: [...a.alarms, ...b.alarms], truths: [...a.truths, ...b.truths] };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
