import assert from 'node:assert/strict';
import { limitParam, lookbackParam, rangeTimes } from '#src/http/prometheus/query-params.js';
import { RequestError } from '#src/http/request/failure.js';
import { parseQuery as parseQueryString } from '#src/http/request/parse-query.js';
import { durationParam, integerParam, timeParam } from '#src/http/request/query-params.js';
import type { FuzzTarget } from '../fuzz.js';
import { refusing, text, textOf } from './input.js';

/** What the HTTP API is asked. */
export const HTTP_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'query-params',
    files: ['http/request/query-params', 'http/request/parse-query', 'http/prometheus/query-params', 'lib/durations'],
    seeds: text('start=1700000000&end=2023-11-14T22:13:20Z&step=1m&limit=10&lookback_delta=5m&match[]=up'),
    tokens: text(
      'start=',
      'end=',
      'step=',
      'limit=',
      '__proto__=',
      'constructor=',
      '%',
      '1h30m',
      '-1',
      '1e400',
      '&',
      'Z',
    ),
    run(input) {
      const form = parseQueryString(textOf(input));
      const one = (name: string) => [form[name] ?? []].flat()[0];
      refusing([RequestError], () => assert.ok(rangeTimes(form).length <= 11_001));
      refusing([RequestError], () => assert.ok(lookbackParam(form) > 0));
      refusing([RequestError], () => assert.ok(limitParam(form) > 0));
      refusing([RequestError], () => assert.ok(Number.isInteger(timeParam('start', one('start'), 0))));
      refusing([RequestError], () => assert.ok(durationParam('step', one('step'), 1) > 0));
      refusing([RequestError], () => assert.ok(integerParam('limit', one('limit'), 1, 100) <= 100));
    },
  },
];
