/** The label in which Prometheus' feature `type-and-unit-labels` sends the type of a series. */
export const TYPE_LABEL = '__type__';

/**
 * Labels that say something about a series and do not identify it: it stays the same when a sender begins to add them, and what is
 * published of it, a rate or a score, has another type and unit.
 */
export const METADATA_LABELS: ReadonlySet<string> = new Set([TYPE_LABEL, '__unit__']);
