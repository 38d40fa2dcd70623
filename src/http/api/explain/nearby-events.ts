import type { MarkerEvent } from '../../../markers/marker-event.js';
import type { MarkerStore } from '../../../markers/marker-store.js';
import { afterText } from '../../../markers/marker-text.js';
import type { Labels } from '../../../model/labels/labels.js';
import type { ExplanationJson } from '../json/explanation.js';
import { markerEventJson } from '../marker-json.js';

/** What happened longer before is not looked at. */
const WINDOW_MS = 30 * 60_000;
const MAX_EVENTS = 5;

/** The events that may concern a series, from half an hour before a span to its end: the five closest to its start, the closest first. */
export function eventsAround(
  markers: Pick<MarkerStore, 'concerning'>,
  labels: Labels,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): MarkerEvent[] {
  return markers
    .concerning(labels, fromMs - WINDOW_MS, toMs)
    .sort((a, b) => Math.abs(a.timeMs - fromMs) - Math.abs(b.timeMs - fromMs))
    .slice(0, MAX_EVENTS);
}

export function nearbyEventJson(event: MarkerEvent, fromMs: number): ExplanationJson['events'][number] {
  return { ...markerEventJson(event), before: (fromMs - event.timeMs) / 1000 };
}

/** Says how long after the closest event the alarm, or the step, began; nothing where there is no event. */
export function eventSentence([event]: readonly MarkerEvent[], fromMs: number, isAlarm: boolean): string[] {
  return event === undefined ? [] : [`${isAlarm ? 'The alarm' : 'It'} began ${afterText(event, fromMs)}.`];
}
