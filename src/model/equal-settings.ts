import { isDeepStrictEqual } from 'node:util';
import type { SeriesSettings } from './settings.js';

/** Whether a reload left a rule's settings as they were, so that its series can keep their rings and models. */
export function equalSettings(a: SeriesSettings, b: SeriesSettings): boolean {
  return isDeepStrictEqual(a, b);
}
