import { SampleOutcome, Untracked } from '../../model/samples/write-sink.js';

const MAX_PROBLEMS = 3;
const MAX_PROBLEM_LENGTH = 300;

/** Whether the sender should learn that a series is not tracked. */
export function isRefusal(untracked: number): boolean {
  return untracked !== Untracked.noRule && untracked !== Untracked.ownOutput;
}

/** The outcome of one remote-write request. */
export class WriteStats {
  /** Samples received, stale markers among them. */
  samples = 0;
  staleMarkers = 0;
  /** Samples of tracked series, by `SampleOutcome`. */
  readonly byOutcome = new Uint32Array(Object.keys(SampleOutcome).length);
  /** Samples of series that are not tracked, by minus `Untracked`. */
  readonly byUntracked = new Uint32Array(Object.keys(Untracked).length + 1);
  /** Invalid series, with samples or without. */
  invalidSeries = 0;
  exemplars = 0;
  keptExemplars = 0;
  invalidExemplars = 0;
  histograms = 0;
  invalidHistograms = 0;
  /** Of which series were derived. */
  derivedHistograms = 0;
  /** Problems of the first few refused series, samples and histograms; text for the sender. */
  readonly problems: string[] = [];

  #refusalHash = 0;
  #hasMalformed = false;

  /** Takes in what was refused: a series by its label block, with the time of a sample of it. */
  addRefused(bytes: Uint8Array, start: number, end: number, timeMs: number): void {
    if (start === end) {
      this.addMalformed();
      return;
    }
    // FNV-1a, added up, so that the order in a request does not matter.
    let hash = 0x811c9dc5 ^ (timeMs % 0x7fffffff);
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    this.#refusalHash = (this.#refusalHash + hash) | 0;
  }

  /** Takes in that a series was refused because its labels cannot be read, or it has none. */
  addMalformed(): void {
    this.#hasMalformed = true;
  }

  /**
   * What was refused, as a short text: the same for a request that is sent again, whatever order its series are in. Undefined
   * where a series cannot be named, as with references of 2.0 that lead nowhere: one such request is like another.
   */
  get refusal(): string | undefined {
    if (this.#hasMalformed || this.invalidHistograms > 0 || this.invalidExemplars > 0) return undefined;
    return `${this.#refusalHash}/${this.refusedSamples}/${this.invalidSeries}`;
  }

  /** How many samples were refused for each cause that is a fault of the sender, histograms and exemplars among them. */
  get refusals(): { cause: string; samples: number }[] {
    const refusals = [
      { cause: 'too far in the future', samples: this.byOutcome[SampleOutcome.tooNew]! },
      { cause: 'older than the history of their series', samples: this.byOutcome[SampleOutcome.tooOld]! },
      { cause: 'labels that are not valid', samples: this.byUntracked[-Untracked.invalidLabels]! },
      { cause: 'more or longer labels than allowed', samples: this.byUntracked[-Untracked.labelLimit]! },
      { cause: 'native histograms that are not valid', samples: this.invalidHistograms },
      { cause: 'exemplars that are not valid', samples: this.invalidExemplars },
    ];
    return refusals.filter(({ samples }) => samples > 0);
  }

  /** Samples that were refused: the response must say so. */
  get refusedSamples(): number {
    let samples = this.byOutcome[SampleOutcome.tooNew]! + this.byOutcome[SampleOutcome.tooOld]!;
    for (const code of Object.values(Untracked)) if (isRefusal(code)) samples += this.byUntracked[-code]!;
    return samples;
  }

  /** Whether nothing was refused, so that the response may be a success. */
  get accepted(): boolean {
    return (
      this.refusedSamples === 0 &&
      this.invalidSeries === 0 &&
      this.invalidHistograms === 0 &&
      this.invalidExemplars === 0
    );
  }

  /** Whether `addProblem` has room: the text of a problem that nobody reads would cost more than the sample. */
  get wantsProblem(): boolean {
    return this.problems.length < MAX_PROBLEMS;
  }

  addProblem(text: string): void {
    this.problems.push(text.length <= MAX_PROBLEM_LENGTH ? text : `${text.slice(0, MAX_PROBLEM_LENGTH)}…`);
  }

  /** One line for the sender that says what was refused and why. */
  toString(): string {
    const refused: string[] = [];
    if (this.refusedSamples > 0) refused.push(`${this.refusedSamples} of ${this.samples} samples`);
    if (this.invalidSeries > 0) refused.push(`${this.invalidSeries} series with invalid labels`);
    if (this.invalidHistograms > 0) refused.push(`${this.invalidHistograms} of ${this.histograms} histograms`);
    if (this.invalidExemplars > 0) refused.push(`${this.invalidExemplars} of ${this.exemplars} exemplars`);
    if (refused.length === 0) return `all ${this.samples} samples were accepted`;
    return `refused ${refused.join(', ')} and accepted the rest; first: ${this.problems.join('; ')}`;
  }
}
