import { availableParallelism, loadavg } from 'node:os';
import { HOUR, MINUTE } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { sendSeries } from '../harness/remote-write.js';
import { type Sentio, startSentio } from '../harness/sentio.js';
import { eventually } from '../harness/wait.js';
import { openPage, startBrowser } from '../ui/browser.js';

const SERIES_PER_REQUEST = 1_000;
const POINTS = 30;
const LOADS = 5;
const SCROLLS = 20;

/**
 * How long the page takes in Chromium with so many series (`npm run bench -- page 20000`): from the click on its address to the first row,
 * and the longest task of its thread, in CPU time, while it loads, is scrolled, grouped and folded.
 */
export async function bench([count = '1500']: string[]): Promise<Record<string, unknown>> {
  const cleanup = new Cleanup();
  try {
    const sentio = await startSentio(cleanup, {
      rules: [{ name: 'all', match: ['{__name__=~".+"}'], step: '1m', history: '1d', horizon: '1h' }],
    });
    await fill(sentio, Number(count));
    const browser = await startBrowser(cleanup);
    const firstRow: number[] = [];
    let longestMs = 0;
    for (let load = 0; load < LOADS; load++) {
      await browser.startTracing(undefined, { categories: ['toplevel', '__metadata'] });
      const startMs = performance.now();
      const { page, complaints } = await openPage(browser, sentio.url);
      await page.locator('.row').first().waitFor();
      firstRow.push(Math.round(performance.now() - startMs));
      await page.locator('.chart canvas').first().waitFor();
      for (let i = 0; i < SCROLLS; i++) {
        await page.evaluate('document.querySelector(".list").scrollTop += 2000');
        await page.waitForTimeout(50);
      }
      await page.getByRole('combobox', { name: 'Headings' }).selectOption('service');
      await page.locator('.group-head').first().waitFor();
      await page.getByRole('button', { name: 'Fold all' }).click();
      await page.locator('.row').first().waitFor({ state: 'hidden' });
      if (complaints.length > 0) throw new Error(complaints.join('\n'));
      await page.context().close();
      longestMs = Math.max(longestMs, longestTaskMs(await browser.stopTracing()));
    }
    firstRow.sort((a, b) => a - b);
    const [load] = loadavg() as [number];
    console.log(
      `${count} series: first row after ${firstRow.join(', ')} ms, longest task ${longestMs.toFixed(0)} ms of CPU`,
    );
    console.log(`load average of the machine: ${load.toFixed(1)} on ${availableParallelism()} cores`);
    return {
      series: Number(count),
      firstRowMs: firstRow[LOADS >> 1],
      slowestFirstRowMs: firstRow.at(-1),
      longestMs,
      load,
    };
  } finally {
    await cleanup.run();
  }
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** CPU time of the thread, in µs. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** The longest task of the threads that run pages, by CPU time, which other processes do not lengthen. */
function longestTaskMs(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const mainThreads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter(({ pid, tid }) => mainThreads.has(`${pid} ${tid}`))
    .reduce((longest, { tdur = 0 }) => Math.max(longest, tdur / 1000), 0);
}

async function fill(sentio: Sentio, count: number): Promise<void> {
  const endMs = Math.floor(Date.now() / MINUTE) * MINUTE;
  for (let from = 0; from < count; from += SERIES_PER_REQUEST) {
    const series = Array.from({ length: Math.min(SERIES_PER_REQUEST, count - from) }, (_, i) => ({
      labels: {
        __name__: `container_${['cpu', 'memory', 'network', 'disk'][i % 4]}_usage`,
        service: `service-${(from + i) % 200}`,
        pod: `pod-${from + i}`,
      },
      points: Array.from({ length: POINTS }, (_, k) => ({
        timeMs: endMs - (POINTS - k) * MINUTE,
        value: 50 + Math.sin((endMs - k * MINUTE) / HOUR + i) + Math.random(),
      })),
    }));
    await sendSeries(sentio.writeUrl, series);
  }
  await eventually(
    'every series has a forecast',
    async () => {
      const { summary } = (await (await fetch(`${sentio.url}/api/v1/series?limit=1`)).json()) as {
        summary: { series: number; learning: number };
      };
      return summary.series === count && summary.learning === 0;
    },
    { deadlineMs: 10 * MINUTE },
  );
}
