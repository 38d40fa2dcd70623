import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';
import { startHttpServer } from './http-server.js';
import { decodeWriteRequest } from './remote-write.js';

/** What stands between Sentio and its database: slows answers down, and keeps a record of all that is written. */
export interface Gate {
  readonly url: string;
  /** How long every answer is held back from now on. */
  delayMs: number;
  /** Samples that were sent under a series and timestamp with another value than before: there should be none. */
  readonly rewritten: readonly string[];
  /** Writes the database answered with 4xx: there should be none. */
  readonly refused: readonly string[];
  /** The newest timestamp that was ever sent. */
  readonly newestMs: number;
}

/** Starts a gate before the database at `address`. Where that is down the gate is, too. */
export async function startGate(cleanup: Cleanup, address: string): Promise<Gate> {
  const sent = new Map<string, number>();
  const rewritten: string[] = [];
  const refused: string[] = [];
  let newestMs = 0;
  const record = (body: Uint8Array) => {
    for (const { labels, points } of decodeWriteRequest(body)) {
      for (const { timeMs, value } of points) {
        const key = `${JSON.stringify(labels)} ${timeMs}`;
        const before = sent.get(key) ?? value;
        if (!Object.is(before, value)) rewritten.push(`${key}: ${before}, then ${value}`);
        sent.set(key, value);
        newestMs = Math.max(newestMs, timeMs);
      }
    }
  };
  const gate = {
    url: '',
    delayMs: 0,
    rewritten,
    refused,
    get newestMs() {
      return newestMs;
    },
  };
  const own = await startHttpServer(cleanup, async (request, response) => {
    try {
      const body = new Uint8Array(await buffer(request));
      const isWrite = request.url === '/api/v1/write';
      if (isWrite) record(body);
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => /^(content-|x-|accept$)/.test(name) && !/length/.test(name)),
      ) as Record<string, string>;
      const answer = await fetch(`http://${address}${request.url}`, { method: 'POST', headers, body });
      const text = new Uint8Array(await answer.arrayBuffer());
      if (isWrite && answer.status >= 400 && answer.status < 500) {
        refused.push(`${answer.status} ${new TextDecoder().decode(text)}`);
      }
      await sleep(gate.delayMs);
      const [type, encoding] = [answer.headers.get('content-type'), answer.headers.get('content-encoding')];
      // fetch() decodes gzip, but not snappy.
      response.writeHead(answer.status, {
        ...(type !== null && { 'content-type': type }),
        ...(encoding === 'snappy' && { 'content-encoding': encoding }),
      });
      response.end(text);
    } catch {
      response.destroy();
    }
  });
  gate.url = `http://${own}`;
  return gate;
}
