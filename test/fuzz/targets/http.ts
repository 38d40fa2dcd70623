import assert from 'node:assert/strict';
import { changedRule, parseChange } from '#src/backtest/change/changed-rule.js';
import { parseConfig } from '#src/config/load.js';
import { exclusionBody } from '#src/http/api/exclusions/exclusion-request.js';
import { previewBody } from '#src/http/api/preview/preview-request.js';
import { formOf, listParam, param } from '#src/http/prometheus/query-form.js';
import { limitParam, lookbackParam, rangeTimes } from '#src/http/prometheus/query-params.js';
import { RequestError } from '#src/http/request/failure.js';
import { parseQuery as parseQueryString } from '#src/http/request/parse-query.js';
import { durationParam, integerParam, timeParam } from '#src/http/request/query-params.js';
import { UsageError } from '#src/lib/errors.js';
import { REQUEST_LIMITS } from '#src/model/labels/matcher.js';
import { parseSelector } from '#src/model/labels/selector.js';
import type { FuzzTarget } from '../fuzz.js';
import { refusing, T0, text, textOf } from './input.js';

const CONFIG = parseConfig('rules: [{name: a, match: [up], step: 1m, history: 2d, anomaly: {min_deviation: 1}}]', '.');

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
  {
    name: 'query-form',
    files: ['http/request/parse-query', 'http/prometheus/query-form'],
    // The query of the address, and the form, in a line each.
    seeds: text('query=up&match[]=a\nquery=sum(up)&match[]=b&match[]=c', 'limit=\nlimit=5&time=1', '\n'),
    tokens: text('query=', 'match[]=', '&', '\n', '%00', '%', '+', '__proto__=', 'constructor[]=', '[]=', '='),
    run(input) {
      const [url = '', body = ''] = textOf(input).split('\n', 2);
      const form = formOf({ query: parseQueryString(url), body: parseQueryString(body) });
      const [inUrl, inBody] = [new URLSearchParams(url), new URLSearchParams(body)];
      for (const name of new Set([...inUrl.keys(), ...inBody.keys()])) {
        const all = [...inBody.getAll(name), ...inUrl.getAll(name)];
        if (name.endsWith('[]')) assert.deepEqual(listParam(form, name), all);
        else assert.equal(param(form, name), all[0] === '' ? undefined : all[0]);
      }
    },
  },
  {
    name: 'exclusion',
    files: ['http/api/exclusions/exclusion-request', 'model/labels/selector', 'model/labels/matcher'],
    seeds: text(
      '{"match":["up{job=~\\"a|b\\"}","x"],"start":1700000000,"end":"2023-11-15T00:00:00Z","kind":"maintenance","reason":"r"}',
      '{"match":"up","end":"1700003600.5","kind":"not_an_anomaly"}',
    ),
    tokens: text(
      '"match":',
      '"start":',
      '"end":',
      '"kind":',
      '"__proto__":',
      'null',
      '[]',
      '{}',
      '1e999',
      '=~',
      '{0,9}',
    ),
    async run(input) {
      const read = await exclusionBody(jsonOf(input), T0).catch((error) => {
        if (!(error instanceof RequestError)) throw error;
      });
      if (read === undefined) return;
      const { match, fromMs, toMs, reason } = read;
      assert.ok(Number.isSafeInteger(fromMs) && Number.isSafeInteger(toMs), `${fromMs} to ${toMs}`);
      assert.ok(match.length <= 64 && reason.length <= 1000);
      for (const selector of match) parseSelector(selector, REQUEST_LIMITS);
    },
  },
  {
    name: 'preview',
    files: ['http/api/preview/preview-request', 'lib/depth', 'backtest/change', 'backtest/tune/rule-text'],
    seeds: text(
      '{"match":["up"],"days":3,"limit":5,"change":{"anomaly":{"min_deviation":5},"step":"5m"}}',
      '{"rule":"a","search":"x","set":["anomaly.min_deviation=5","prophet.interval_width=0.9"],"progress":true}',
    ),
    tokens: text(
      '"match":',
      '"change":',
      '"set":["',
      '=',
      '.',
      '"__proto__":',
      'null',
      '[',
      '{"a":',
      '1e9',
      '"limit":',
    ),
    run(input) {
      const body = jsonOf(input);
      refusing([RequestError, UsageError], () => {
        const { change, days, limit = 1 } = previewBody(body);
        assert.ok(days >= 1 && days <= 15 && Number.isInteger(limit) && limit <= 20);
        const { rule } = changedRule(CONFIG, 'a', isTexts(change) ? parseChange(change) : change);
        assert.equal(rule.name, 'a');
      });
    },
  },
];

/** JSON, as the server hands it to a route; undefined where it is none. */
function jsonOf(input: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(input));
  } catch {
    return undefined;
  }
}

function isTexts(change: object | readonly string[]): change is readonly string[] {
  return Array.isArray(change);
}
