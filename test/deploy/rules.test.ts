import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { fileText } from '#prometheus/rule-file.js';
import { RULE_FILES } from '#prometheus/rule-files.js';
import { ALARM_REASONS } from '#src/http/api/alarm-json.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { alertRules, committedDashboards, filesIn, readText, repositoryPath } from './repository.js';

const RULES = filesIn('deploy/prometheus/rules', '.yml');
const RULE_TESTS = filesIn('deploy/prometheus/rule-tests', '.yml');

/** Alerts that promtool cannot test, and why. */
const UNTESTED = {
  SentioForecastPeakOverLimit: 'promtool has no samples of the future; expressions.test.ts asks a Sentio',
};

/** What links begin with: what Sentio's configuration says, also while Sentio is down. */
const GRAFANA = addressOf('grafana_url', 'http://localhost:3000');
const DOCS = addressOf('docs_url', 'docs');

function addressOf(label: string, fallback: string): string {
  const asked = `last_over_time(sentio_links_info{${label}!=""}[1d])`;
  return `{{ with query \`${asked}\` }}{{ . | first | label "${label}" }}{{ else }}${fallback}{{ end }}`;
}

interface RuleTest {
  readonly alertname: string;
  readonly exp_alerts?: readonly unknown[];
}

function run(command: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('the alert rules', () => {
  const rules = alertRules();

  it('are what the generator makes: `npm run alerts` otherwise', () => {
    const made = Object.fromEntries(Object.entries(RULE_FILES).map(([name, file]) => [name, fileText(file)]));
    assert.deepEqual(Object.fromEntries(RULES.map((path) => [basename(path), readText(path)])), made);
  });

  it('are accepted by promtool', { skip: skipUnlessInstalled('promtool') }, () => {
    const { status, output } = run('promtool', ['check', 'rules', ...RULES.map(repositoryPath)]);
    assert.equal(status, 0, output);
  });

  it('do what their unit tests say', { skip: skipUnlessInstalled('promtool') }, () => {
    const { status, output } = run('promtool', ['test', 'rules', ...RULE_TESTS.map(repositoryPath)]);
    assert.equal(status, 0, output);
  });

  it('are each seen to fire, and not to fire before and after', () => {
    const tests = RULE_TESTS.flatMap((path) => {
      const file = parse(readText(path)) as { tests: { alert_rule_test: RuleTest[] }[] };
      return file.tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    });
    for (const { alert } of rules) {
      if (alert in UNTESTED) continue;
      const fires = tests.map(({ alertname, exp_alerts = [] }) => alertname === alert && exp_alerts.length > 0);
      assert.ok(fires.includes(true), `${alert} fires in no test`);
      const first = fires.indexOf(true);
      const last = fires.lastIndexOf(true);
      const isQuiet = ({ alertname, exp_alerts = [] }: RuleTest) => alertname === alert && exp_alerts.length === 0;
      assert.ok(
        tests.some((test, place) => isQuiet(test) && (place < first || place > last)),
        `${alert} is never quiet`,
      );
    }
  });

  it('say how bad, what kind, what it means and where to look', () => {
    for (const { alert, labels, annotations } of rules) {
      assert.match(
        labels.severity ?? '',
        /^(warning|critical|\{\{ if .*\}\}critical\{\{ else \}\}warning\{\{ end \}\})$/,
        alert,
      );
      assert.match(labels.category ?? '', /^(anomaly|forecast|missing|sentio)$/, alert);
      assert.ok(annotations.summary && annotations.description, alert);
      assert.equal(annotations.runbook_url, `${DOCS}/operations.md#${alert.toLowerCase()}`, alert);
      const { dashboard_url: link = '/d/' } = annotations;
      assert.equal(link.includes(GRAFANA), link !== '/d/', alert);
    }
  });

  it('have a sentence for every kind of alarm, the one that the API has', () => {
    const { description = '' } = rules.find(({ alert }) => alert === 'SentioSeriesAnomalous')!.annotations;
    for (const [kind, reason] of Object.entries(ALARM_REASONS))
      assert.ok(description.includes(`{{- if eq $kind "${kind}" }}${reason} {{ end -}}`), kind);
  });

  it('have each a chapter in docs/operations.md, and it no chapter of an alert there is not', () => {
    const alerts = rules.map(({ alert }) => alert);
    const [, section = ''] = /^## When an alert fires\n(.*?)^## /ms.exec(readText('docs/operations.md')) ?? [];
    const chapters = [...section.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
    assert.deepEqual(chapters, [...new Set(chapters)]);
    assert.deepEqual(chapters.sort(), alerts.sort());
  });

  it('link to dashboards, by variables that those have', () => {
    const variables = new Map(
      [...committedDashboards().values()].map(({ uid, templating }) => [uid, templating.list.map(({ name }) => name)]),
    );
    for (const { alert, annotations } of rules) {
      const { dashboard_url: url = '' } = annotations;
      for (const [, uid] of url.matchAll(/\/d\/([\w-]+)/g)) assert.ok(variables.has(uid!), `${alert}: ${uid}`);
      const [, uid = ''] = /\/d\/([\w-]+)/.exec(url) ?? [];
      for (const [, name] of url.matchAll(/var-(\w+)=/g))
        assert.ok(variables.get(uid)?.includes(name!), `${alert}: ${uid} has no ${name}`);
    }
  });
});
