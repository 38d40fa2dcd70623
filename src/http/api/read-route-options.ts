import type { EngineQueries } from '../../engine/query/engine-queries.js';
import type { Access } from '../access/access.js';
import type { Reads } from '../request/reads.js';

/** What every route needs that reads. */
export interface ReadRouteOptions {
  readonly queries: EngineQueries;
  readonly access: Access;
  /** Shared by all reads. */
  readonly reads: Reads;
  readonly now: () => number;
}
