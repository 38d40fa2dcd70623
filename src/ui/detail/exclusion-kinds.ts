import type { ExclusionJson } from '../../http/api/json/exclusions.js';

/** What a reader can say of a time, and what each does. */
export const EXCLUSION_KINDS: readonly {
  readonly kind: ExclusionJson['kind'];
  readonly name: string;
  readonly effect: string;
}[] = [
  {
    kind: 'maintenance',
    name: 'Maintenance',
    effect: 'No alarms in that time, and nothing of it is learnt. Alarms that were in it end.',
  },
  {
    kind: 'not_an_anomaly',
    name: 'Not an anomaly',
    effect:
      'The alarms in that time were none: it is learnt, and the like of them is quiet from now on. What is higher or lasts longer is an alarm.',
  },
  {
    kind: 'incident',
    name: 'Incident',
    effect:
      'Something was wrong, whether or not there was an alarm: nothing of that time is learnt. Alarms are as ever.',
  },
];
