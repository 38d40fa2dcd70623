import { readFileSync } from 'node:fs';
import {
  initLogging,
  initSync,
  Prophet,
  type ProphetOptimizedParams,
  type ProphetOptions,
  type ProphetSeasonalityOption,
  type ProphetStanData,
} from '@bsull/augurs/prophet';
import { optimizer as stan } from '@bsull/augurs-prophet-wasmstan';
import type { Samples } from '../../model/samples/columns.js';
import type { FitCalendar } from '../../model/samples/fit-calendar.js';
import type { BuiltInSeasonality, ProphetSettings } from '../../model/settings/settings.js';
import { countCoefficients, type Design, designFit, type Parameters } from '../design/design.js';
import { phase } from '../design/fourier.js';
import { columnsOf, DAY_MS, type Seasonality } from '../design/seasonality.js';
import { seasonColumns } from '../design/time-grid.js';
import { FitError } from '../fit-error.js';

/*
 * Prophet as it is: augurs builds the model, an optimizer of augurs' interface finds its optimum, and the parameters are
 * taken as they pass between the two.
 */

initSync({ module: readFileSync(new URL('prophet_bg.wasm', import.meta.resolve('@bsull/augurs/prophet'))) });
// Only what is broken; otherwise augurs logs every fit to the console.
initLogging({ maxLevel: 'error' });

/** What augurs takes for an optimizer; `data` is a `ProphetStanData` in JSON. */
export type Optimizer = ProphetOptions['optimizer'];

/** The random seed of Stan's optimizer, so that the same samples give the same model. */
const SEED = 1;

/**
 * Fits samples (finite, in ascending order of time) through augurs, by default with Stan's L-BFGS. augurs counts in whole
 * seconds: times are rounded to them. Throws `FitError`; after `crashed` Stan's memory is in no known state, and this thread
 * should fit no more.
 */
export function fitWithAugurs(
  samples: Samples,
  prophet: ProphetSettings,
  optimizer: Optimizer = stan as Optimizer,
  calendar?: FitCalendar,
): { design: Design; parameters: Parameters } {
  const seconds = samples.timesMs.map((timeMs) => Math.round(timeMs / 1000));
  const design = designFit(
    { timesMs: seconds.map((second) => second * 1000), values: samples.values },
    prophet,
    calendar,
  );

  let data: ProphetStanData | undefined;
  let params: ProphetOptimizedParams | undefined;
  let crash: unknown;
  const model = new Prophet({
    ...toAugursOptions(design, prophet),
    optimizer: {
      optimize(init, dataJson, options) {
        try {
          data = JSON.parse(dataJson) as ProphetStanData;
          if (isAugursOwn(design)) {
            const output = optimizer.optimize(init, dataJson, options);
            params = output.params;
            return output;
          }
          const own = withOwnColumns(design, data);
          const ownInit = { ...init, beta: new Float64Array(own.K) };
          const output = optimizer.optimize(ownInit, JSON.stringify(own), options);
          params = output.params;
          // augurs' own columns have no part in it.
          return { ...output, params: { ...params, beta: new Float64Array(data.K) } };
        } catch (error) {
          // What WebAssembly throws at a trap.
          if (error instanceof Error && error.name === 'RuntimeError') crash = error;
          throw error;
        }
      },
    },
  });
  try {
    addSeasonalities(model, prophet);
    const { length } = seconds;
    model.fit(
      {
        ds: Array.from(seconds),
        y: samples.values,
        ...(prophet.growth === 'logistic' && {
          cap: new Array(length).fill(prophet.cap),
          floor: new Array(length).fill(design.floor),
        }),
      },
      { seed: SEED },
    );
  } catch (cause) {
    if (crash !== undefined)
      throw new FitError('crashed', `Cannot fit ${seconds.length} values: Stan crashed: ${crash}`, { cause: crash });
    throw new FitError('diverged', `Cannot fit ${seconds.length} values: ${firstLine(cause)}`, { cause });
  } finally {
    model.free();
  }
  if (data === undefined || params === undefined) throw new Error('Cannot fit: augurs did not call its optimizer');
  return { design, parameters: readParameters(design, data, params) };
}

function toAugursOptions(design: Design, prophet: ProphetSettings): Omit<ProphetOptions, 'optimizer'> {
  // augurs counts changepoints below zero where the range holds no sample, so it is passed an empty list.
  const hasChangepoints = design.changepoints.some((t) => t > 0);
  return {
    growth: prophet.growth,
    ...(hasChangepoints && prophet.changepointsMs !== undefined
      ? {
          changepoints: Array.from(design.changepoints, (t) => Math.round((design.startMs + t * design.spanMs) / 1000)),
        }
      : hasChangepoints
        ? { nChangepoints: prophet.nChangepoints, changepointRange: prophet.changepointRange }
        : { changepoints: [] }),
    changepointPriorScale: prophet.changepointPriorScale,
    yearlySeasonality: toAugursOption(prophet.yearlySeasonality),
    weeklySeasonality: toAugursOption(prophet.weeklySeasonality),
    dailySeasonality: toAugursOption(prophet.dailySeasonality),
    seasonalityMode: prophet.seasonalityMode,
    scaling: prophet.scaling === 'minmax' ? 'minMax' : 'absMax',
    seasonalityPriorScale: prophet.seasonalityPriorScale,
  };
}

