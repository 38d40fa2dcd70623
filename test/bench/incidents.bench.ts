import { setImmediate as turn } from 'node:timers/promises';
import { IncidentTracker } from '#src/incidents/incident-tracker.js';
import { TimeSlice } from '#src/lib/time-slice.js';
import { makeLabels } from '#src/model/labels/labels.js';

const SERIES = 100_000;
const PODS = 25;
const METRICS = 20;
const STEP_MS = 60_000;
const START = 1_700_000_000_000;

/** What grouping costs where a tenth of 100,000 series is in alarm: whole services, and as many alarms that nothing explains. */
export async function bench(): Promise<Record<string, unknown>> {
  const services = SERIES / PODS / METRICS;
  const labelsOf = (series: number) => {
    const pod = Math.floor(series / METRICS);
    const service = Math.floor(pod / PODS);
    return makeLabels({
      __name__: `metric_${series % METRICS}`,
      namespace: `ns-${service % 20}`,
      service: `service-${service}`,
      pod: `service-${service}-${pod}`,
      node: `node-${(pod * 7919) % 300}`,
      region: `region-${pod % 3}`,
    });
  };
  const heapBefore = heapBytes();
  const tracker = new IncidentTracker({ describe: (series) => ({ labels: labelsOf(series), rule: 'all' }) });
  const addedMs = timed(() => {
    for (let series = 0; series < SERIES; series++) tracker.addSeries(series);
  });
  const indexBytes = heapBytes() - heapBefore;
  const inAlarm = [
    ...Array.from({ length: SERIES / 20 }, (_, i) => i),
    ...Array.from({ length: SERIES / 20 }, (_, i) => SERIES / 20 + ((i * 104_729) % (SERIES - SERIES / 20))),
  ];
  const report = (timeMs: number) =>
    timed(() => {
      for (const series of inAlarm)
        tracker.report(series, { onsetMs: START, timeMs, gapMs: 600_000, score: 2, kind: 'value', side: 'above' });
    });
  let longestSliceMs = 0;
  const update = async (timeMs: number) => {
    const startMs = performance.now();
    const slice = new TimeSlice();
    let sliceMs = performance.now();
    for (const _ of tracker.update(timeMs)) {
      if (!slice.isOver) continue;
      longestSliceMs = Math.max(longestSliceMs, performance.now() - sliceMs);
      await slice.pause();
      sliceMs = performance.now();
    }
    longestSliceMs = Math.max(longestSliceMs, performance.now() - sliceMs);
    return performance.now() - startMs;
  };
  const firstReportMs = report(START + STEP_MS);
  const firstUpdateMs = await update(START + STEP_MS);
  const reportMs = report(START + 2 * STEP_MS);
  const quietUpdateMs = await update(START + 2 * STEP_MS);
  tracker.report(99_999, { onsetMs: START, timeMs: START, gapMs: 600_000, score: 2, kind: 'value', side: 'above' });
  const grownUpdateMs = await update(START + 2 * STEP_MS);
  const openIncidents = tracker.open.length;
  const grouped = tracker.open.filter(({ series }) => series > 1).length;
  await turn();
  const alarmBytes = heapBytes() - heapBefore - indexBytes;
  const closingUpdateMs = await update(START + 60 * STEP_MS);
  const result = {
    services,
    incidents: openIncidents,
    grouped,
    addMicroseconds: (1000 * addedMs) / SERIES,
    indexBytesPerSeries: indexBytes / SERIES,
    bytesPerAlarm: alarmBytes / inAlarm.length,
    firstReportMs,
    reportMs,
    firstUpdateMs,
    quietUpdateMs,
    grownUpdateMs,
    closingUpdateMs,
    longestSliceMs,
  };
  console.table(result);
  return result;
}

function timed(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

/** After a collection, where `node --expose-gc` allows one. */
function heapBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
