import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIncidents, parseIncidents } from '#src/incidents/incident-state.js';
import { type AlarmReport, IncidentTracker } from '#src/incidents/incident-tracker.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { HOUR, MINUTE } from '../fixtures.js';
import { seededRandom } from '../forecast/series.js';
import { Fleet, play, START, STEP, seen } from './fleet.js';

/** A tracker of `pods` series of each of these services. */
function services(names: readonly string[], pods: number) {
  const labels = names.flatMap((service) =>
    Array.from({ length: pods }, (_, p) => makeLabels({ __name__: 'latency', service, pod: `${service}-${p}` })),
  );
  const tracker = new IncidentTracker({ describe: (series) => ({ labels: labels[series]!, rule: 'web' }) });
  for (const series of labels.keys()) tracker.addSeries(series);
  /** Brings series into alarm, or keeps them there, and updates. */
  const alarm = (timeMs: number, series: readonly number[], changes: Partial<AlarmReport> = {}) => {
    for (const each of series) {
      const report = {
        onsetMs: timeMs - STEP,
        timeMs,
        gapMs: 10 * MINUTE,
        score: 2,
        kind: 'value',
        side: 'above',
      } as const;
      tracker.report(each, { ...report, ...changes });
    }
    for (const _ of tracker.update(timeMs));
  };
  return { tracker, alarm };
}

const NAMES = ['checkout', 'cart', 'search', 'login', 'mail', 'images', 'orders', 'stock'];
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('IncidentTracker opens an incident, lets it grow, and closes it when all of it has been over for a while', () => {
  const { tracker, alarm } = services(NAMES, 10);
  alarm(START, range(0, 6));
  const [incident] = tracker.open;
  assert.deepEqual(
    [incident!.groupedBy, incident!.series, incident!.of, incident!.isOpen],
    [{ name: 'service', value: 'checkout' }, 6, 10, true],
  );
  assert.equal(incident!.startMs, START - STEP);
  alarm(START + MINUTE, range(0, 9), { score: 5 });
  assert.deepEqual([tracker.open.length, incident!.series, incident!.peakScore], [1, 9, 5]);
  assert.equal(incident!.peakSeries, 9);
  alarm(START + 15 * MINUTE, []);
  assert.equal(tracker.open.length, 1);
  alarm(START + 17 * MINUTE, []);
  assert.deepEqual([tracker.open.length, tracker.closed.length, incident!.isOpen], [0, 1, false]);
  assert.equal(incident!.lastMs, START + MINUTE);
  assert.deepEqual(
    incident!.shared.map(({ name, value }) => [name, value]),
    [
      ['__name__', 'latency'],
      ['', 'web'],
      ['service', 'checkout'],
    ],
  );
});

test('IncidentTracker takes alarms that come and go for one incident, with one member each', () => {
  const { tracker, alarm } = services(NAMES, 10);
  for (let i = 0; i < 6; i++) alarm(START + i * 9 * MINUTE, [3]);
  assert.deepEqual([tracker.counts.opened, tracker.open[0]!.series], [1, 1]);
  assert.equal(tracker.open[0]!.lastMs, START + 45 * MINUTE);
});

test('IncidentTracker merges incidents that turn out to be one, under the id of the oldest', () => {
  const { tracker, alarm } = services(NAMES, 10);
  alarm(START, [0]);
  const { id } = tracker.open[0]!;
  alarm(START + STEP, range(0, 3));
  alarm(START + 2 * STEP, range(0, 8));
  assert.equal(tracker.open.length, 1);
  assert.equal(tracker.open[0]!.id, id);
  assert.equal(tracker.open[0]!.series, 8);
  for (const former of tracker.open[0]!.formerIds) assert.equal(tracker.find(former), tracker.open[0]);
});

test('IncidentTracker adds a latecomer to a long incident by what it came together by, and nothing else', () => {
  const { tracker, alarm } = services(NAMES, 10);
  alarm(START, range(0, 6));
  for (let at = START; at < START + 2 * HOUR; at += 5 * MINUTE) alarm(at, range(0, 6), { onsetMs: START - STEP });
  alarm(START + 2 * HOUR, [...range(0, 8), 25]);
  assert.deepEqual(
    tracker.open.map(({ series }) => series),
    [8, 1],
  );
});

