import { type Labels, METRIC_NAME, makeLabels } from '../../model/labels/labels.js';
import type { Samples } from '../../model/samples/columns.js';
import type { HistorySeries } from './history-client.js';
import { JsonError, JsonReader } from './json-reader.js';

/** Far more than a request asks for: `max_series_per_request` is 10,000 at most. */
export const MAX_ANSWERED_SERIES = 100_000;
/** Ten times the default `max_labels`. */
const MAX_LABELS = 400;

/**
 * Reads an answer of `/api/v1/query_range`, a matrix, series by series: the text of one is read when it is asked for.
 * The series are called `metric`, or as they are in the answer where it is undefined. `maxPoints` bounds the points of one
 * series. Throws `JsonError` for anything that Prometheus does not answer.
 */
export function* readMatrix(body: Uint8Array, metric: string | undefined, maxPoints: number): Generator<HistorySeries> {
  const reader = new JsonReader(body);
  let hasResult = false;
  for (const name of reader.names()) {
    if (name !== 'data') {
      reader.skip();
      continue;
    }
    for (const member of reader.names()) {
      if (member !== 'result') {
        reader.skip();
        continue;
      }
      hasResult = true;
      let series = 0;
      for (const _ of reader.elements()) {
        if (++series > MAX_ANSWERED_SERIES)
          throw new JsonError(`the response has more than ${MAX_ANSWERED_SERIES} series`);
        yield readSeries(reader, metric, maxPoints);
      }
    }
  }
  reader.end();
  if (!hasResult) throw new JsonError('the response has no result: is this a query_range endpoint?');
}

function readSeries(reader: JsonReader, metric: string | undefined, maxPoints: number): HistorySeries {
  let labels: Labels | undefined;
  let samples: Samples = { timesMs: new Float64Array(0), values: new Float64Array(0) };
  let histograms = 0;
  for (const name of reader.names()) {
    if (name === 'metric') labels = readLabels(reader, metric);
    else if (name === 'values') samples = readPoints(reader, maxPoints);
    else {
      if (name === 'histograms') histograms++;
      reader.skip();
    }
  }
  if (labels === undefined) throw new JsonError('the response has a series without labels');
  return { labels, samples, histograms };
}

/** Most functions of PromQL take the name away. */
function readLabels(reader: JsonReader, metric: string | undefined): Labels {
  const pairs = new Map<string, string>();
  for (const name of reader.names()) {
    pairs.set(name, reader.string());
    if (pairs.size > MAX_LABELS) throw new JsonError(`the response has a series with more than ${MAX_LABELS} labels`);
  }
  try {
    return makeLabels(metric === undefined ? pairs : pairs.set(METRIC_NAME, metric));
  } catch (cause) {
    throw new JsonError('the response has a series with an empty label name', { cause });
  }
}

function readPoints(reader: JsonReader, maxPoints: number): Samples {
  const times: number[] = [];
  const values: number[] = [];
  for (const _ of reader.elements()) {
    if (times.length >= maxPoints) throw new JsonError(`the response has more than the ${maxPoints} points asked for`);
    reader.open();
    times.push(Math.round(reader.number() * 1000));
    reader.next();
    values.push(parseValue(reader.string()));
    reader.close();
  }
  return { timesMs: Float64Array.from(times), values: Float64Array.from(values) };
}

/** A value as Prometheus writes it in JSON. What is no number becomes NaN. */
function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
