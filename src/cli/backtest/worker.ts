import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Samples } from '../../model/columns.js';
import { makeLabels } from '../../model/labels.js';
import type { SeriesSettings } from '../../model/settings.js';
import { readCsv } from './csv.js';
import { type Measures, measure } from './measures.js';
import { type Replay, replay } from './replay.js';

/** One series to replay. */
export interface BacktestTask {
  readonly path: string;
  /** What the series is called in the table and below `out`. */
  readonly name: string;
  readonly settings: SeriesSettings;
  /** How long before its time a forecast is taken; as published for the coming step if not given. */
  readonly horizonMs: number | undefined;
  /** Folder for the predictions, if they are wanted. */
  readonly out: string | undefined;
}

/** Replays one file, writes its predictions and says how good they were. */
export default function backtestTask({ path, name, settings, horizonMs, out }: BacktestTask): Measures {
  const recorded = readCsv(path);
  const labels = makeLabels({ __name__: name });
  const replayed = replay(recorded.samples, labels, { name, selectors: [], settings }, horizonMs);
  if (out !== undefined) writePredictions(join(out, `${name}.csv`), recorded.samples, replayed);
  return measure(recorded, replayed, { intervalWidth: settings.prophet.intervalWidth, stepMs: settings.stepMs });
}

function writePredictions(path: string, { timesMs, values }: Samples, replayed: Replay): void {
  const { yhat, yhatLower, yhatUpper, scores } = replayed;
  const lines = ['unix_seconds,value,yhat,yhat_lower,yhat_upper,anomaly_score'];
  for (let i = 0; i < timesMs.length; i++) {
    const cells = [values[i]!, yhat[i]!, yhatLower[i]!, yhatUpper[i]!, scores[i]!];
    lines.push([timesMs[i]! / 1000, ...cells.map((cell) => (Number.isNaN(cell) ? '' : cell))].join(','));
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.join('\n')}\n`);
}
