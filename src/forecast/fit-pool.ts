import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { Piscina } from 'piscina';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Fit } from './fit.js';
import { FitError, type FitErrorReason } from './fit-error.js';
import { FittedModel } from './fitted-model.js';
import type { FitReply, FitTask } from './worker.js';

/** A model, how it came about, and what it cost. */
export interface FitOutcome extends Fit {
  /** The ring it was trained on: the steps at cold start, the history afterwards. */
  readonly source: 'history' | 'steps';
  /** Time in the worker. */
  readonly durationMs: number;
}

export interface FitPoolOptions {
  /** Worker threads, ≥ 1; each is a core at full load. */
  readonly threads: number;
  /** Fits that may wait for a thread; one more is refused. */
  readonly maxQueue: number;
  /** A fit that runs longer is given up and its thread replaced. */
  readonly timeoutMs: number;
  /**
   * JavaScript heap of a worker, MiB; one that wants more is replaced. The default is several times what the largest
   * Stan fit takes (10,080 values by 34 columns, as rows and as JSON).
   */
  readonly workerHeapMb?: number;
  readonly log: Logger;
  readonly registry: Registry;
}

interface Waiting {
  readonly task: FitTask;
  readonly resolve: (reply: Promise<FitReply>) => void;
  readonly reject: (error: FitError) => void;
}

/** Fits models in worker threads. The main thread only hands over ring views and takes back a few hundred bytes. */
export class FitPool {
  readonly #options: FitPoolOptions;
  readonly #pool: Piscina<FitTask, FitReply>;
  readonly #waiting: Waiting[] = [];
  readonly #fits: Counter<'outcome'>;
  readonly #duration: Histogram;
  #running = 0;
  #closed = false;

  constructor(options: FitPoolOptions) {
    this.#options = options;
    this.#pool = new Piscina<FitTask, FitReply>({
      filename: fileURLToPath(new URL('worker.js', import.meta.url)),
      minThreads: options.threads,
      maxThreads: options.threads,
      resourceLimits: { maxOldGenerationSizeMb: options.workerHeapMb ?? 256 },
    });
    const registers = [options.registry];
    this.#fits = new Counter({
      name: 'sentio_fits_total',
      help: 'Fits by outcome: the optimizer that gave the model, or the reason why there is none.',
      labelNames: ['outcome'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'sentio_fit_duration_seconds',
      help: 'Time of a fit in its worker, from reading the ring to the parameters.',
      // From a small exact fit (1 ms) to a Stan fit of a long history (10 s).
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    });
    const queueSize = () => this.queueSize;
    new Gauge({
      name: 'sentio_fit_queue_size',
      help: 'Fits waiting for a worker.',
      registers,
      collect() {
        this.set(queueSize());
      },
    });
  }

  /** Fits waiting for a thread. */
  get queueSize(): number {
    return this.#waiting.length;
  }

  /** Fits one series. Rejects with `FitError` only; whatever happens to one fit, the others go on. */
  async fit(task: FitTask): Promise<FitOutcome> {
    try {
      const reply = await this.#run(task);
      if ('reason' in reply) throw new FitError(reply.reason, reply.message);
      const { data, ...fit } = reply;
      this.#fits.inc({ outcome: fit.optimizer });
      this.#duration.observe(fit.durationMs / 1000);
      return { ...fit, model: new FittedModel(data) };
    } catch (cause) {
      const error = cause instanceof FitError ? cause : this.#explain(cause);
      this.#fits.inc({ outcome: error.reason });
      throw error;
    }
  }

  /** Refuses what waits, gives up what runs, and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    await this.#pool.destroy();
  }

  #run(task: FitTask): Promise<FitReply> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#running < this.#options.threads) return this.#start(task);
    if (this.#waiting.length >= this.#options.maxQueue)
      return Promise.reject(new FitError('queue-full', `Cannot fit: ${this.#waiting.length} fits are waiting already`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
    });
  }

  /** A task goes to the pool only when a thread is free for it: its time runs from there, not from the queue. */
  #start(task: FitTask): Promise<FitReply> {
    this.#running++;
    const budget = new AbortController();
    const timer = setTimeout(() => budget.abort(), this.#options.timeoutMs);
    return this.#pool.run(task, { signal: budget.signal }).finally(() => {
      clearTimeout(timer);
      this.#running--;
      const next = this.#waiting.shift();
      next?.resolve(this.#start(next.task));
    });
  }

  #explain(cause: unknown): FitError {
    if (this.#closed) return closedError(cause);
    const { timeoutMs, log } = this.#options;
    const reason: FitErrorReason = cause instanceof Error && cause.name === 'AbortError' ? 'timeout' : 'crashed';
    log.warn({ err: cause, reason }, 'a fit was given up and its worker replaced');
    return reason === 'timeout'
      ? new FitError(reason, `Cannot fit: not done after ${timeoutMs} ms`, { cause })
      : new FitError(reason, `Cannot fit: the worker failed: ${String(cause)}`, { cause });
  }
}

function closedError(cause?: unknown): FitError {
  return new FitError('closed', 'Cannot fit: the pool is closed', { cause });
}
