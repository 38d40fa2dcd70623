import { PIECE_LENGTH } from '../../calendar/season-clock.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import type { Design, Parameters } from '../design/design.js';
import { columnsOf } from '../design/seasonality.js';

/*
 * The layout of `FittedModel.data`, in doubles: a header, then the rate changes that are not zero as pairs (scaled time,
 * δ), the number of triples of the seasons' clock and these (calendar/season-clock.ts), then the seasonalities: period in
 * ms, Fourier order, `Mode`, length of the name in UTF-8 bytes, the name packed six bytes to a double, of a holiday the
 * number of its spans and these, and the coefficients (the level if it has one, then sin, cos by turns).
 */
const LAYOUT_VERSION = 2;
export const Header = {
  version: 0,
  /** Time of the first and span to the last training value, ms: t = (time − startMs)/spanMs. */
  startMs: 1,
  spanMs: 2,
  /** y = (value − floor)/yScale. */
  floor: 3,
  yScale: 4,
  /** Index in `GROWTHS`. */
  growth: 5,
  /** Scaled cap of logistic growth, else NaN. */
  cap: 6,
  k: 7,
  m: 8,
  /** Noise of the values trained on, and of single steps; scaled. */
  sigma: 9,
  stepSigma: 10,
  /** Number of potential changepoints S, and mean |δ| over all of them: the distribution of future rate changes. */
  changepoints: 11,
  meanAbsDelta: 12,
  points: 13,
  changes: 14,
  seasonalities: 15,
} as const;
const HEADER_LENGTH = 16;

/**
 * How a seasonality enters, in bits: whether it multiplies, whether it has a level, from bit 2 its days of the week, whether it has
 * spans, and whether it goes by calendar months.
 */
export const Mode = { multiplicative: 1, level: 2, weekdays: 2, spans: 0x200, month: 0x400 } as const;
const NAME_BYTES_PER_DOUBLE = 6;
/** The layout before: without a clock, by UTC. */
const LAYOUT_BEFORE_CLOCKS = 1;

/** Growths in the order in which `Header.growth` numbers them. */
export const GROWTHS = ['linear', 'logistic', 'flat'] as const satisfies readonly ProphetSettings['growth'][];

/** One seasonality of `FittedModel.data`, and where its coefficients are. */
export interface SeasonalityShape {
  readonly periodMs: number;
  readonly fourierOrder: number;
  readonly multiplicative: boolean;
  readonly hasLevel: boolean;
  /** As in `Seasonality`. */
  readonly weekdays: number;
  readonly byMonth: boolean;
  /** As in `Seasonality`: a view. */
  readonly spans: Float64Array | undefined;
  /** Index of the first coefficient. */
  readonly betaOffset: number;
}

/** The same with its name. */
interface SeasonalityRef extends SeasonalityShape {
  readonly name: string;
}

/**
 * A fitted model: everything that is kept of a fit, in one array of a few hundred bytes that can be transferred between
 * threads and stored. `evaluate.ts` makes forecasts of it. The model owns the array, which is never written again.
 */
export class FittedModel {
  readonly data: Float64Array<ArrayBuffer>;

  /**
   * Takes over an array in the layout above, as an older model's `data`. Throws `RangeError` if its length does not
   * fit.
   */
  constructor(data: Float64Array<ArrayBuffer>) {
    if (data[Header.version] !== LAYOUT_VERSION || data.length !== expectedLength(data))
      throw new RangeError(
        `Cannot read fitted model: ${data.length} doubles are not a model of layout ${LAYOUT_VERSION}`,
      );
    this.data = data;
  }

  /** First and last time of the training data. */
  get firstMs(): number {
    return this.data[Header.startMs]!;
  }

  get lastMs(): number {
    return this.data[Header.startMs]! + this.data[Header.spanMs]!;
  }

  /** How many values the model was trained on. */
  get points(): number {
    return this.data[Header.points]!;
  }

  get growth(): ProphetSettings['growth'] {
    return GROWTHS[this.data[Header.growth]!]!;
  }

