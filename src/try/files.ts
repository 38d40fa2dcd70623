import { stringify } from 'yaml';
import { formatDuration } from '../lib/durations.js';
import { formatLabels, type Labels } from '../model/labels/labels.js';
import { OWN_OUTPUT } from '../model/settings/synthetic.js';
import type { RecordedExpression } from './named.js';

const MINUTE_MS = 60_000;
/** Distances of samples that people configure; a step is one of them. */
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * MINUTE_MS);

/** The step for samples so far apart: a minute, or as long as it takes for a step to have a sample. */
export function stepFor(intervalMs: number): number {
  return STEPS_MS.find((stepMs) => stepMs >= intervalMs) ?? STEPS_MS.at(-1)!;
}

/** Rules that track these series, as the file `sentio.yml` has them. */
export function rulesText(series: readonly Labels[], stepMs: number): string {
  const match = series.map(formatLabels).sort();
  const step = stepMs === MINUTE_MS ? {} : { step: formatDuration(stepMs) };
  return stringify({ rules: [{ name: 'watched', match, ...step }] }, { lineWidth: 0 });
}

/** A whole `sentio.yml` with these rules: ready to run but for what only its reader knows, which its comments say. */
export function configText(base: URL, rules: string, hasExpressions: boolean): string {
  const at = (path: string) => {
    const url = new URL(base);
    [url.username, url.password] = ['', ''];
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/${path}`;
    return url.href;
  };
  const login =
    base.username === ''
      ? {}
      : { basic_auth: { username: decodeURIComponent(base.username), password: 'the password of that user' } };
  const peers = stringify(
    { remote_write: [{ url: at('write'), ...login }], remote_read: [{ url: at('read'), ...login }] },
    { lineWidth: 0 },
  );
  return `# Made by "sentio try". Check it:  sentio check-config sentio.yml
# Then run it:                     sentio serve --config.file=sentio.yml
#
# Prometheus takes forecasts when it runs with --web.enable-remote-write-receiver. Add to its prometheus.yml:
#
# remote_write:
#   - url: http://localhost:9201/api/v1/write   # where Sentio runs
#     write_relabel_configs:
#       - source_labels: [__name__]
#         regex: ${OWN_OUTPUT}
#         action: drop
# remote_read:                                  # the future, for queries that ask for it
#   - url: http://localhost:9201/api/v1/read
#     read_recent: true
#     required_matchers: {sentio: forecast}
${hasExpressions ? '# rule_files: [recording-rules.yml]              # the expressions, as series\n' : ''}#
# If it sets global.external_labels, list their names here under receiver.external_labels.
${login.basic_auth === undefined ? '' : '# The password is not written down: put it below, or better use password_file.\n'}
${peers}${rules}`;
}

/** Recording rules that make series of the expressions. */
export function recordingRulesText(expressions: Iterable<RecordedExpression>, stepMs: number): string {
  const rules = Array.from(expressions, ({ record, expression }) => ({ record, expr: expression }));
  return stringify({ groups: [{ name: 'sentio-try', interval: formatDuration(stepMs), rules }] }, { lineWidth: 0 });
}
