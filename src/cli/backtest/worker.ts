import { join } from 'node:path';
import { makeLabels } from '../../model/labels.js';
import type { SeriesSettings } from '../../model/settings.js';
import { readCsv } from './csv.js';
import { type Measures, measure } from './measures.js';
import { writePredictions } from './prediction-csv.js';
import { replay } from './replay.js';

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
  const replayed = replay(recorded.samples, labels, { name, selectors: [], settings }, { horizonMs });
  if (out !== undefined) writePredictions(join(out, `${name}.csv`), recorded.samples, replayed);
  return measure(recorded, replayed, { intervalWidth: settings.prophet.intervalWidth, stepMs: settings.stepMs });
}
