import { byOnset, type Cause, type EventCause, type Incident, type Member } from '../../../incidents/incident.js';
import { causeText, eventCauseText, incidentText } from '../../../incidents/incident-text.js';
import { type Pair, RULE } from '../../../incidents/population.js';
import { labelsJson } from '../../../model/labels/labels.js';
import type {
  IncidentCauseJson,
  IncidentEventCauseJson,
  IncidentJson,
  IncidentMemberJson,
  LabelValueJson,
} from '../json/incidents.js';
import { markerEventJson } from '../marker-json.js';

export const MEMBER_ORDERS = ['onset', 'strength'] as const;

export function incidentJson(incident: Incident): IncidentJson {
  const { groupedBy, shared } = incident;
  return {
    id: incident.id,
    start: incident.startMs / 1000,
    end: incident.lastMs / 1000,
    is_open: incident.isOpen,
    series: incident.series,
    missing_series: incident.missingSeries,
    peak_score: incident.peakScore,
    peak_series: incident.peakSeries,
    grouped_by: groupedBy === undefined ? null : { ...labelValueJson(groupedBy), of: incident.of },
    shared: {
      labels: labelsJson(shared.filter(({ name }) => name !== RULE)),
      rule: shared.find(({ name }) => name === RULE)?.value ?? null,
    },
    first: labelsJson(incident.members[0]!.labels),
    causes: [...incident.events.map(eventCauseJson), ...incident.causes.map(causeJson)],
    text: incidentText(incident),
  };
}

/** The members that are kept, in order of onset, or the highest score first. */
export function membersInOrder(
  { members }: Incident,
  order: (typeof MEMBER_ORDERS)[number],
  limit: number,
): readonly Member[] {
  const sorted = order === 'onset' ? members : members.toSorted((a, b) => b.peakScore - a.peakScore || byOnset(a, b));
  return sorted.slice(0, limit);
}

export function memberJson({ labels, rule, onsetMs, lastMs, peakScore, kind, side }: Member): IncidentMemberJson {
  return {
    metric: labelsJson(labels),
    rule,
    start: onsetMs / 1000,
    end: lastMs / 1000,
    peak_score: peakScore,
    kind: kind as IncidentMemberJson['kind'],
    side,
  };
}

function eventCauseJson(cause: EventCause): IncidentEventCauseJson {
  const { event, events, series, firstMs, leadMs } = cause;
  return {
    event: markerEventJson(event),
    events,
    series,
    start: firstMs / 1000,
    lead: leadMs / 1000,
    text: eventCauseText(cause),
  };
}

function causeJson(cause: Cause): IncidentCauseJson {
  const { label, series, of, firstMs, leadMs, connected } = cause;
  return {
    ...labelValueJson(label),
    series,
    of,
    start: firstMs / 1000,
    lead: leadMs / 1000,
    connected,
    text: causeText(cause),
  };
}

function labelValueJson({ name, value }: Pair): LabelValueJson {
  return { label: name === RULE ? null : name, value };
}
