import { formatLabels, labelsJson, makeLabels } from '../model/labels/labels.js';
import type { Incident, Member } from './incident.js';

const VERSION = 1;

type MemberState = Omit<Member, 'key' | 'labels' | 'pairs' | 'incident'> & { labels: Record<string, string> };
type IncidentState = Omit<Incident, 'members'> & { members: MemberState[] };

/** The incidents as text, a line each after the first, which has the version; `parseIncidents` reads it. */
export function* formatIncidents({ open, closed }: IncidentList): Generator<string> {
  yield `${JSON.stringify({ version: VERSION })}\n`;
  for (const incident of [...closed, ...open]) yield `${JSON.stringify(stateOf(incident))}\n`;
}

export interface IncidentList {
  readonly open: readonly Incident[];
  readonly closed: readonly Incident[];
}

/** Reads what `formatIncidents` wrote. Throws `SyntaxError` for anything else, and for another version. */
export function parseIncidents(text: string): IncidentList {
  const [head, ...lines] = text.split('\n');
  const { version } = JSON.parse(head!) as { version?: unknown };
  if (version !== VERSION) throw new SyntaxError(`incidents have version ${String(version)}, not ${VERSION}`);
  if (lines.pop() !== '') throw new SyntaxError('incidents end in the middle of a line');
  const incidents = lines.map((line) => incidentOf(JSON.parse(line) as IncidentState));
  return { open: incidents.filter(({ isOpen }) => isOpen), closed: incidents.filter(({ isOpen }) => !isOpen) };
}

function stateOf(incident: Incident): IncidentState {
  return {
    ...incident,
    members: incident.members.map(({ key: _key, labels, pairs: _pairs, incident: _incident, ...rest }) => ({
      ...rest,
      labels: labelsJson(labels),
    })),
  };
}

function incidentOf(state: IncidentState): Incident {
  const incident: Incident = { ...state, groupedBy: state.groupedBy, events: state.events ?? [], members: [] };
  incident.members = state.members.map((member) => {
    const labels = makeLabels(member.labels);
    return { ...member, labels, key: formatLabels(labels), pairs: NO_PAIRS, incident };
  });
  return incident;
}

const NO_PAIRS = new Int32Array(0);
