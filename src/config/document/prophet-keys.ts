/** Names that users of Prophet write and that are no keys here, with the way to what they want. */
export const PROPHET_KEYS: ReadonlyMap<string, string> = new Map([
  ...['periods', 'freq'].map(
    (key) =>
      [key, 'Prophet’s periods times freq are one duration here: horizon of the rule, such as horizon: 7d'] as const,
  ),
  [
    'changepoints',
    'changepoints are not placed by hand: set n_changepoints, changepoint_range and changepoint_prior_scale',
  ],
  [
    'mcmc_samples',
    'leave it out: the parameters are always the most likely ones, as with Prophet’s mcmc_samples=0, its default',
  ],
  ['uncertainty_samples', 'leave it out: the interval is computed without samples'],
  ['stan_backend', 'leave it out: optimizer: stan runs the Stan program of Prophet'],
  ...['add_seasonality', 'custom_seasonalities', 'seasonality'].map(
    (key) => [key, 'further seasons are entries of prophet.seasonalities: {name, period, fourier_order}'] as const,
  ),
  ...['holidays', 'holidays_prior_scale', 'holidays_mode', 'country_holidays', 'add_country_holidays'].map(
    (key) => [key, 'is no key at this place: docs/configuration.md says what there is for holidays'] as const,
  ),
  ...['regressors', 'extra_regressors', 'add_regressor'].map(
    (key) => [key, 'regressors are not supported: they would have to be known for the future'] as const,
  ),
  ['condition_name', 'seasons that hold on some days only are not supported'],
  ['include_history', 'is an option of "sentio forecast": --include-history'],
]);
