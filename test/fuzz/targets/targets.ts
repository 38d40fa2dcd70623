import type { FuzzTarget } from '../fuzz.js';
import { CALENDAR_TARGETS } from './calendar.js';
import { HTTP_TARGETS } from './http.js';
import { KEPT_TARGETS } from './kept.js';
import { LANGUAGE_TARGETS } from './language.js';
import { READ_TARGETS } from './read.js';
import { WRITE_TARGETS } from './write.js';

/** All that takes bytes or texts of others. */
export const TARGETS: readonly FuzzTarget[] = [
  ...WRITE_TARGETS,
  ...READ_TARGETS,
  ...KEPT_TARGETS,
  ...LANGUAGE_TARGETS,
  ...CALENDAR_TARGETS,
  ...HTTP_TARGETS,
];
