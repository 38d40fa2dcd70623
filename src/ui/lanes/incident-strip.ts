import type { IncidentJson, IncidentsAnswer } from '../../http/api/json/incidents.js';
import { h } from '../lib/dom.js';
import { formatCount } from '../lib/format.js';
import { labelsText, valueSelector } from '../lib/promql.js';
import { localDayTime, roughDuration } from '../lib/times.js';
import type { View } from '../lib/view.js';

/** What the list is narrowed to, to have the series of an incident. */
export type IncidentFilter = Pick<View, 'search' | 'rule' | 'window'>;

/** The newest open incidents of several series, each a button that lists its series; nothing where there are none. */
export class IncidentStrip {
  readonly element = h('section', { class: 'incidents', 'aria-label': 'Open incidents', hidden: true });
  readonly #chosen: (filter: IncidentFilter) => void;
  #shown = '';

  constructor(chosen: (filter: IncidentFilter) => void) {
    this.#chosen = chosen;
  }

  show({ data, total }: IncidentsAnswer): void {
    const written = JSON.stringify([data.map((incident) => [incidentLine(incident), incident.text]), total]);
    // A button that has the focus would lose it.
    if (written === this.#shown) return;
    this.#shown = written;
    const focused = [...this.element.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
    this.element.hidden = data.length === 0;
    this.element.replaceChildren(
      ...data.map((incident) =>
        h(
          'button',
          { type: 'button', title: incident.text, click: () => this.#chosen(incidentFilter(incident)) },
          incidentLine(incident),
        ),
      ),
      ...(total > data.length ? [h('span', {}, `and ${formatCount(total - data.length)} more`)] : []),
    );
    if (focused >= 0) this.element.querySelectorAll('button')[focused]?.focus();
  }
}

/** `50 of 52 series of service="checkout" since 12:03, 40 s after build_info{version} changed from 1.2 to 1.3`, or what began first. */
export function incidentLine({ series, grouped_by: by, start, missing_series: missing, causes }: IncidentJson): string {
  const who =
    by === null
      ? `${formatCount(series)} series`
      : `${formatCount(series)} of ${formatCount(Math.max(by.of, series))} series of ${nameOf(by)}`;
  const what = missing === series ? ' missing' : '';
  const [cause] = causes;
  return `${who}${what} since ${localDayTime(start).slice(0, -3)}${cause === undefined ? '' : causeClause(cause)}`;
}

function causeClause(cause: IncidentJson['causes'][number]): string {
  const { lead, event } = cause;
  if (event !== undefined) return `, ${lead > 0 ? `${roughDuration(lead)} after` : 'as'} ${event.text}`;
  return lead === 0 ? '' : `, first ${nameOf(cause)} ${roughDuration(lead)} before`;
}

/** By what brought its series together; of the whole fleet by the time. */
export function incidentFilter({ grouped_by: by, start, end }: IncidentJson): IncidentFilter {
  const window = { start: Math.floor(start), end: Math.ceil(end) + 1 };
  if (by === null) return { search: '', rule: undefined, window };
  if (by.label === null) return { search: '', rule: by.value, window };
  return { search: valueSelector(by.label, by.value), rule: undefined, window };
}

function nameOf({ label, value }: { readonly label: string | null; readonly value: string }): string {
  if (label === null) return `rule ${value}`;
  return label === '__name__' ? value : labelsText({ [label]: value });
}