  /** Noise of a single step, in the unit of the series. */
  get sigma(): number {
    return this.data[Header.stepSigma]! * this.data[Header.yScale]!;
  }

  /** The clock that the seasonalities go by, as in `FitCalendar`: a view. */
  get clock(): Float64Array {
    return this.data.subarray(clockAt(this.data) + 1, seasonalitiesAt(this.data));
  }

  /** The seasonalities in the order of their coefficients. Allocates; not for hot paths. */
  get seasonalities(): SeasonalityRef[] {
    const { data } = this;
    const found: SeasonalityRef[] = [];
    let at = seasonalitiesAt(data);
    for (let i = 0; i < data[Header.seasonalities]!; i++) {
      const shape = seasonalityAt(data, at);
      const name = unpackText(data.subarray(at + 4, nameEndAt(data, at)), data[at + 3]!);
      found.push({ name, ...shape });
      at = shape.betaOffset + coefficientsAt(data, at);
    }
    return found;
  }
}

/** Index of the first pair (scaled time, δ) in `FittedModel.data`. */
export const CHANGES_OFFSET = HEADER_LENGTH;

/** Index of the number of triples of the clock, which follow it. */
export function clockAt(data: Float64Array): number {
  return CHANGES_OFFSET + 2 * data[Header.changes]!;
}

/** Index of the first seasonality. */
export function seasonalitiesAt(data: Float64Array): number {
  const at = clockAt(data);
  return at + 1 + PIECE_LENGTH * data[at]!;
}

/** The seasonality at `at`, without its name, which takes longer to read than all else. */
export function seasonalityAt(data: Float64Array, at: number): SeasonalityShape {
  const mode = data[at + 2]!;
  const betaOffset = betaOffsetAt(data, at);
  return {
    periodMs: data[at]!,
    fourierOrder: data[at + 1]!,
    multiplicative: (mode & Mode.multiplicative) !== 0,
    hasLevel: (mode & Mode.level) !== 0,
    weekdays: weekdaysOf(mode),
    byMonth: (mode & Mode.month) !== 0,
    spans: (mode & Mode.spans) === 0 ? undefined : data.subarray(nameEndAt(data, at) + 1, betaOffset),
    betaOffset,
  };
}

/** Number of coefficients of the seasonality at `at`. */
export function coefficientsAt(data: Float64Array, at: number): number {
  return 2 * data[at + 1]! + ((data[at + 2]! & Mode.level) === 0 ? 0 : 1);
}

/** Index of the first coefficient of the seasonality at `at`. Allocates nothing. */
export function betaOffsetAt(data: Float64Array, at: number): number {
  const nameEnd = nameEndAt(data, at);
  return (data[at + 2]! & Mode.spans) === 0 ? nameEnd : nameEnd + 1 + 2 * data[nameEnd]!;
}

/** Index behind the name of the seasonality at `at`: of the number of its spans, if it is a holiday. Allocates nothing. */
export function nameEndAt(data: Float64Array, at: number): number {
  return at + 4 + Math.ceil(data[at + 3]! / NAME_BYTES_PER_DOUBLE);
}

/** The days of the week of a mode, as in `Seasonality`. */
export function weekdaysOf(mode: number): number {
  return (mode >> Mode.weekdays) & 0x7f;
}

/**
 * Packs a fit. `stepVariance` is what a single step scatters around the values trained on, in squared units of the
 * series: the noise of a step is σ² + stepVariance/yScale².
 */
