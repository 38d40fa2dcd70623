import type { RuleFile } from './rule-file.js';
import { nameOf, runbookUrl, seriesLinks } from './template.js';

export const MISSING: RuleFile = {
  comment: `A series that has ended has no score to alert on. Sentio says so in a series of its own, with the labels of the source:
once it has been silent for \`missing_after\`, until it is back or forgotten.`,
  groups: [
    {
      name: 'sentio-missing',
      rules: [
        {
          comment: `A sender that fell silent. Add stale where the series of a metric do not come and go: a pod that is gone is mostly meant to be.
Restarts are over after five minutes, and evaluations may be four minutes apart.`,
          alert: 'SentioSeriesMissing',
          expr: 'sentio_series_missing{sentio_reason="gap", sentio_mute=""} == 1',
          for: '5m',
          keep_firing_for: '5m',
          labels: {
            severity: '{{ if eq $labels.sentio_severity "page" }}critical{{ else }}warning{{ end }}',
            category: 'missing',
          },
          annotations: {
            summary: `{{ $labels.sentio_metric }} of ${nameOf()} is missing`,
            description:
              '{{ if eq $labels.sentio_reason "stale" }}Its sender ended it{{ else }}It fell silent{{ end }}, for longer than it usually is.',
            ...seriesLinks(['sentio_reason', 'sentio_severity']),
            runbook_url: runbookUrl('SentioSeriesMissing'),
          },
        },
      ],
    },
  ],
};
