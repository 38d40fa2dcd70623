import { type Labels, makeLabels } from '../../model/labels/labels.js';
import type { Matcher } from '../../model/labels/matcher.js';
import { formatSelector } from '../../model/labels/selector.js';
import type { Endpoint } from '../../model/settings/endpoint.js';
import { HttpClient } from '../http/http-client.js';
import { asHistoryError, checkAnswer, HistoryError } from './history-error.js';
import { JsonReader } from './json-reader.js';

/** 100,000 series of 300 bytes each. */
const MAX_ANSWER_BYTES = 32 * 2 ** 20;

/**
 * Lists the series between two instants that any of the selectors matches, by `/api/v1/series`, the URL of `endpoint`.
 * Their labels are those of the database that answers. Rejects with `HistoryError`.
 */
export async function listSeries(
  endpoint: Endpoint,
  selectors: readonly (readonly Matcher[])[],
  { startMs, endMs, userAgent }: { startMs: number; endMs: number; userAgent: string },
): Promise<Labels[]> {
  const http = new HttpClient(endpoint, { userAgent });
  const parameters = new URLSearchParams();
  for (const selector of selectors) parameters.append('match[]', formatSelector(selector));
  parameters.set('start', String(startMs / 1000));
  parameters.set('end', String(endMs / 1000));
  try {
    const answer = await http.post(Buffer.from(parameters.toString()), {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    checkAnswer(http, answer, Date.now());
    return seriesOf(answer.body);
  } catch (error) {
    throw asHistoryError(http, error);
  } finally {
    await http.close();
  }
}

/** `{"data": [{"name": "value", …}, …]}` */
function seriesOf(body: Uint8Array): Labels[] {
  const reader = new JsonReader(body);
  let series: Labels[] | undefined;
  for (const name of reader.names()) {
    if (name !== 'data') {
      reader.skip();
      continue;
    }
    series = [];
    for (const _ of reader.elements()) {
      const pairs = new Map<string, string>();
      for (const label of reader.names()) pairs.set(label, reader.string());
      series.push(makeLabels(pairs));
    }
  }
  if (series === undefined) throw new HistoryError('the response lists no series: is this a Prometheus?', {});
  return series;
}
