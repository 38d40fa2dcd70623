import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { checkRules } from '#src/try/check-rules.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { sendSeries } from '../harness/remote-write.js';

const skip = skipUnlessInstalled('prometheus');

describe('sentio check-config --prometheus', { skip, timeout: 60_000 }, () => {
  const cleanup = new Cleanup();
  let prometheus: Prometheus;
  before(async () => {
    prometheus = await startPrometheus(cleanup);
    const points = [{ timeMs: Date.now(), value: 1 }];
    await sendSeries(
      `${prometheus.url}/api/v1/write`,
      [
        { __name__: 'node_load1', host: 'a' },
        { __name__: 'node_load1', host: 'b' },
        { __name__: 'node_load5', host: 'a' },
        { __name__: 'mysql_up', job: 'mysql' },
        { __name__: 'mysql_up', job: 'maria' },
        { __name__: 'node_load1_yhat', host: 'a' },
      ].map((labels) => ({ labels, points })),
    );
  });
  after(() => cleanup.run());

  async function check(text: string, url = prometheus.url) {
    const file = join(await temporaryFolder(cleanup), 'sentio.yml');
    await writeFile(file, text);
    let said = '';
    const code = await checkRules(file, url, { write: (line: string) => (said += line) });
    return { code, lines: said.trimEnd().split('\n') };
  }

  it('counts the series of each rule, the first that matches taking a series, and says why a rule takes none', async () => {
    const { code, lines } = await check(`
query_sources: [{url: '${prometheus.url}/api/v1/query_range'}]
queries: [{name: total, expr: sum(node_load1)}]
rules:
  - {name: one, match: ['node_load1{host="a"}']}
  - {name: node, match: ['{__name__=~"node_load.*"}']}
  - {name: typo, match: [node_lod1]}
  - {name: job, match: ['mysql_up{job="sql"}']}
  - {name: label, match: ['mysql_up{zone="eu"}']}
  - {name: names, match: ['{__name__=~"node_laod1.*"}']}
  - {name: nameless, match: ['{job="sql"}']}
  - {name: covered, match: ['{__name__=~"node_load5|node_load1", host=~"a|b"}']}
`);
    assert.equal(code, 0);
    assert.deepEqual(lines, [
      ` ${prometheus.url}/ has 5 series now:`,
      '  total: 1 series of its query',
      '  one: 1 series',
      '  node: 2 series',
      '  typo: no series: there is no node_lod1, did you mean node_load1?',
      '  job: no series: mysql_up has no job="sql", its job is "maria", "mysql"',
      '  label: no series: mysql_up has no zone="eu", there is no label zone',
      '  names: no series: there is no __name__=~"node_laod1.*", did you mean node_load1?',
      '  nameless: no series: no series has job="sql", its job is "maria", "mysql"',
      '  covered: no series: {__name__=~"node_load5|node_load1", host=~"a|b"} matches only series that earlier ones take',
      '  2 series taken by no rule',
    ]);
  });

  it('counts the series of each marker, and says of one that looks at labels no series has', async () => {
    const { lines } = await check(`
markers:
  - {name: start, match: [mysql_up]}
  - {name: deploy, match: [node_load1], labels: [host]}
  - {name: none, match: [node_load5], labels: [version, revision]}
  - {name: typo, match: [mysql_upp]}
  - {name: second, match: ['mysql_up{job="maria"}']}
`);
    assert.deepEqual(lines.slice(2), [
      '  marker start: 2 series',
      '  marker deploy: 2 series',
      '  marker none: 1 series, none with label version or revision: nothing to see',
      '  marker typo: no series: there is no mysql_upp, did you mean mysql_up?',
      '  marker second: no series: {__name__="mysql_up", job="maria"} matches only series that earlier ones take',
    ]);
  });

  it('says of a Prometheus without series that alone', async () => {
    const { url } = await startPrometheus(cleanup);
    const { code, lines } = await check('rules: [{name: a, match: [up]}]', url);
    assert.equal(code, 0);
    assert.deepEqual(lines, [` ${url}/ has no series now: does it scrape anything? Its page /targets says so.`]);
  });

  it('fails where the Prometheus cannot be asked', async () => {
    const { code, lines } = await check('rules: [{name: a, match: [up]}]', 'http://127.0.0.1:1');
    assert.equal(code, 1);
    assert.match(lines[0]!, /^ {2}FAILED: Cannot read from http:\/\/127\.0\.0\.1:1\/: .*Nothing listens there/);
  });
});
