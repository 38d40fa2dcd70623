# Fits one series with R Prophet and writes NAME.fit.json and NAME.forecast.csv: see README.md.
#   Rscript fit.R TRAIN.csv NAME OUT_DIR PERIODS FREQ_SECONDS [option=value ...]
# Beside the options of prophet(): cap=N, holidays=FILE.csv, changepoints=DATE,DATE, conditional=yes (a daily season of weekdays
# and one of weekends instead of one of all days).
suppressMessages({library(prophet); library(jsonlite)})

args <- commandArgs(trailingOnly = TRUE)
train_csv <- args[1]; name <- args[2]; out <- args[3]
periods <- as.integer(args[4]); freq <- as.numeric(args[5])
options <- list()
cap <- NULL
holidays_csv <- NULL
conditional <- FALSE
for (pair in args[-(1:5)]) {
  key <- sub('=.*', '', pair); value <- sub('[^=]*=', '', pair)
  number <- suppressWarnings(as.numeric(value))
  if (key == 'cap') cap <- number
  else if (key == 'holidays') { holidays_csv <- value; options$holidays <- read.csv(value, stringsAsFactors = FALSE) }
  else if (key == 'changepoints') options$changepoints <- as.POSIXct(strsplit(value, ',')[[1]], tz = 'GMT')
  else if (key == 'conditional') conditional <- TRUE
  else options[[key]] <- if (is.na(number)) value else number
}

rows <- read.csv(train_csv, stringsAsFactors = FALSE)
df <- data.frame(ds = as.POSIXct(rows[[1]], tz = 'GMT'), y = rows[[2]])
if (!is.null(cap)) df$cap <- cap
started <- proc.time()[['elapsed']]
is_weekend <- function(ds) format(ds, '%u', tz = 'GMT') >= '6'
if (conditional) {
  m <- do.call(prophet, c(list(daily.seasonality = FALSE), options))
  m <- add_seasonality(m, 'daily_weekday', 1, 4, condition.name = 'weekday')
  m <- add_seasonality(m, 'daily_weekend', 1, 4, condition.name = 'weekend')
  df$weekend <- is_weekend(df$ds); df$weekday <- !df$weekend
  m <- fit.prophet(m, df)
} else m <- do.call(prophet, c(list(df), options))
seconds <- proc.time()[['elapsed']] - started
future <- make_future_dataframe(m, periods, freq = freq)
if (!is.null(cap)) future$cap <- cap
if (conditional) { future$weekend <- is_weekend(future$ds); future$weekday <- !future$weekend }
forecast <- predict(m, future)

# The objective of prophet.stan at the parameters, constants dropped.
p <- m$params
k <- p$k[1]; b <- as.numeric(p$beta); delta <- as.numeric(p$delta); sigma <- p$sigma_obs[1]
features <- prophet:::make_all_seasonality_features(m, m$history)
scales <- features$prior.scales
fitted <- (forecast$yhat[match(m$history$ds, forecast$ds)] - m$history$floor) / m$y.scale
residual <- m$history$y_scaled - fitted
nlp <- sum(residual^2) / (2 * sigma^2) + length(residual) * log(sigma) + k^2 / 50 + p$m[1]^2 / 50 +
  sum(abs(delta)) / m$changepoint.prior.scale + 2 * sigma^2 + sum((b / scales)^2) / 2

# Thinned to about 500 rows of history; the whole horizon is kept.
last <- max(m$history$ds)
history <- which(forecast$ds <= last)
keep <- c(history[seq(1, length(history), by = max(1, floor(length(history) / 500)))], which(forecast$ds > last))
holidays <- unique(options$holidays$holiday)
columns <- c('trend', 'additive_terms', 'multiplicative_terms', names(m$seasonalities), holidays, 'yhat', 'yhat_lower', 'yhat_upper')
table <- cbind(ds = format(forecast$ds[keep], '%Y-%m-%dT%H:%M:%SZ'), signif(forecast[keep, columns], 9))
write.csv(table, file.path(out, paste0(name, '.forecast.csv')), row.names = FALSE, quote = FALSE)
result <- list(
  name = name, train_csv = basename(train_csv), args = options[setdiff(names(options), c('holidays', 'changepoints'))], cap = if (is.null(cap)) setNames(list(), character(0)) else cap,
  periods = periods, freq = freq, n_train = nrow(m$history), y_scale = m$y.scale,
  start = format(m$start, '%Y-%m-%dT%H:%M:%SZ', tz = 'GMT'), t_scale_seconds = as.numeric(m$t.scale),
  growth = m$growth, seasonalities = lapply(m$seasonalities, function(s) s[c('period', 'fourier.order', 'prior.scale', 'mode')]),
  columns = names(features$seasonal.features),
  holidays = if (is.null(holidays_csv)) list() else options$holidays,
  changepoints = if (is.null(options$changepoints)) list() else format(options$changepoints, '%Y-%m-%dT%H:%M:%SZ'),
  changepoints_t = as.numeric(m$changepoints.t),
  params = list(k = k, m = p$m[1], delta = delta, sigma_obs = sigma, beta = b),
  neg_log_posterior = nlp, fit_seconds = round(seconds, 2),
  software = paste('R prophet', packageVersion('prophet'), 'rstan', packageVersion('rstan')))
write(toJSON(result, auto_unbox = TRUE, digits = 13, pretty = TRUE), file.path(out, paste0(name, '.fit.json')))
