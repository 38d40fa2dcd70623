import { LOOKBACK_MS } from '../model/samples/staleness.js';

/** A series that a marker names, as far as its group looks at it. */
export interface GroupMember {
  /** What it said last: its value, or the values of the labels that are looked at; undefined before its first sample. */
  state: string | undefined;
  /** Time of its last sample; −∞ before the first. */
  lastMs: number;
  /** Whether its source has ended it since. */
  hasEnded: boolean;
}

/**
 * Series that speak of one thing, such as the pods of a deployment, and the states that they show. A state that none of them
 * shows is an event: while old pods are replaced by new ones, the first new one.
 */
export class MarkerGroup {
  readonly #hasFixedStates: boolean;
  readonly #members = new Set<GroupMember>();
  #first: GroupMember | undefined;
  #firstMs = Number.NaN;
  /** Series that appear before have been there already. */
  #settledMs = Number.POSITIVE_INFINITY;

  /** `hasFixedStates`: a state is a part of the labels, so that a series that comes back brings its state back. */
  constructor(hasFixedStates: boolean) {
    this.#hasFixedStates = hasFixedStates;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Adds a series; one that was known before the start has a state. */
  add(member: GroupMember): void {
    this.#members.add(member);
    if (member.state !== undefined) this.#settledMs = Number.NEGATIVE_INFINITY;
  }

  remove(member: GroupMember): void {
    this.#members.delete(member);
  }

  /**
   * Takes in what a member shows at a time later than its last sample. Returns the state before where that is an event, else
   * undefined.
   */
  observe(member: GroupMember, timeMs: number, state: string): string | undefined {
    this.#settle(member, timeMs);
    const before =
      state === member.state && !this.#hasFixedStates ? undefined : this.#stateBefore(member, timeMs, state);
    member.state = state;
    member.lastMs = timeMs;
    member.hasEnded = false;
    return before;
  }

  /**
   * What the members show at first is known once the first of them has come again, and has had the time to come once more: each
   * comes once an interval.
   */
  #settle(member: GroupMember, timeMs: number): void {
    if (this.#first === undefined) {
      this.#first = member;
      this.#firstMs = timeMs;
    } else if (member === this.#first && this.#settledMs === Number.POSITIVE_INFINITY) {
      this.#settledMs = timeMs + (timeMs - this.#firstMs);
    }
  }

  #stateBefore(member: GroupMember, timeMs: number, state: string): string | undefined {
    const isNew = member.state === undefined;
    // Fast path: it goes on.
    if (state === member.state && member.lastMs > timeMs - LOOKBACK_MS) return undefined;
    if (isNew && timeMs < this.#settledMs) return undefined;
    const shown = this.#shownAt(timeMs);
    if (shown.some((other) => other.state === state)) return undefined;
    return isNew || state === member.state ? mostCommon(shown) : member.state;
  }

  /** The members that show a state at a time: those that were there shortly before, or, where none was, those that were there last. */
  #shownAt(timeMs: number): GroupMember[] {
    const members = [...this.#members].filter(({ state }) => state !== undefined);
    const newestMs = members.reduce((newest, { lastMs }) => Math.max(newest, lastMs), Number.NEGATIVE_INFINITY);
    const sinceMs = (newestMs > timeMs - LOOKBACK_MS ? timeMs : newestMs) - LOOKBACK_MS;
    return members.filter(({ lastMs }) => lastMs > sinceMs);
  }
}

/** The state that most show, of those that have not ended where there are any; of several the one seen last, then the first in order. */
function mostCommon(members: readonly GroupMember[]): string | undefined {
  const present = members.filter(({ hasEnded }) => !hasEnded);
  const states = new Map<string, { count: number; lastMs: number }>();
  for (const { state, lastMs } of present.length > 0 ? present : members) {
    const known = states.get(state!) ?? { count: 0, lastMs: Number.NEGATIVE_INFINITY };
    states.set(state!, { count: known.count + 1, lastMs: Math.max(known.lastMs, lastMs) });
  }
  const [first] = [...states].sort(
    ([a, one], [b, other]) => other.count - one.count || other.lastMs - one.lastMs || (a < b ? -1 : 1),
  );
  return first?.[0];
}
