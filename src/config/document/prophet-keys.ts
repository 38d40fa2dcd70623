/** Names that users of Prophet write and that are no keys here, with the way to what they want. */
export const PROPHET_KEYS: ReadonlyMap<string, string> = new Map([
  ...['periods', 'freq'].map(
    (key) =>
      [key, 'Prophet’s periods times freq are one duration here: horizon of the rule, such as horizon: 7d'] as const,
  ),
  [
    'mcmc_samples',
    'not supported, because a fit of thousands of samples takes minutes a series: the parameters are the most likely ones, as with Prophet’s own mcmc_samples=0',
  ],
  ['uncertainty_samples', 'not supported, because the interval is computed in closed form, without samples'],
  ['stan_backend', 'not supported, because there is one backend: optimizer: stan runs the Stan program of Prophet'],
  ...['add_seasonality', 'custom_seasonalities', 'seasonality'].map(
    (key) => [key, 'further seasons are entries of prophet.seasonalities: {name, period, fourier_order}'] as const,
  ),
  ...['holidays', 'country_holidays', 'add_country_holidays'].map(
    (key) =>
      [
        key,
        'holidays are calendars of the file, and special_days of a rule: {calendar, learn: true} learns them',
      ] as const,
  ),
  ...['lower_window', 'upper_window'].map(
    (key) => [key, 'Prophet’s windows are before and after of special_days: before: 1d for lower_window -1'] as const,
  ),
  ...['regressors', 'extra_regressors', 'add_regressor'].map(
    (key) => [key, 'not supported, because the values of a regressor would have to be known for the future'] as const,
  ),
  ['condition_name', 'seasons that hold on some days only have a condition: weekday, weekend, saturday or sunday'],
  ['include_history', 'is an option of "sentio forecast": --include-history'],
]);
