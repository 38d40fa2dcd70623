import assert from 'node:assert/strict';
import { CronTimes } from '#src/calendar/cron-times.js';
import { ConfigError } from '#src/config/document/problems.js';
import { parseConfig } from '#src/config/load.js';
import { UsageError } from '#src/lib/errors.js';
import { REQUEST_LIMITS } from '#src/model/labels/matcher.js';
import { formatSelector, parseSelector, SelectorError } from '#src/model/labels/selector.js';
import { parseQuery } from '#src/promql/parse.js';
import { PromqlError } from '#src/promql/promql-error.js';
import type { FuzzTarget } from '../fuzz.js';
import { RULES, refusing, T0, text, textOf } from './input.js';

/** Texts that people write. */
export const LANGUAGE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'selector',
    files: ['model/labels/selector', 'model/labels/promql-string', 'model/labels/matcher'],
    seeds: text('up{job=~"a|b"}', '{"utf.8 name", "label.x"!="v"}', "{__name__=~'node_.+', a!~`x`}"),
    tokens: text('=~', '!~', '!=', '{', '}', '"', "'", '\\u1234', '\\x41', '__name__', '.*', '(?i)', '[a-z]', '{2,3}'),
    run(input) {
      const matchers = refusing([SelectorError], () => parseSelector(textOf(input), REQUEST_LIMITS));
      if (matchers !== undefined) assert.deepEqual(parseSelector(formatSelector(matchers), REQUEST_LIMITS), matchers);
    },
  },
  {
    name: 'promql',
    files: ['promql/'],
    seeds: text(
      'sum by (job) (rate(up{job=~"a|b"}[5m] offset -1h)) / on(job) group_left(x) avg(up) > bool 0.5',
      'm - m_yhat unless 2 ^ -3 @ start()',
      'count_values("x", m[1h:5m])',
    ),
    tokens: text(
      'by (a)',
      'offset',
      '@',
      'end()',
      'and',
      '[5m]',
      ':',
      '"',
      'bool',
      '1e9',
      '0x',
      'Inf',
      '1h30m',
      '#',
      '-',
    ),
    run(input) {
      refusing([PromqlError, SelectorError], () => parseQuery(textOf(input)));
    },
  },
  {
    name: 'config',
    files: ['config/'],
    seeds: text(
      RULES,
      'receiver: {max_series: 5, external_labels: [a], max_body_bytes: 1MiB}',
      'remote_write:\n  - url: http://a/b\n    basic_auth: {username: a, password: b}\n    queue_config: {capacity: 5000}\n',
      'engine: {snapshot_interval: 5m}\nremote_read: [{url: "http://a/api/v1/read", window: 1d}]\ndefaults: {step: 30s}',
    ),
    tokens: text(
      ': ',
      '- ',
      '\n  ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '<<: ',
      '!!',
      '|',
      '1d',
      '5m',
      '.inf',
      '~',
      '"',
      '#',
    ),
    run(input) {
      const source = textOf(input);
      // Files that the configuration names would be read.
      if (!/file/i.test(source)) refusing([ConfigError], () => parseConfig(source, '/nowhere'));
    },
  },
  {
    name: 'cron',
    files: ['calendar/cron-times'],
    seeds: text('0 3 * * 1-5', '*/15 0-6 1,15 JAN sun', '0 0 L * *'),
    tokens: text('* ', '/', '-', ',', 'L', 'W', '#', 'MON', '@daily', '59', '?'),
    run(input) {
      refusing([UsageError], () => {
        const nextMs = new CronTimes(textOf(input)).next(T0);
        assert.ok(nextMs === undefined || nextMs > T0);
      });
    },
  },
];
