import { labelValue } from '../../model/labels/labels.js';
import type { SeriesResult } from '../task/task.js';

/** As the shipped alert rules have it: how long a series is in alarm before it fires, and how long it fires after that. */
const FOR_MS = 90_000;
const KEEP_FIRING_MS = 600_000;
/** As the shipped Alertmanager has it: what fires in one job within this time is one message, and what joins it later another. */
const GROUP_WAIT_MS = 60_000;
const GROUP_INTERVAL_MS = 300_000;
/** When people sleep, by the clock of the rule. */
const NIGHT = { fromHour: 22, untilHour: 6 };

/** What somebody would have been told of the alarms of a backtest. */
export interface Messages {
  readonly count: number;
  readonly atNight: number;
  /** For how long one job had alarms without a pause, at most. */
  readonly longestMs: number;
}

/** The alarms of single series as Alertmanager groups them: one message for each job, and more where others join later. */
export function messagesOf(results: readonly SeriesResult[]): Messages {
  const byJob = new Map<string, Firing[]>();
  for (const { labels, timezone, stepMs, anomalies } of results) {
    const job = labelValue(labels, 'job');
    const firing = byJob.get(job) ?? [];
    byJob.set(job, firing);
    for (const { startMs, endMs } of anomalies) {
      const overMs = endMs + stepMs;
      if (overMs - startMs < FOR_MS) continue;
      firing.push({ fromMs: startMs + FOR_MS, untilMs: overMs + KEEP_FIRING_MS, timezone });
    }
  }
  let [count, atNight, longestMs] = [0, 0, 0];
  for (const firing of byJob.values()) {
    const groups = groupsOf(firing);
    const sent = groups.flatMap(({ messages }) => messages);
    count += sent.length;
    atNight += sent.filter(isAtNight).length;
    longestMs = Math.max(longestMs, ...groups.map(({ fromMs, untilMs }) => untilMs - KEEP_FIRING_MS - fromMs + FOR_MS));
  }
  return { count, atNight, longestMs };
}

interface Firing {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly timezone: string;
}

interface Message {
  readonly timeMs: number;
  readonly timezone: string;
}

/** What fires without a pause, and the messages about it. */
function groupsOf(firing: readonly Firing[]): { fromMs: number; untilMs: number; messages: Message[] }[] {
  const groups: { fromMs: number; untilMs: number; messages: Message[] }[] = [];
  for (const { fromMs, untilMs, timezone } of firing.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const group = groups.at(-1);
    if (group === undefined || fromMs > group.untilMs) {
      groups.push({ fromMs, untilMs, messages: [{ timeMs: fromMs + GROUP_WAIT_MS, timezone }] });
      continue;
    }
    group.untilMs = Math.max(group.untilMs, untilMs);
    const lastMs = group.messages.at(-1)!.timeMs;
    if (fromMs <= lastMs) continue;
    const turns = Math.ceil((fromMs - lastMs) / GROUP_INTERVAL_MS);
    group.messages.push({ timeMs: lastMs + turns * GROUP_INTERVAL_MS, timezone });
  }
  return groups;
}

function isAtNight({ timeMs, timezone }: Message): boolean {
  const clock = new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', timeZone: timezone });
  const hour = Number(clock.format(timeMs));
  return hour >= NIGHT.fromHour || hour < NIGHT.untilHour;
}
