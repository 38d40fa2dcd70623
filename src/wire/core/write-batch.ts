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

  /** Per valid histogram: the number of its series, and where it lies in the body. */
  histogramCount = 0;
  histogramSeries = new Int32Array(0);
  histogramStart = new Int32Array(0);
  histogramEnd = new Int32Array(0);
  readonly #histogramCopies = new Map<number, Uint8Array>();

  /** Per exemplar: the number of its series, and where it lies in the body. */
  exemplars = 0;
  exemplarSeries = new Int32Array(0);
  exemplarStart = new Int32Array(0);
  exemplarEnd = new Int32Array(0);
  readonly #exemplarCopies = new Map<number, Uint8Array>();

  /** Valid ones and others. */
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
    this.histogramCount = 0;
    this.#histogramCopies.clear();
    this.exemplars = 0;
    this.#exemplarCopies.clear();
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

  /** Adds an exemplar of the series that is being read. */
  addExemplar(start: number, end: number): void {
    const row = this.exemplars;
    if (row === this.exemplarSeries.length) {
      const rows = this.#moreRows(row, 'exemplars');
      this.exemplarSeries = grown(this.exemplarSeries, new Int32Array(rows));
      this.exemplarStart = grown(this.exemplarStart, new Int32Array(rows));
      this.exemplarEnd = grown(this.exemplarEnd, new Int32Array(rows));
    }
    this.exemplarSeries[row] = this.seriesCount;
    this.exemplarStart[row] = start;
    this.exemplarEnd[row] = end;
    this.exemplars = row + 1;
  }

  /** Counts a histogram, or a chunk of some, that is passed over. */
  countHistogram(): void {
    if (++this.histograms > this.#maxRows) throw this.#tooMany('histograms');
  }

  /** Adds a histogram of the series that is being read; `problem` says what is wrong with it, or is `''`. */
  addHistogram(problem: string, start: number, end: number): void {
    this.countHistogram();
    if (problem !== '') {
      this.invalidHistograms++;
      if (this.histogramProblem === '') this.histogramProblem = problem;
      return;
    }
    const row = this.histogramCount;
    if (row === this.histogramSeries.length) {
      const rows = this.#moreRows(row, 'histograms');
      this.histogramSeries = grown(this.histogramSeries, new Int32Array(rows));
      this.histogramStart = grown(this.histogramStart, new Int32Array(rows));
      this.histogramEnd = grown(this.histogramEnd, new Int32Array(rows));
    }
    this.histogramSeries[row] = this.seriesCount;
    this.histogramStart[row] = start;
    this.histogramEnd[row] = end;
    this.histogramCount = row + 1;
  }

  /**
   * Copies the histograms and exemplars of the series that is being read, because its labels are about to be moved over them. Each
   * is copied once.
   */
  keepMessages(body: Uint8Array): void {
    this.#keep(this.#histogramCopies, this.histogramCount, this.histogramSeries, (row) =>
      body.slice(this.histogramStart[row], this.histogramEnd[row]),
    );
    this.#keep(this.#exemplarCopies, this.exemplars, this.exemplarSeries, (row) =>
      body.slice(this.exemplarStart[row], this.exemplarEnd[row]),
    );
  }

  #keep(copies: Map<number, Uint8Array>, count: number, seriesOf: Int32Array, copy: (row: number) => Uint8Array): void {
    for (let row = count - 1; row >= 0 && seriesOf[row] === this.seriesCount && !copies.has(row); row--) {
      copies.set(row, copy(row));
    }
  }

  /** The bytes of a histogram, in `body` unless they had to be copied; valid until the next request. */
  histogram(row: number, body: Uint8Array): Uint8Array {
    return this.#histogramCopies.get(row) ?? body.subarray(this.histogramStart[row], this.histogramEnd[row]);
  }

  /** As `histogram`, of an exemplar. */
  exemplar(row: number, body: Uint8Array): Uint8Array {
    return this.#exemplarCopies.get(row) ?? body.subarray(this.exemplarStart[row], this.exemplarEnd[row]);
  }

  #moreRows(rows: number, what: string): number {
    if (rows >= this.#maxRows) throw this.#tooMany(what);
    return Math.min(Math.max(rows * 2, FIRST_ROWS), this.#maxRows);
  }

  #tooMany(what: string): WireError {
    return new WireError('too_large', `the request contains more than ${this.#maxRows} ${what}`);
  }
}
