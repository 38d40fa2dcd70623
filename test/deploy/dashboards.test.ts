import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dashboards, fileText } from '#grafana/dashboards.js';
import { LOWER, OBSERVED, UPPER } from '#grafana/promql.js';
import { committedDashboards, filesIn, type PanelJson, readText } from './repository.js';

const committed = committedDashboards();

describe('the dashboards', () => {
  it('are what the generator makes: `npm run dashboards` otherwise', () => {
    const made = Object.fromEntries(Object.entries(dashboards()).map(([file, built]) => [file, fileText(built)]));
    const files = filesIn('deploy/grafana/dashboards', '.json');
    assert.deepEqual(Object.fromEntries(files.map((path) => [path.replace(/.*\//, ''), readText(path)])), made);
  });

  it('use no variable that they do not define', () => {
    for (const [file, dashboard] of committed) {
      const defined = dashboard.templating.list.map(({ name }) => name);
      const text = JSON.stringify(dashboard);
      const used = [...text.matchAll(/\$(?:\{(\w+)(?:\.[\w.]+)?(?::\w+)?\}|(\w+))/g)].map(([, a, b]) => a ?? b ?? '');
      const unknown = used.filter((name) => !name.startsWith('__') && name !== '1' && !defined.includes(name));
      assert.deepEqual(unknown, [], file);
    }
  });

  it('ask the data source that was chosen', () => {
    for (const [file, { panels }] of committed) {
      for (const { title, datasource, targets } of panels) {
        const isMixed = datasource.uid === '-- Mixed --';
        const asked = isMixed ? targets.map((target) => target.datasource) : [datasource];
        for (const source of asked) {
          assert.match(
            source?.uid ?? '',
            isMixed ? /^\$\{(sentio_)?datasource\}$/ : /^\$\{datasource\}$/,
            `${file}: ${title}`,
          );
        }
      }
    }
  });

  it('lay their panels out without overlap, on 24 columns', () => {
    for (const [file, { panels }] of committed) {
      const taken = new Map<string, string>();
      for (const { title, gridPos } of panels) {
        assert.ok(gridPos.x + gridPos.w <= 24, `${file}: ${title} is too far right`);
        for (const cell of cells(gridPos)) {
          assert.equal(taken.get(cell), undefined, `${file}: ${title} lies on ${taken.get(cell)}`);
          taken.set(cell, title);
        }
      }
    }
  });

  it('give each panel an id and each query a letter of its own', () => {
    for (const [file, { panels }] of committed) {
      const ids = panels.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, file);
      for (const { title, targets } of panels) {
        const letters = targets.map(({ refId }) => refId);
        assert.equal(new Set(letters).size, letters.length, `${file}: ${title}`);
      }
    }
  });

  it('override only series that their queries give, and fill down to one of them', () => {
    for (const [file, { panels }] of committed) {
      for (const panel of panels) {
        // Columns of a table are labels, which only the data know.
        const named = panel.type === 'table' ? [] : overridden(panel);
        const legends = panel.targets.map(({ legendFormat }) => legendFormat);
        assert.deepEqual(
          named.filter((name) => !legends.includes(name)),
          [],
          `${file}: ${panel.title}`,
        );
      }
    }
  });

  it('mark alarms where series are shown', () => {
    for (const file of ['forecast.json', 'fleet.json', 'future.json']) {
      const list = committed.get(file)?.annotations?.list ?? [];
      const alarms = list.find(({ name }) => name === 'Alarms');
      assert.match(alarms?.expr ?? '', /_anomaly_kind"/, file);
    }
  });

  it('lead from each table of Fleet to one series, by every label that the Forecast dashboard asks by', () => {
    const { list } = committed.get('forecast.json')!.templating;
    const { query } = list.find(({ name }) => name === 'series')!;
    const asked = [...JSON.stringify(query).matchAll(/(\w+)=~\\"\$\1\\"/g)].map(([, label]) => label!);
    assert.ok(asked.includes('device') && asked.includes('pod'), asked.join());
    const tables = committed.get('fleet.json')!.panels.filter(({ type }) => type === 'table');
    assert.equal(tables.length, 3);
    for (const { title, fieldConfig, targets } of tables) {
      const link = JSON.stringify(fieldConfig.overrides);
      for (const label of asked) {
        assert.ok(link.includes(`&var-${label}=\${__data.fields.to_${label}:percentencode}`), `${title}: ${label}`);
        assert.ok(targets[0]!.expr.includes(`"to_${label}"`), `${title}: ${label}`);
      }
    }
  });

  it('link to dashboards that there are', () => {
    const uids = [...committed.values()].map(({ uid }) => uid);
    assert.equal(new Set(uids).size, uids.length);
    for (const [file, dashboard] of committed) {
      const linked = [...JSON.stringify(dashboard).matchAll(/\/d\/([\w-]+)/g)].map(([, uid]) => uid);
      assert.deepEqual(
        linked.filter((uid) => !uids.includes(uid!)),
        [],
        file,
      );
    }
  });
});

describe('the Forecast dashboard', () => {
  const forecast = committed.get('forecast.json')!;
  const expressions = (title: string) => {
    const panel = forecast.panels.find((candidate) => candidate.title === title);
    return Object.fromEntries((panel?.targets ?? []).map(({ legendFormat, expr }) => [legendFormat, expr]));
  };

  it('has the four panels of the project it descends from', () => {
    const titles = forecast.panels.map(({ title }) => title);
    for (const title of ['Difference in actual and prediction', 'Anomalies detected', 'Error range over time'])
      assert.ok(titles.includes(title), title);
    assert.deepEqual(Object.keys(expressions('${metric}')).slice(0, 3), ['expected', 'lower', 'upper']);
    assert.ok('actual' in expressions('${metric}'));
  });

  it('shows the future, and asks Sentio for it by an equality matcher: Prometheus sends nothing else on', () => {
    assert.equal(forecast.time.to, 'now+1d');
    for (const legend of ['future', 'future lower', 'future upper'])
      assert.match(expressions('${metric}')[legend] ?? '', /sentio="forecast"/);
  });

  it('takes the half of the interval on the side of the miss from it, not the whole interval', () => {
    const { 'outside by': outside = '' } = expressions('Anomalies detected');
    const plain = outside.replaceAll(OBSERVED, 'y').replaceAll(UPPER, 'upper').replaceAll(LOWER, 'lower');
    assert.equal(plain, '((y - upper) >= (lower - y)) or (lower - y)');
  });
});

function* cells({ x, y, w, h }: PanelJson['gridPos']): Iterable<string> {
  for (let column = x; column < x + w; column++) for (let row = y; row < y + h; row++) yield `${column},${row}`;
}

/** Names of series in a panel's overrides, those that an interval is filled down to among them. */
function overridden({ fieldConfig }: PanelJson): string[] {
  return fieldConfig.overrides.flatMap(({ matcher, properties }) => {
    const below = properties.filter(({ id }) => id === 'custom.fillBelowTo').map(({ value }) => String(value));
    return [matcher.options, ...below];
  });
}
