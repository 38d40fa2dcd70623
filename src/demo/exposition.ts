import { createServer } from 'node:http';
import { labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { WORKLOAD, type Workload } from './workload.js';

/** Serves the workload at `GET /metrics` on a free loopback port, for a Prometheus to scrape. */
export async function exposeWorkload(
  workload: Workload,
  now: () => number,
): Promise<{ port: number; close(): Promise<unknown> }> {
  const server = createServer((_request, response) => {
    const values = workload.at(now());
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(
      WORKLOAD.map(({ labels, help, type }, i) => {
        const name = labelValue(labels, METRIC_NAME);
        return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}{host="${labelValue(labels, 'host')}"} ${values[i]}\n`;
      }).join(''),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot expose the workload: no port');
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: address.port, close };
}
