// What the texts of alerts have in common, in the language of Go's templates as both Prometheus and vmalert expand it. Neither
// lets one annotation use what another one defines, so each has to have all of it.

/** Names of labels that every version of Prometheus can have in a query. */
const PLAIN = '"^[a-zA-Z_][a-zA-Z0-9_]*$"';
/** The labels of the rule itself, which vmalert has in `$labels` too. */
const OF_THE_RULE = '"^(alertname|alertgroup|severity|category)$"';

/**
 * Goes through the labels, as `$label` and `$value`, of the series that an alert is about: those of the alert except `added`, which
 * Sentio or the expression has put on it.
 */
function eachLabel(added: readonly string[], body: string): string {
  const isAdded = `match "^(__name__|sentio_metric${added.map((name) => `|${name}`).join('')})$" $label`;
  return `{{- $alert := $labels.alertname -}}
{{- range $label, $value := $labels -}}
  {{- if not (or (${isAdded}) (and $alert (match ${OF_THE_RULE} $label))) -}}
    ${body}
  {{- end -}}
{{- end -}}`;
}

/**
 * Runs `body` for each published series of the series that an alert is about: those with the name of its metric and then `suffix`, a
 * regular expression. Labels with dots or the like are compared afterwards, because Prometheus before 3 cannot have them in a
 * query; so is `horizon`, because `m_yhat` is there once more for each.
 */
export function eachPublished(suffix: string, body: string): string {
  return String.raw`{{- $of := "" -}}
${eachLabel([], `{{- if match ${PLAIN} $label }}{{ $of = printf "%s, %s=%q" $of $label $value }}{{ end -}}`)}
{{- $metric := reReplaceAll "([.+*?()|\\[\\]{}^$\\\\])" "\\$1" $labels.sentio_metric -}}
{{- range printf "{__name__=~%q%s}" (print $metric "${suffix}") $of | query -}}
  {{- $one := . }}{{ $same := eq (index $one.Labels "horizon") (index $labels "horizon") -}}
  {{- range $label, $value := $labels -}}
    {{- if not (or (match ${PLAIN} $label) (eq (index $one.Labels $label) $value)) }}{{ $same = false }}{{ end -}}
  {{- end -}}
  {{- if $same -}}
    ${body}
  {{- end -}}
{{- end -}}`;
}

/**
 * The links to a series: `added` as in `eachLabel`. Grafana's variable is a list of matchers, the page's a selector. A counter is
 * published as its rate, and a gauge may be called `…_rate` itself.
 */
export function seriesLinks(added: readonly string[] = []): { dashboard_url: string; page_url: string } {
  const of = matchersForLink(added);
  return {
    dashboard_url: `${of}
${dashboardUrl('sentio-forecast?var-metric={{ $labels.sentio_metric | urlquery }}&var-series={{ reReplaceAll "^," "" $of | urlquery }}')}`,
    page_url: String.raw`${of}
${PAGE_URL}?series={{ printf "{__name__=~\"%s(_rate)?\"%s}" (reReplaceAll "_rate$" "" $labels.sentio_metric) $of | urlquery }}`,
  };
}

/** Sets `$of` to the matchers of the series, each after a comma. Grafana and Sentio can have names with dots, in quotes. */
function matchersForLink(added: readonly string[]): string {
  const body = `{{- $name := $label -}}
    {{- if not (match ${PLAIN} $label) }}{{ $name = printf "%q" $label }}{{ end -}}
    {{- $of = printf "%s,%s=%q" $of $name $value -}}`;
  return `{{- $of := "" -}}
${eachLabel(added, body)}`;
}

/** What a person calls the series by: the first of these labels that it has. */
export function nameOf(...preferred: readonly string[]): string {
  const labels = [...preferred, 'container_name', 'pod', 'k8s.pod.name', 'instance', 'job'];
  const values = labels.map((name) => (name.includes('.') ? `(index $labels "${name}")` : `$labels.${name}`));
  return `{{ or ${values.join(' ')} "a series" }}`;
}

/** Defines the template `quantity`: a sample's value in the unit that the name of its metric ends with. */
export const QUANTITY = `{{- define "quantity" -}}
  {{- $name := reReplaceAll "_(y|yhat|yhat_lower|yhat_upper)$" "" .Labels.__name__ -}}
  {{- if match "_bytes_(total|sum)_rate$" $name }}{{ .Value | humanize1024 }}B/s
  {{- else if match "_(total|sum|count)_rate$" $name }}{{ .Value | humanize }}/s
  {{- else if match "_(timestamp|boot_time|start_time)_seconds$" $name }}{{ .Value | humanizeTimestamp }}
  {{- else if match "_seconds$" $name }}{{ .Value | humanizeDuration }}
  {{- else if match "_milliseconds$" $name }}{{ .Value | humanize }}ms
  {{- else if match "_bytes$" $name }}{{ .Value | humanize1024 }}B
  {{- else if match "_ratio$" $name }}{{ .Value | humanizePercentage }}
  {{- else if match "_percent$" $name }}{{ .Value | humanize }}%
  {{- else }}{{ .Value | humanize }}{{ end -}}
{{- end -}}`;

/** The link to Sentio's page. */
export const PAGE_URL = `${address('page_url', 'http://localhost:9201')}/`;

/** The link to a dashboard: its path after `/d/`, with its variables. */
export function dashboardUrl(path: string): string {
  return `${address('grafana_url', 'http://localhost:3000')}/d/${path}`;
}

/** The link to the chapter about an alert in docs/operations.md. */
export function runbookUrl(alert: string): string {
  return `${address('docs_url', 'docs')}/operations.md#${alert.toLowerCase()}`;
}

/** An address that Sentio's configuration has, also while Sentio is down. */
function address(label: string, fallback: string): string {
  const asked = `last_over_time(sentio_links_info{${label}!=""}[1d])`;
  return `{{ with query \`${asked}\` }}{{ . | first | label "${label}" }}{{ else }}${fallback}{{ end }}`;
}
