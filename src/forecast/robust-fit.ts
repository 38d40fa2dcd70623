import type { Samples } from '../model/columns.js';
import type { ProphetSettings } from '../model/settings.js';
import { evaluate } from './evaluate.js';
import { type Fit, fitProphet } from './fit.js';

/** Values this many robust σ from the fit pull no harder than if they stood there. */
const LIMIT_SIGMAS = 2.5;
/** Of a normal law: σ over the median distance from the centre, and over the distance that nine in ten keep. */
const SIGMA_OF_MEDIAN = 1.4826;
const SIGMA_OF_NINTH_DECILE = 1 / 1.645;

/**
 * Fits Prophet's model so that incidents in the history do not become what is expected. With `outliers: limit` the model
 * is fitted a second time, to values that are no further from the first fit than 2.5 robust σ: one step of Huber's
 * M-estimate by pseudo-values (P. J. Huber, "Robust Statistics", 1981, section 7.8). A level that stays is still learnt,
 * because there all values pull the same way. Otherwise as `fitProphet`.
 */
export function fitRobustly(
  samples: Samples,
  prophet: ProphetSettings,
  options: { readonly stepVariance?: number } = {},
): Fit {
  const first = fitProphet(samples, prophet, options);
  if (prophet.outliers === 'learn') return first;
  const limited = limitOutliers(samples, first);
  return limited === undefined ? first : fitProphet(limited, prophet, options);
}

/** The samples with outliers moved to the limit; undefined where there are none, or where there is no telling. */
function limitOutliers({ timesMs, values }: Samples, { model }: Fit): Samples | undefined {
  const { yhat } = evaluate(model, timesMs, { intervalWidth: 0.5 });
  const residuals = values.map((value, i) => value - yhat[i]!);
  const distances = residuals
    .map(Math.abs)
    .filter((distance) => !Number.isNaN(distance))
    .sort();
  // The median alone is 0 for a series that rests most of the time.
  const sigma = Math.max(
    distances[Math.floor(distances.length * 0.5)]! * SIGMA_OF_MEDIAN,
    distances[Math.floor(distances.length * 0.9)]! * SIGMA_OF_NINTH_DECILE,
  );
  const limit = LIMIT_SIGMAS * sigma;
  if (!(limit > 0) || distances.at(-1)! <= limit) return undefined;
  const limited = values.map((value, i) =>
    Math.abs(residuals[i]!) > limit ? yhat[i]! + Math.sign(residuals[i]!) * limit : value,
  );
  return { timesMs, values: limited };
}