function toAugursOption(option: BuiltInSeasonality): ProphetSeasonalityOption {
  if (option === 'auto') return { type: 'auto' };
  if (typeof option === 'boolean' || option === 0) return { type: 'manual', enabled: Boolean(option) };
  return { type: 'fourier', order: option };
}

function addSeasonalities(model: Prophet, prophet: ProphetSettings): void {
  for (const { name, periodMs, fourierOrder, priorScale, mode } of prophet.seasonalities)
    model.addSeasonality(name, { period: periodMs / DAY_MS, fourierOrder, priorScale, mode });
}

/** Brings the parameters into the order of the design: augurs keeps its seasonalities in a hash map, in any order. */
function readParameters(design: Design, data: ProphetStanData, params: ProphetOptimizedParams): Parameters {
  const { k, m, delta, sigmaObs } = params;
  if (![k, m, sigmaObs, ...delta, ...params.beta].every(Number.isFinite))
    throw new FitError('diverged', 'Cannot fit: the optimizer returned parameters that are not finite');
  const beta = isAugursOwn(design) ? inOrderOf(design, data, params.beta) : Float64Array.from(params.beta);
  return {
    k: design.growth === 'flat' ? 0 : k,
    m,
    delta: design.growth === 'flat' ? new Float64Array(0) : delta,
    beta,
    sigma: sigmaObs,
  };
}

/** Coefficients of augurs' columns, in the order of the design. */
function inOrderOf(design: Design, data: ProphetStanData, theirs: Float64Array): Float64Array {
  const beta = new Float64Array(countCoefficients(design.seasonalities));
  const offsets = findColumns(design, data);
  let at = 0;
  design.seasonalities.forEach(({ fourierOrder }, i) => {
    beta.set(theirs.subarray(offsets[i]!, offsets[i]! + 2 * fourierOrder), at);
    at += 2 * fourierOrder;
  });
  return beta;
}

/** Whether augurs makes the columns of a design: it knows no time zones, no kinds of days, no months, and holidays by whole days of UTC alone. */
function isAugursOwn({ clock, seasonalities }: Design): boolean {
  return (
    clock.length === 0 &&
    seasonalities.every(({ weekdays, spans, byMonth }) => weekdays === 0 && spans === undefined && byMonth !== true)
  );
}

/** What augurs hands over, with the columns of the design, in its order, in place of augurs' own. */
function withOwnColumns(design: Design, data: ProphetStanData): ProphetStanData {
  const timesMs = Float64Array.from(data.t, (t) => Math.round(design.startMs + t * design.spanMs));
  const columns = design.seasonalities.flatMap((season) => seasonColumns(timesMs, design.clock, season));
  const perColumn = <T>(of: (season: Seasonality) => T) =>
    design.seasonalities.flatMap((season) => new Array<T>(columnsOf(season)).fill(of(season)));
  const rows = Array.from(timesMs, (_, i) => columns.map((column) => column[i]!));
  return {
    ...data,
    K: columns.length,
    X: rows as unknown as ProphetStanData['X'],
    sigmas: perColumn(({ priorScale }) => priorScale) as unknown as ProphetStanData['sigmas'],
    s_a: perColumn(({ multiplicative }) => (multiplicative ? 0 : 1)) as unknown as ProphetStanData['s_a'],
    s_m: perColumn(({ multiplicative }) => (multiplicative ? 1 : 0)) as unknown as ProphetStanData['s_m'],
  };
}

/** Index of the first column of each of the design's seasonalities in augurs' X. */
function findColumns(design: Design, data: ProphetStanData): number[] {
  const offsets: number[] = [];
  // Of two seasonalities of one period the columns of the shorter are the first of the longer: the longest goes first.
  const open = design.seasonalities.map((_, i) => i);
  open.sort((a, b) => design.seasonalities[b]!.fourierOrder - design.seasonalities[a]!.fourierOrder);
  for (let column = 0; open.length > 0; ) {
    const found = open.findIndex((i) => standsAt(design, design.seasonalities[i]!, data, column));
    if (found < 0) throw new Error(`Cannot read augurs' features: column ${column} belongs to no seasonality`);
    const [i] = open.splice(found, 1);
    offsets[i!] = column;
    column += 2 * design.seasonalities[i!]!.fourierOrder;
  }
  return offsets;
}

function standsAt(design: Design, seasonality: Seasonality, data: ProphetStanData, column: number): boolean {
  const { periodMs, fourierOrder, priorScale, multiplicative } = seasonality;
  const last = column + 2 * fourierOrder - 1;
  if (last >= data.K || data.sigmas[last] !== priorScale || (data.s_m[last] === 1) !== multiplicative) return false;
  // The typings say that X is one flat array; it is an array of rows.
  const rows = data.X as unknown as number[][];
  return rows.every((row, i) => {
    const theta = phase(design.startMs + data.t[i]! * design.spanMs, periodMs);
    return (
      Math.abs(row[column]! - Math.sin(theta)) < 1e-4 && Math.abs(row[last]! - Math.cos(fourierOrder * theta)) < 1e-4
    );
  });
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]!;
}
