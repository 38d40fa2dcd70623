import { join } from 'node:path';
import { type Cleanup, temporaryFolder } from './cleanup.js';
import { faultySettings, scraping, startNewShop, untilLearnt } from './faulty-loop.js';
import { startMachines, type Wire } from './machines.js';
import { type Prometheus, startPrometheus } from './prometheus.js';
import { type Sentio, startSentio } from './sentio.js';

const PROMETHEUS_PORT = 9090;
const SENTIO_PORT = 9095;

/** The loop with faults, Prometheus on one machine and Sentio on another, and a wire for each way between them. */
export interface DistantLoop {
  readonly prometheus: Prometheus;
  readonly sentio: Sentio;
  readonly wires: {
    /** By which Prometheus writes to Sentio. */
    readonly samples: Wire;
    /** By which Sentio writes to Prometheus. */
    readonly forecasts: Wire;
    /** By which Sentio reads from Prometheus: history, and queries each second. */
    readonly database: Wire;
  };
}

/** The series of the query that Sentio has Prometheus evaluate. */
export const QUERIED = 'shop:queue:max';

/** Starts the loop, and waits until Sentio has learnt the history that Prometheus has. */
export async function startDistantLoop(cleanup: Cleanup): Promise<DistantLoop> {
  const { machines, wires } = await startMachines(cleanup, 3);
  const [samples, forecasts, database] = wires as [Wire, Wire, Wire];
  const shop = await startNewShop(cleanup);
  await machines[0].bring(Number(shop.instance.split(':')[1]));
  const prometheus = await startPrometheus(cleanup, {
    ...scraping(shop),
    place: await machines[0].place(PROMETHEUS_PORT),
    remoteWriteUrl: `http://${samples.addresses[1]}:${SENTIO_PORT}/api/v1/write`,
    remoteWriteTimeout: '2s',
  });
  await shop.open(prometheus);
  const prometheusBy = ({ addresses }: Wire) => `http://${addresses[0]}:${PROMETHEUS_PORT}`;
  const sentio = await startSentio(
    cleanup,
    {
      ...faultySettings({ target: prometheusBy(forecasts), database: prometheusBy(database) }),
      query_sources: [{ url: `${prometheusBy(database)}/api/v1/query_range`, pause: '10ms', remote_timeout: '2s' }],
      queries: [{ name: QUERIED, expr: 'max(shop_queue)', offset: '1s', step: '1s', history: '20m', resolution: '5s' }],
    },
    {
      place: await machines[1].place(SENTIO_PORT),
      flags: [`--storage.path=${join(await temporaryFolder(cleanup), 'data')}`],
    },
  );
  await untilLearnt({ prometheus, sentio });
  return { prometheus, sentio, wires: { samples, forecasts, database } };
}
