import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './variables.js';

/** Marks the time of alarms in every graph: `kinds` is an expression over `m_anomaly_kind`, which is 1 while an alarm lasts. */
export function alarms(kinds: string, title: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Alarms')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('red')
    .expr(kinds)
    .step('60s')
    .titleFormat(title)
    .textFormat('alarm: {{sentio_kind}}')
    .tagKeys('sentio_kind');
}
