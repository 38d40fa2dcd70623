import type { Incident } from './incident.js';
import { sortInSlices } from './sort-in-slices.js';

const MAX_CLOSED = 1000;
/** Members that closed incidents keep: the first ones of each, and at most this many in all. */
const MAX_KEPT_MEMBERS = 500;
const MAX_CLOSED_MEMBERS = 20_000;

/** The last incidents that are over, in order of their ends; bounded in number and in members. */
export class ClosedIncidents {
  #list: Incident[] = [];

  get list(): readonly Incident[] {
    return this.#list;
  }

  /** Adds incidents that are over, with all of their members until `trim`. */
  push(over: Iterable<Incident>): void {
    this.#list.push(...over);
  }

  /** Brings `over`, which were pushed, and all others within their bounds. Yields between pieces of work. */
  *trim(over: Iterable<Incident>): Generator<void> {
    for (const incident of over) incident.members = incident.members.slice(0, MAX_KEPT_MEMBERS);
    this.#list = yield* sortInSlices(this.#list, byEnd);
    this.#dropOldest();
  }

  /** Takes over those of a former process. */
  restore(closed: readonly Incident[]): void {
    this.#list = [...closed];
  }

  /** Drops what there is no room for: the oldest, where it is their members; else single series, because these come and go by the thousand. */
  #dropOldest(): void {
    let kept = this.#list.reduce((sum, { members }) => sum + members.length, 0);
    let first = 0;
    while (kept > MAX_CLOSED_MEMBERS) kept -= this.#list[first++]!.members.length;
    let toDrop = Math.max(0, this.#list.length - first - MAX_CLOSED);
    this.#list = this.#list.slice(first).filter(({ series }) => series > 1 || toDrop-- <= 0);
    this.#list = this.#list.slice(Math.max(0, this.#list.length - MAX_CLOSED));
  }
}

/** By the end of an incident. */
function byEnd(a: Incident, b: Incident): number {
  return a.lastMs - b.lastMs || (a.id < b.id ? -1 : 1);
}