test('IncidentTracker counts what is missing beside what is in alarm', () => {
  const { tracker, alarm } = services(NAMES, 10);
  alarm(START, range(0, 4));
  alarm(START + MINUTE, range(2, 6), { side: 'missing', kind: 'missing_series', score: Number.NaN });
  const [incident] = tracker.open;
  assert.deepEqual([incident!.series, incident!.missingSeries], [6, 4]);
});

test('IncidentTracker takes an alarm of more than half of all series for one thing, though they share nothing', () => {
  const { tracker, alarm } = services(NAMES, 10);
  alarm(START, range(0, 80));
  assert.deepEqual(
    tracker.open.map(({ series, of, groupedBy }) => [series, of, groupedBy]),
    [[80, 80, undefined]],
  );
});

test('IncidentTracker remembers of removed series what they did', () => {
  const { tracker, alarm } = services(NAMES, 10);
  alarm(START, range(0, 6));
  for (const series of range(0, 6)) tracker.removeSeries(series);
  alarm(START + HOUR, []);
  assert.equal(tracker.closed[0]!.members.length, 6);
  assert.equal(tracker.population.size, 74);
});

test('IncidentTracker keeps a bounded number of closed incidents, and drops single series first', () => {
  const { tracker, alarm } = services(NAMES, 10);
  alarm(START, range(0, 6));
  const { id } = tracker.open[0]!;
  for (let hour = 1; hour <= 400; hour++) alarm(START + hour * HOUR, [11, 22, 33]);
  assert.equal(tracker.closed.length, 1000);
  assert.equal(tracker.closed[0]!.id, id);
});

/** Ten series each of two services, and one of a third; every service has a metric of its own. */
function ownMetrics(rules: readonly [string, string, string]) {
  const of = (rule: string, metric: string, service: string, pods: number) =>
    range(0, pods).map((p) => ({ rule, labels: makeLabels({ __name__: metric, service, pod: `${service}-${p}` }) }));
  const series = [
    ...of(rules[0], 'latency', 'checkout', 10),
    ...of(rules[1], 'queue', 'mail', 10),
    ...of(rules[2], 'sales', 'till', 1),
  ];
  const tracker = new IncidentTracker({ describe: (id) => series[id]! });
  for (const id of series.keys()) tracker.addSeries(id);
  const alarm = (timeMs: number, ids: readonly number[], onsetMs: number) => {
    const report = { onsetMs, timeMs, gapMs: 10 * MINUTE, score: 2, kind: 'value', side: 'above' } as const;
    for (const id of ids) tracker.report(id, report);
    for (const _ of tracker.update(timeMs));
  };
  return { tracker, alarm };
}

test('IncidentTracker names a label where a metric name and a rule explain the same', () => {
  const { tracker, alarm } = ownMetrics(['web', 'rest', 'rest']);
  alarm(START + STEP, range(0, 10), START);
  assert.deepEqual(tracker.open[0]!.groupedBy, { name: 'service', value: 'checkout' });
});

test('IncidentTracker leaves out the only series of a metric that began long before all others', () => {
  const { tracker, alarm } = ownMetrics(['all', 'all', 'all']);
  alarm(START - 12 * MINUTE, [20], START - 12 * MINUTE - STEP);
  alarm(START + STEP, [20], START - 12 * MINUTE - STEP);
  alarm(START + 2 * STEP, range(0, 10), START);
  const found = tracker.open.map(({ groupedBy, series }) => [groupedBy?.value, series]);
  assert.deepEqual(found.sort(), [
    [undefined, 1],
    ['checkout', 10],
  ]);
});

test('IncidentTracker finds the same whatever the order in which series are added and evaluated', () => {
  const fleet = new Fleet(7);
  const { alarms } = fleet.twoDeploys();
  const noise = fleet.noise(10);
  const script = { alarms: [...alarms, ...noise] };
  const [one, other] = [1, 2].map((seed) => play(fleet, script, { random: seededRandom(seed) }));
  assert.deepEqual(seen(one!), seen(other!));
});

test('parseIncidents() refuses what formatIncidents() did not write', () => {
  const text = [...formatIncidents({ open: [], closed: [] })].join('');
  assert.deepEqual(parseIncidents(text), { open: [], closed: [] });
  for (const wrong of ['', '{}\n', '{"version":2}\n', `${text}{"id":`, `${text}{"id":"a"`]) {
    assert.throws(() => parseIncidents(wrong), SyntaxError, wrong);
  }
});
