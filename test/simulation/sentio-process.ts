import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Surroundings } from '#src/cli/process/surroundings.js';
import { Service } from '#src/cli/service.js';
import { parseConfig } from '#src/config/load.js';
import { GridCache } from '#src/forecast/design/grid-cache.js';
import { fitRobustly } from '#src/forecast/fit/robust-fit.js';
import { readTrainingData } from '#src/forecast/fit/training-data.js';
import { FitError } from '#src/forecast/fit-error.js';
import type { FitTask } from '#src/forecast/pool/worker.js';
import type { Random } from '../ordinary-days/random.js';
import type { SimulatedClock } from './clock.js';
import { type SimulatedDisk, STORAGE } from './disk.js';
import { connectionError, type SimulatedNetwork } from './network.js';
import type { Receiver } from './sender.js';

const MAX_FIT_MS = 2_000;

/** One life of the service: from its start to its end, whatever that is. */
interface Life {
  readonly service: Service;
  readonly registry: Registry;
  server: FastifyInstance | undefined;
  /** Samples in requests that were answered. */
  received: number;
  readonly onDeath: Set<() => void>;
}

/** Sentio on the simulated machine: started, stopped, killed and started again. */
export class SentioProcess implements Receiver {
  /** The text of the configuration file, read at each start and reload. */
  config = '';
  /** Share of fits whose worker is lost. */
  lostFits = 0;
  /** How many lives it has had. */
  starts = 0;
  readonly #clock: SimulatedClock;
  readonly #network: SimulatedNetwork;
  readonly #disk: SimulatedDisk;
  readonly #random: Random;
  readonly #violations: string[];
  readonly #starting: () => void;
  readonly #log: (line: string) => void;
  readonly #grids = new GridCache();
  #life: Life | undefined;

  constructor(options: {
    clock: SimulatedClock;
    network: SimulatedNetwork;
    disk: SimulatedDisk;
    random: Random;
    /** What may not be is added here. */
    violations: string[];
    /** Called before each start. */
    starting: () => void;
    /** Receives its log, line by line. */
    log: (line: string) => void;
  }) {
    this.#clock = options.clock;
    this.#network = options.network;
    this.#disk = options.disk;
    this.#random = options.random;
    this.#violations = options.violations;
    this.#starting = options.starting;
    this.#log = options.log;
  }

  get service(): Service | undefined {
    return this.#life?.service;
  }

  /** Whether it answers requests. */
  get isListening(): boolean {
    return this.#life?.server !== undefined;
  }

  /** Starts it. Resolves when it listens; never, where it is killed before. */
  async start(): Promise<void> {
    const registry = new Registry();
    const owner = {};
    this.starts++;
    this.#starting();
    this.#clock.owner = owner;
    const life: Life = { registry, server: undefined, received: 0, onDeath: new Set(), service: undefined as never };
    const readConfig = () => parseConfig(this.config, '.');
    const service = new Service({
      config: readConfig(),
      listen: { host: '127.0.0.1', port: 9201 },
      enableLifecycle: false,
      storagePath: STORAGE,
      log: pino({ level: 'info', base: null }, { write: this.#log }),
      registry,
      readConfig,
      surroundings: this.#surroundings(owner, (server) => {
        life.server = server;
      }),
    });
    Object.assign(life, { service });
    this.#life = life;
    await service.start();
  }

  /** As SIGTERM. Returns whether its last snapshot was written. */
  async stop(): Promise<boolean> {
    const life = this.#life!;
    const isSaved = await life.service.close();
    life.server = undefined;
    await this.#account(life);
    const timers = this.#clock.pendingTimers(this.#clock.owner!);
    if (timers > 0) this.#violations.push(`${timers} timers keep a process alive that has stopped`);
    this.#end(life);
    return isSaved;
  }

  /** As SIGKILL, or a loss of power. */
  kill(): void {
    if (this.#life !== undefined) this.#end(this.#life);
  }

  /** As SIGHUP. */
  reload(): void {
    // The file may have mistakes: it goes on as before.
    this.#life?.service.reload().catch(() => {});
  }

  async receive(body: Uint8Array, samples: number): Promise<{ status: number; retryAfterSeconds: number }> {
    const life = this.#life;
    const answer = await this.#inject({
      method: 'POST',
      url: '/api/v1/write',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      payload: Buffer.from(body),
    });
    if (answer.statusCode < 500) life!.received += samples;
    return { status: answer.statusCode, retryAfterSeconds: Number(answer.headers['retry-after'] ?? 0) };
  }

  /** A request of the JSON API. Rejects as `receive` does. */
  async ask(method: 'GET' | 'POST' | 'DELETE', url: string, json?: object): Promise<{ status: number; body: string }> {
    const { statusCode, body } = await this.#inject({ method, url, ...(json !== undefined && { payload: json }) });
    return { status: statusCode, body };
  }

  async #inject(request: InjectOptions): Promise<LightMyRequestResponse> {
    const life = this.#life;
    const server = life?.server;
    if (life === undefined || server === undefined) throw connectionError('ECONNREFUSED');
    const injected = server.inject({ ...request, headers: { ...request.headers, host: '127.0.0.1' } });
    return new Promise((resolve, reject) => {
      const onDeath = () => reject(connectionError('ECONNRESET'));
      life.onDeath.add(onDeath);
      injected.then(resolve, reject).finally(() => life.onDeath.delete(onDeath));
    });
  }

  /** The value of a metric, summed over what matches. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return this.#life === undefined ? Number.NaN : sum(this.#life.registry, name, labels);
  }

  /** Holds received = stored + dropped by reason, to the sample. */
  async checkAccounts(): Promise<void> {
    if (this.#life !== undefined) await this.#account(this.#life);
  }

  async #account({ registry, received }: Life): Promise<void> {
    const byOutcome = received === 0 ? 0 : await sum(registry, 'sentio_receiver_samples_total');
    if (byOutcome !== received) this.#violations.push(`received ${received} samples, and counted ${byOutcome}`);
  }

  #end(life: Life): void {
    this.#life = undefined;
    this.#clock.kill(this.#clock.owner!);
    for (const onDeath of life.onDeath) onDeath();
  }

  #surroundings(owner: object, listening: (server: FastifyInstance) => void): Surroundings {
    const clock = this.#clock;
    return {
      now: Date.now,
      openPool: this.#network.openPool(owner),
      disk: this.#disk.mount(owner),
      listen: async (server) => {
        await server.ready();
        listening(server);
        return 9201;
      },
      startFitPool: () => ({
        fit: async (task: FitTask) => {
          await clock.sleep(this.#random.uniform() * MAX_FIT_MS, owner);
          if (this.#random.uniform() < this.lostFits) throw new FitError('crashed', 'Cannot fit: the worker failed');
          const { samples, source, stepVariance } = readTrainingData(task.view);
          const grid = this.#grids.gridOf(samples.timesMs);
          return { ...fitRobustly(samples, task.prophet, { stepVariance, grid }), source, durationMs: 1 };
        },
        close: async () => {},
      }),
    };
  }
}

async function sum(registry: Registry, name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const metric = registry.getSingleMetric(name);
  if (metric === undefined) throw new Error(`there is no metric ${name}`);
  const { values } = await metric.get();
  return values
    .filter((value) =>
      Object.entries(labels).every(([key, want]) => (value.labels as Record<string, unknown>)[key] === want),
    )
    .reduce((total, { value }) => total + value, 0);
}
