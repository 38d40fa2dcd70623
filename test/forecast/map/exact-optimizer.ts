import type { ProphetStanData } from '@bsull/augurs/prophet';
import { optimizer as stan } from '@bsull/augurs-prophet-wasmstan';
import { Regressors } from '#src/forecast/design/regressors.js';
import type { Optimizer } from '#src/forecast/fit/augurs.js';
import { optimizeMap } from '#src/forecast/map/map-optimizer.js';
import type { MapProblem } from '#src/forecast/map/map-problem.js';

/** `trend_indicator` of the Stan program. */
const LOGISTIC = 1;
const FLAT = 2;

/**
 * The exact optimizer behind augurs' own interface, for any augurs `Prophet`. Logistic growth, and anything whose
 * optimality check fails, goes to Stan.
 */
export const exactOptimizer: Optimizer = {
  optimize(init, dataJson, options) {
    const data: ProphetStanData = JSON.parse(dataJson);
    if (data.trend_indicator === LOGISTIC) return (stan as Optimizer).optimize(init, dataJson, options);
    const { parameters, isOptimal } = optimizeMap(readStanData(data));
    if (!isOptimal) return (stan as Optimizer).optimize(init, dataJson, options);
    const { k, m, beta, sigma } = parameters;
    const delta = data.trend_indicator === FLAT ? new Float64Array(data.S) : parameters.delta;
    return {
      params: { k, m, delta, beta, sigmaObs: sigma, trend: new Float64Array(0) },
      logs: { debug: '', info: '', warn: '', error: '', fatal: '' },
    };
  },
};

/** The problem in augurs' hand-over to Stan. */
function readStanData(data: ProphetStanData): MapProblem {
  const centre = data.y.reduce((sum, y) => sum + y, 0) / data.T;
  // The typings say that X is one flat array; it is an array of rows.
  const rows = data.X as unknown as number[][];
  const isFlat = data.trend_indicator === FLAT;
  return {
    regressors: new Regressors(
      Float64Array.from(data.t),
      Float64Array.from(data.t_change),
      isFlat,
      data.sigmas.map((_, j) => Float64Array.from(rows, (row) => row[j]!)),
    ),
    y: Float64Array.from(data.y, (y) => y - centre),
    centre,
    priorScales: Float64Array.from(data.sigmas),
    multiplicative: data.s_m.map((mode) => mode === 1),
    changepointPriorScale: data.tau,
  };
}
