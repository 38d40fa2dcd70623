import assert from 'node:assert/strict';
import { pino } from 'pino';
import { parseConfig } from '#src/config/load.js';
import { FormerCurves } from '#src/engine/series/former-curves.js';
import { restoreSnapshot } from '#src/engine/snapshot/engine-snapshot.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { evaluate } from '#src/forecast/model/evaluate.js';
import { readModel } from '#src/forecast/model/fitted-model.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { ruleChooser } from '#src/model/settings/rule-chooser.js';
import { SeriesStore } from '#src/series/series-store.js';
import { encodeSnapshot } from '#src/series/snapshot/snapshot-format.js';
import { SnapshotError } from '#src/series/snapshot/snapshot-record.js';
import { encodeProto } from '../../wire/proto.js';
import type { FuzzTarget } from '../fuzz.js';
import { RULES, T0 } from './input.js';
import { LABELS } from './protobuf.js';

const silent = pino({ level: 'silent' });

const SNAPSHOT_STORE = new SeriesStore({
  ...RECEIVER_DEFAULTS,
  chooseRule: ruleChooser(parseConfig('defaults: {history: 2h, step: 1m}', '.').rules),
  seriesIdleTimeoutMs: 3_600_000,
  maxIgnoredBytes: 1e6,
  log: silent,
});

/** A snapshot of one series, and the bytes of its record. */
function snapshotRecord(): Uint8Array {
  const block = encodeProto('prometheus.TimeSeries', { labels: LABELS });
  SNAPSHOT_STORE.beginRequest(T0);
  SNAPSHOT_STORE.append(SNAPSHOT_STORE.resolve(block, 0, block.length), T0, 5);
  const pieces = [
    ...encodeSnapshot(T0, SNAPSHOT_STORE.ids(), (id, record) => SNAPSHOT_STORE.saveSeries(id, record)),
  ].map((piece) => Buffer.from(piece));
  SNAPSHOT_STORE.clear();
  // Length of the records, then of the first; behind it the checksum.
  return pieces[1]!.subarray(8, -4);
}

/** What Sentio keeps on its disk and hands between its threads. */
export const KEPT_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'snapshot',
    files: ['series/series-snapshot', 'series/snapshot', 'engine/snapshot/engine-snapshot', 'engine/series'],
    seeds: [snapshotRecord()],
    tokens: [Buffer.of(0, 0, 0, 0), Buffer.of(1, 0, 0, 0), Buffer.of(255, 255, 255, 255)],
    async run(input) {
      // As a whole file: the checksums are right.
      const snapshot = Buffer.concat(
        [...encodeSnapshot(T0, [0], (_, record) => record.raw(input))].map((piece) => Buffer.from(piece)),
      );
      let at = 0;
      const read = async (length: number) => {
        const part = snapshot.subarray(at, at + length);
        at += part.length;
        return Uint8Array.from(part);
      };
      try {
        await restoreSnapshot(SNAPSHOT_STORE, read, T0 + 1000, new FormerCurves());
      } catch (error) {
        if (!(error instanceof SnapshotError)) throw error;
        assert.equal(SNAPSHOT_STORE.size, 0, 'a snapshot that is refused is taken in part');
      }
      SNAPSHOT_STORE.clear();
    },
  },
  {
    name: 'model',
    files: ['forecast/model/fitted-model', 'forecast/model/evaluate'],
    seeds: [modelBytes()],
    tokens: [Buffer.from(new Float64Array([1, 2 ** 31]).buffer), Buffer.from(new Float64Array([Number.NaN]).buffer)],
    run(input) {
      const model = readModel(input);
      if (model !== undefined) evaluate(model, Float64Array.of(T0, T0 + 86_400_000), { intervalWidth: 0.9 });
    },
  },
];

/** Of a series of two days with a daily season. */
function modelBytes(): Uint8Array {
  const timesMs = Float64Array.from({ length: 300 }, (_, i) => T0 + 600_000 * i);
  const values = timesMs.map((timeMs) => 10 + Math.sin(timeMs / 13_750_987));
  const [rule] = parseConfig(RULES.replace(/growth: logistic, cap: 10, /, ''), '.').rules;
  const { model } = fitProphet({ timesMs, values }, rule!.settings.prophet);
  return new Uint8Array(model.data.slice().buffer);
}
