import { grown } from './columns.js';
import { WireError } from './wire-error.js';

const FIRST_ROWS = 4096;

/**
 * One remote-write request in columns, between decoding and delivery: nothing of a request is delivered before all of it
 * has been decoded. Made once and refilled, so a request makes no object per series or sample. Grows to `maxRows`.
 */
export class WriteBatch {
  readonly #maxRows: number;

  /** Per series: where what names it lies in the body, [start, end); its samples end before `samplesEnd` and begin where those of the series before it end. */
  seriesCount = 0;
  labelsStart = new Int32Array(0);
  labelsEnd = new Int32Array(0);
  samplesEnd = new Int32Array(0);
  /** Per series, 2.0 only: an index into `METRIC_TYPES`. */
  metricTypes = new Uint8Array(0);

  /** Per sample; where `stale` is 1 the value has no meaning. */
  sampleCount = 0;
  timesMs = new Float64Array(0);
  values = new Float64Array(0);
  stale = new Uint8Array(0);
  /** When the counter of the sample began to count; 0 where that is not said. */
  startsMs = new Float64Array(0);
  /** Whether no sample is older than one before it, of whatever series. */
  isAscending = true;
  #newestMs = Number.NEGATIVE_INFINITY;

  /** Per entry of metadata, 1.0 only: an index into `METRIC_TYPES` and where the family's name lies in the body. */
  metadataCount = 0;
  familyTypes = new Uint8Array(0);
  familyStart = new Int32Array(0);
  familyEnd = new Int32Array(0);

  /** Counted, not stored. */
  exemplars = 0;
  histograms = 0;
  invalidHistograms = 0;
  /** What is wrong with the first invalid histogram. */
  histogramProblem = '';

  /** `maxRows` bounds each of: series, samples, exemplars, histograms, entries of metadata. */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  clear(): void {
    this.seriesCount = 0;
    this.sampleCount = 0;
    this.isAscending = true;
    this.#newestMs = Number.NEGATIVE_INFINITY;
    this.metadataCount = 0;
    this.exemplars = 0;
    this.histograms = 0;
    this.invalidHistograms = 0;
    this.histogramProblem = '';
  }

  addSample(timeMs: number, value: number, stale: boolean, startMs = 0): void {
    const row = this.sampleCount;
    if (row === this.timesMs.length) {
      const rows = this.#moreRows(row, 'samples');
      this.timesMs = grown(this.timesMs, new Float64Array(rows));
      this.values = grown(this.values, new Float64Array(rows));
      this.stale = grown(this.stale, new Uint8Array(rows));
      this.startsMs = grown(this.startsMs, new Float64Array(rows));
    }
    if (timeMs < this.#newestMs) this.isAscending = false;
    else this.#newestMs = timeMs;
    this.timesMs[row] = timeMs;
    this.values[row] = value;
    this.stale[row] = stale ? 1 : 0;
    this.startsMs[row] = startMs;
    this.sampleCount = row + 1;
  }

  /** Sets when the counters of the samples since `firstSample` began, where they do not say so themselves. */
  setStart(firstSample: number, startMs: number): void {
    for (let row = firstSample; row < this.sampleCount; row++) this.startsMs[row] ||= startMs;
  }

  /** Ends a series; the samples added since the last one are its own. */
  addSeries(labelsStart: number, labelsEnd: number, metricType = 0): void {
    const row = this.seriesCount;
    if (row === this.labelsStart.length) {
      const rows = this.#moreRows(row, 'series');
      this.labelsStart = grown(this.labelsStart, new Int32Array(rows));
      this.labelsEnd = grown(this.labelsEnd, new Int32Array(rows));
      this.samplesEnd = grown(this.samplesEnd, new Int32Array(rows));
      this.metricTypes = grown(this.metricTypes, new Uint8Array(rows));
    }
    this.labelsStart[row] = labelsStart;
    this.labelsEnd[row] = labelsEnd;
    this.samplesEnd[row] = this.sampleCount;
    this.metricTypes[row] = metricType;
    this.seriesCount = row + 1;
  }

  addMetadata(type: number, familyStart: number, familyEnd: number): void {
    const row = this.metadataCount;
    if (row === this.familyStart.length) {
      const rows = this.#moreRows(row, 'entries of metadata');
      this.familyTypes = grown(this.familyTypes, new Uint8Array(rows));
      this.familyStart = grown(this.familyStart, new Int32Array(rows));
      this.familyEnd = grown(this.familyEnd, new Int32Array(rows));
    }
    this.familyTypes[row] = type;
    this.familyStart[row] = familyStart;
    this.familyEnd[row] = familyEnd;
    this.metadataCount = row + 1;
  }

  addExemplar(): void {
    if (++this.exemplars > this.#maxRows) throw this.#tooMany('exemplars');
  }

  addHistogram(problem: string): void {
    if (++this.histograms > this.#maxRows) throw this.#tooMany('histograms');
    if (problem === '') return;
    this.invalidHistograms++;
    if (this.histogramProblem === '') this.histogramProblem = problem;
  }

  #moreRows(rows: number, what: string): number {
    if (rows >= this.#maxRows) throw this.#tooMany(what);
    return Math.min(Math.max(rows * 2, FIRST_ROWS), this.#maxRows);
  }

  #tooMany(what: string): WireError {
    return new WireError('too_large', `the request contains more than ${this.#maxRows} ${what}`);
  }
}
