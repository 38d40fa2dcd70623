import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../../lib/files/make-folder.js';
import type { Replay } from '../replay/replay.js';

/** Writes what was expected of every sample and how it scored, one row each; a cell is empty where there was nothing to say. */
export function writePredictions(path: string, replayed: Replay): void {
  const { timesMs, observed, yhat, yhatLower, yhatUpper, scores } = replayed;
  const lines = ['unix_seconds,value,yhat,yhat_lower,yhat_upper,anomaly_score'];
  for (let i = 0; i < timesMs.length; i++) {
    const cells = [observed[i]!, yhat[i]!, yhatLower[i]!, yhatUpper[i]!, scores[i]!];
    lines.push([timesMs[i]! / 1000, ...cells.map((cell) => (Number.isNaN(cell) ? '' : cell))].join(','));
  }
  makeFolder(dirname(path));
  writeFileSync(path, `${lines.join('\n')}\n`);
}
