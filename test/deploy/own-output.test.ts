import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { isSyntheticName, OWN_OUTPUT, SERIES_MISSING } from '#src/model/settings/synthetic.js';
import { remoteWriteConfig } from '#src/ui/lib/promql.js';
import { readText, repositoryPath } from './repository.js';

/** Where people copy Prometheus' configuration from; each keeps Sentio's output from coming back. */
const PLACES = [
  'README.md',
  'deploy/kubernetes/prometheus.yaml',
  'deploy/prometheus/prometheus.yml',
  'deploy/sharding/prometheus.yml',
  'docs/senders.md',
];

function textFilesBelow(folder: string): string[] {
  return readdirSync(repositoryPath(folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ya?ml|md|ts|mjs|conf|json)$/.test(path) && !/(^|\/)(dist|node_modules)\//.test(path))
    .map((path) => `${folder}/${path}`);
}

/** Every regular expression in a text that lists endings of Sentio's names, whatever is before the first. */
function dropExpressions(text: string): string[] {
  return (
    text.match(/[\w|.+]*_\((?:[\w[\]+-]+\|)+\w+\)/g)?.filter((found) => /[(|](rate_y|anomaly_score)[|)]/.test(found)) ??
    []
  );
}

test('the expression takes the very names that Sentio knows as its own output', () => {
  const expression = new RegExp(`^(?:${OWN_OUTPUT})$`);
  const names = [
    'cpu',
    'cpu_yhat',
    'cpu_yhat_lower',
    'cpu_yhat_upper',
    'cpu_anomaly_score',
    'cpu_rate_y',
    'cpu_rate',
    'cpu_avg_y',
    'cpu_p99_y',
    'cpu_p_y',
    'cpu_y',
  ];
  for (const name of [...names, '_yhat', 'x_yhat', 'cpu_yhat_x', SERIES_MISSING, `${SERIES_MISSING}_x`]) {
    assert.equal(expression.test(name), isSyntheticName(name), name);
  }
});

test('each place that shows how Prometheus writes to Sentio drops the very names that Sentio makes', () => {
  // What keeps a few names by an expression of its own needs no other.
  const shown = ['README.md', ...['docs', 'deploy'].flatMap(textFilesBelow)].filter((file) =>
    /^\s*(write_relabel_configs|writeRelabelConfigs):[\s\S]*?action: ?drop/m.test(readText(file)),
  );
  assert.deepEqual(shown.sort(), PLACES);
  const texts = [
    ...PLACES.map((place) => [place, readText(place)] as const),
    ['src/ui/lib/promql.ts', remoteWriteConfig('http://sentio:9201/')] as const,
  ];
  assert.deepEqual(
    texts.map(([place, text]) => [place, ...dropExpressions(text)]),
    texts.map(([place]) => [place, OWN_OUTPUT]),
  );
});

test('docs/configuration.md names every ending', () => {
  const [, section = ''] = /^## Own output\n(.*?)^## /ms.exec(readText('docs/configuration.md')) ?? [];
  const [, endings = ''] = /\((.+)\)/.exec(OWN_OUTPUT) ?? [];
  for (const ending of endings.split('|')) assert.ok(section.includes(`\`_${ending}\``), ending);
});

test('no test has a copy of the expression', () => {
  const files = textFilesBelow('test');
  assert.ok(files.length > 200, `${files.length} files`);
  assert.deepEqual(
    files.filter((file) => dropExpressions(readText(file)).length > 0),
    [],
  );
});