export function packModel(
  design: Design,
  parameters: Parameters,
  fit: { points: number; stepVariance: number },
): FittedModel {
  const { changepoints, seasonalities, yScale, clock } = design;
  const { delta, beta, sigma } = parameters;
  const changes: number[] = [];
  let sumAbsDelta = 0;
  delta.forEach((change, j) => {
    sumAbsDelta += Math.abs(change);
    if (change !== 0) changes.push(changepoints[j]!, change);
  });
  const tail: number[] = [clock.length / PIECE_LENGTH, ...clock];
  let coefficient = 0;
  for (const seasonality of seasonalities) {
    const { name, periodMs, fourierOrder, multiplicative, hasLevel, weekdays, byMonth, spans } = seasonality;
    const mode =
      (multiplicative ? Mode.multiplicative : 0) |
      (hasLevel ? Mode.level : 0) |
      (weekdays << Mode.weekdays) |
      (spans === undefined ? 0 : Mode.spans) |
      (byMonth === true ? Mode.month : 0);
    const bytes = Buffer.from(name);
    tail.push(periodMs, fourierOrder, mode, bytes.length, ...packText(bytes));
    if (spans !== undefined) tail.push(spans.length / 2, ...spans);
    tail.push(...beta.subarray(coefficient, coefficient + columnsOf(seasonality)));
    coefficient += columnsOf(seasonality);
  }
  const data = new Float64Array(HEADER_LENGTH + changes.length + tail.length);
  data[Header.version] = LAYOUT_VERSION;
  data[Header.startMs] = design.startMs;
  data[Header.spanMs] = design.spanMs;
  data[Header.floor] = design.floor;
  data[Header.yScale] = yScale;
  data[Header.growth] = GROWTHS.indexOf(design.growth);
  data[Header.cap] = design.cap;
  data[Header.k] = parameters.k;
  data[Header.m] = parameters.m;
  data[Header.sigma] = sigma;
  data[Header.stepSigma] = Math.hypot(sigma, Math.sqrt(fit.stepVariance) / yScale);
  data[Header.changepoints] = changepoints.length;
  data[Header.meanAbsDelta] = changepoints.length === 0 ? 0 : sumAbsDelta / changepoints.length;
  data[Header.points] = fit.points;
  data[Header.changes] = changes.length / 2;
  data[Header.seasonalities] = seasonalities.length;
  data.set(changes, HEADER_LENGTH);
  data.set(tail, HEADER_LENGTH + changes.length);
  return new FittedModel(data);
}

function expectedLength(data: Float64Array): number {
  if (!(clockAt(data) < data.length)) return Number.NaN;
  let at = seasonalitiesAt(data);
  for (let i = 0; i < data[Header.seasonalities]!; i++) {
    if (!(at + 4 <= data.length)) return Number.NaN;
    at = betaOffsetAt(data, at) + coefficientsAt(data, at);
  }
  return at;
}

function packText(bytes: Buffer): number[] {
  const packed: number[] = [];
  for (let at = 0; at < bytes.length; at += NAME_BYTES_PER_DOUBLE)
    packed.push(bytes.readUIntLE(at, Math.min(NAME_BYTES_PER_DOUBLE, bytes.length - at)));
  return packed;
}

function unpackText(packed: Float64Array, length: number): string {
  const bytes = Buffer.alloc(packed.length * NAME_BYTES_PER_DOUBLE);
  packed.forEach((value, i) => {
    bytes.writeUIntLE(value, i * NAME_BYTES_PER_DOUBLE, NAME_BYTES_PER_DOUBLE);
  });
  return bytes.toString('utf8', 0, length);
}

/** Data of the layout before in this one. */
function withClock(data: Float64Array): Float64Array<ArrayBuffer> {
  const at = Math.min(clockAt(data), data.length);
  const changed = new Float64Array(data.length + 1);
  changed.set(data.subarray(0, at));
  changed.set(data.subarray(at), at + 1);
  changed[Header.version] = LAYOUT_VERSION;
  return changed;
}

/** A model from the bytes of its `data`, in this layout or in that of a Sentio before; undefined where they are of another. */
export function readModel(bytes: Uint8Array): FittedModel | undefined {
  if (bytes.length % Float64Array.BYTES_PER_ELEMENT !== 0) return undefined;
  let data = new Float64Array(bytes.length / Float64Array.BYTES_PER_ELEMENT);
  new Uint8Array(data.buffer).set(bytes);
  if (data[Header.version] === LAYOUT_BEFORE_CLOCKS) data = withClock(data);
  try {
    const model = new FittedModel(data);
    // Throws where the name of a season is none.
    void model.seasonalities;
    return model;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}
