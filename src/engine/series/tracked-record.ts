import type { ProphetSettings } from '../../model/settings/settings.js';
import type { RecordReader, RecordWriter } from '../../series/snapshot/snapshot-record.js';
import { restoreArrival, saveArrival } from './arrival-state.js';
import { restoreFit, saveFit } from './fit-state.js';
import { restoreHistory, saveHistory } from './history-state.js';
import { restoreLevels, saveLevels } from './level-state.js';
import { restorePresence, savePresence } from './presence-state.js';
import { restorePublished, savePublished } from './publish-state.js';
import { restoreScores, saveScores } from './score-state.js';
import { TrackedSeries } from './tracked-series.js';

/** The state of a series, in the order of its record: each part is written and read by the file that owns it. */
const PARTS: readonly {
  save(series: TrackedSeries, record: RecordWriter): void;
  restore(series: TrackedSeries, record: RecordReader, prophet: ProphetSettings): void;
}[] = [
  { save: saveHistory, restore: restoreHistory },
  { save: savePublished, restore: restorePublished },
  { save: savePresence, restore: restorePresence },
  { save: saveArrival, restore: restoreArrival },
  { save: saveScores, restore: restoreScores },
  { save: saveLevels, restore: restoreLevels },
  { save: saveFit, restore: restoreFit },
];

/** Writes what the engine keeps of a series. Failed fits are not written: they are tried again. */
export function saveTracked(series: TrackedSeries, record: RecordWriter): void {
  for (const { save } of PARTS) save(series, record);
}

/** Reads of what `saveTracked` wrote up to where the curve of the future was written, by quantity. */
export function readFutureUntil(record: RecordReader): TrackedSeries['futureUntilMs'] {
  const series = new TrackedSeries(0);
  restoreHistory(series, record);
  restorePublished(series, record);
  return series.futureUntilMs;
}

/** Reads what `saveTracked` wrote. `prophet` are the present options, which the model may have been made with. */
export function restoreTracked(id: number, record: RecordReader, prophet: ProphetSettings): TrackedSeries {
  const series = new TrackedSeries(id);
  for (const { restore } of PARTS) restore(series, record, prophet);
  return series;
}
