import { join } from 'node:path';
import { readCsv } from '#src/backtest/input/csv.js';
import { samplingIntervalMs } from '#src/backtest/input/recorded-series.js';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { writePredictions } from '#src/backtest/summary/prediction-csv.js';
import { makeLabels } from '#src/model/labels/labels.js';
import type { SeriesSettings } from '#src/model/settings/settings.js';
import { CachedFits } from './cached-fits.js';

/** What `backtest FILE --out` does, but for fits that were made before. */
export default function replayCached(task: {
  readonly path: string;
  readonly name: string;
  readonly settings: SeriesSettings;
  readonly out: string;
}): void {
  const { path, name, out } = task;
  const { samples } = readCsv(path);
  const settings = settingsAtStep(task.settings, samplingIntervalMs(samples.timesMs));
  const fits = new CachedFits(name);
  const replayed = replay(samples, makeLabels({ __name__: name }), { name, selectors: [], settings }, fits);
  fits.save();
  writePredictions(join(out, `${name}.csv`), replayed);
}
