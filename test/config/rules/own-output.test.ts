import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectsOnlyOwnOutput } from '#src/config/rules/own-output.js';
import { parseSelector } from '#src/model/labels/selector.js';

test('selectsOnlyOwnOutput() recognises selectors that ask for nothing else', () => {
  const cases: [selector: string, own: boolean][] = [
    ['cpu', false],
    ['cpu_yhat', true],
    ['cpu_yhat{job="a"}', true],
    ['cpu_anomaly_score', true],
    ['cpu_rate_y', true],
    ['cpu_rate', false],
    ['{job="cpu_yhat"}', false],
    ['sentio_series_missing', true],
    ['{__name__=~".+"}', false],
    ['{__name__=~".+_yhat"}', true],
    ['{__name__=~".+_yhat.*"}', false],
    ['{__name__=~".+_yhat_?"}', false],
    ['{__name__=~"cpu_yhat|memory_yhat_upper"}', true],
    ['{__name__=~"cpu_yhat|memory"}', false],
    ['{__name__=~".+_(yhat|yhat_lower|yhat_upper)"}', true],
    ['{__name__=~".+_(?:yhat|anomaly_score)"}', true],
    ['{__name__=~".+_(yhat|total)"}', false],
    ['{__name__=~".+(_yhat)?"}', false],
    ['{__name__=~"cpu|memory_(yhat|yhat_lower)"}', false],
    ['{__name__!~".+_yhat", job="a"}', false],
    ['{__name__!="cpu_yhat", job="a"}', false],
  ];
  for (const [selector, own] of cases) assert.equal(selectsOnlyOwnOutput(parseSelector(selector)), own, selector);
});
