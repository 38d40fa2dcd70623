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

/** What is to be tracked, as `sentio.yml` has it: series that Prometheus sends, and expressions that Sentio asks for. */
export function trackedText(
  series: readonly Labels[],
  expressions: Iterable<RecordedExpression>,
  stepMs: number,
): string {
  const match = series.map(formatLabels).sort();
  const step = stepMs === MINUTE_MS ? {} : { step: formatDuration(stepMs) };
  const queries = Array.from(expressions, ({ record, expression }) => ({ name: record, expr: expression, ...step }));
  return stringify(
    {
      ...(match.length > 0 && { rules: [{ name: 'watched', match, ...step }] }),
      ...(queries.length > 0 && { queries }),
    },
    { lineWidth: 0 },
  );
}

/** A whole `sentio.yml` that tracks these: ready to run but for what only its reader knows, which its comments say. */
export function configText(base: URL, tracked: string): string {
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
  const [sends, asks] = [/^rules:/m.test(tracked), /^queries:/m.test(tracked)];
  const peers = stringify(
    {
      remote_write: [{ url: at('write'), ...login }],
      // The one of the two ways to read history that every database has.
      ...(sends && { remote_read: [{ url: at('query_range'), api: 'query_range', ...login }] }),
      ...(asks && { query_sources: [{ url: at('query_range'), ...login }] }),
    },
    { lineWidth: 0 },
  );
  return `# Made by "sentio try". Check it:  sentio check-config sentio.yml
# Then run it:                     sentio serve --config.file=sentio.yml
#
# Prometheus takes forecasts when it runs with --web.enable-remote-write-receiver.
${sends ? SENDS : ''}${login.basic_auth === undefined ? '' : '# The password is not written down: put it below, or better use password_file.\n#\n'}
${peers}${tracked}`;
}

const SENDS = `# Add to its prometheus.yml, so that it sends these series:
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
#
# If it sets global.external_labels, list their names here under receiver.external_labels.
#
`;
