import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';
import { startHttpServer } from './http-server.js';
import { decodeWriteRequest } from './remote-write.js';

/** A remote-write receiver inside the test, for where a real database would only be slower to ask. */
export interface Receiver {
  readonly writeUrl: string;
  /** Points by metric name, in the order they came; series of one name together. */
  readonly points: ReadonlyMap<string, { timeMs: number; value: number }[]>;
  /** Requests whose sender went away before it had its answer. */
  readonly abandoned: number;
}

/** Starts a receiver that takes `delayMs` over every answer. */
export async function startReceiver(cleanup: Cleanup, { delayMs = 0 } = {}): Promise<Receiver> {
  const points = new Map<string, { timeMs: number; value: number }[]>();
  let abandoned = 0;
  const address = await startHttpServer(cleanup, async (request, response) => {
    response.once('close', () => {
      if (!response.writableFinished) abandoned++;
    });
    const series = decodeWriteRequest(await buffer(request));
    await sleep(delayMs);
    for (const { labels, points: sent } of series) {
      const name = labels.__name__ ?? '';
      points.set(name, [...(points.get(name) ?? []), ...sent]);
    }
    response.writeHead(204).end();
  });
  return {
    writeUrl: `http://${address}/api/v1/write`,
    points,
    get abandoned() {
      return abandoned;
    },
  };
}
