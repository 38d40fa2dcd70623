import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { Piscina } from 'piscina';
import type { Counter, Histogram, Registry } from 'prom-client';
import { counter, gaugeFunc, histogram } from '../../lib/metrics/metrics.js';
import { type Fit, OPTIMIZERS } from '../fit/fit.js';
import { FIT_ERROR_REASONS, FitError, type FitErrorReason } from '../fit-error.js';
import { FittedModel } from '../model/fitted-model.js';
import { THREAD_FLAGS } from './thread-flags.js';
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
   * JavaScript heap of a worker, MiB; one that exceeds it is replaced. The default is several times what the largest
   * Stan fit takes (10,080 values by 34 columns, as rows and as JSON).
   */
  readonly workerHeapMb?: number;
  readonly log: Logger;
  readonly registry: Registry;
}

/** A fit that waits or runs. */
interface PendingFit {
  readonly task: FitTask;
  readonly resolve: (reply: FitReply) => void;
  readonly reject: (error: FitError) => void;
  /** Whether a worker died with it: then it is retried alone, and only once. */
  wasLost: boolean;
}

/**
 * Fits handed to a thread at one time. Handing over and waking up cost a fifth of a fit; with sixteen at once that is
 * negligible, and a thread has 15 ms of work while the main thread is busy elsewhere.
 */
export const FITS_PER_HANDOVER = 16;

/**
 * Fits models in worker threads. The main thread only hands over ring views and takes back a few hundred bytes.
 *
 * Fits that wait together go to a thread together, but do not fail together: a thread returns those it has not begun
 * when its time is up (worker.ts), and if it dies or never answers, each of its fits is retried once, alone.
 */
export class FitPool {
  readonly #options: FitPoolOptions;
  readonly #pool: Piscina<readonly FitTask[], FitReply[]>;
  #waiting: PendingFit[] = [];
  readonly #fits: Counter<'outcome'>;
  readonly #duration: Histogram;
  #running = 0;
  #closed = false;

  constructor(options: FitPoolOptions) {
    this.#options = options;
    this.#pool = new Piscina<readonly FitTask[], FitReply[]>({
      filename: fileURLToPath(new URL('worker.js', import.meta.url)),
      minThreads: options.threads,
      maxThreads: options.threads,
      execArgv: [...THREAD_FLAGS],
      resourceLimits: { maxOldGenerationSizeMb: options.workerHeapMb ?? 256 },
    });
    const { registry } = options;
    this.#fits = counter(
      registry,
      'sentio_fits_total',
      'Fits by outcome: the optimizer that made the model, or the reason why there is none.',
      { outcome: [...OPTIMIZERS, ...FIT_ERROR_REASONS] },
    );
    this.#duration = histogram(
      registry,
      'sentio_fit_duration_seconds',
      'Time of a fit in its worker thread, from reading the samples to the parameters.',
      // From a small exact fit (1 ms) to a Stan fit of a long history (10 s).
      [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    );
    gaugeFunc(registry, 'sentio_fit_queue_size', 'Fits that wait for a worker thread.', () => this.queueSize);
  }

  /** Fits waiting for a thread. */
  get queueSize(): number {
    return this.#waiting.length;
  }

  /** Fits one series. Rejects with `FitError` only; whatever happens to one fit, the others go on. */
  async fit(task: FitTask): Promise<FitOutcome> {
    try {
      const reply = await this.#enqueue(task);
      if ('reason' in reply) throw new FitError(reply.reason, reply.message);
      const { data, ...fit } = reply;
      this.#fits.inc({ outcome: fit.optimizer });
      this.#duration.observe(fit.durationMs / 1000);
      return { ...fit, model: new FittedModel(data) };
    } catch (cause) {
      const { reason } = cause as FitError;
      this.#fits.inc({ outcome: reason });
      throw cause;
    }
  }

  /** Refuses what waits, gives up what runs, and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    await this.#pool.destroy();
  }

  #enqueue(task: FitTask): Promise<FitReply> {
    const { threads, maxQueue } = this.#options;
    if (this.#closed) return Promise.reject(closedError());
    if (this.#running === threads && this.#waiting.length >= maxQueue)
      return Promise.reject(
        new FitError('queue-full', `Cannot fit: the queue is full with ${this.#waiting.length} fits`),
      );
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject, wasLost: false });
      this.#handOver();
    });
  }

  /** Fits go to the pool only when a thread is free for them: their time runs from there, not from the queue. */
  #handOver(): void {
    for (; this.#running < this.#options.threads && this.#waiting.length > 0; this.#running++) {
      const alone = this.#waiting.findIndex(({ wasLost }) => wasLost);
      const together = alone < 0 ? FITS_PER_HANDOVER : Math.max(1, Math.min(alone, FITS_PER_HANDOVER));
      void this.#run(this.#waiting.splice(0, together)).finally(() => {
        this.#running--;
        this.#handOver();
      });
    }
  }

  async #run(fits: PendingFit[]): Promise<void> {
    const budget = new AbortController();
    const timer = setTimeout(() => budget.abort(), this.#options.timeoutMs);
    try {
      const tasks = fits.map(({ task }) => task);
      const replies = await this.#pool.run(tasks, { signal: budget.signal });
      replies.forEach((reply, i) => {
        fits[i]!.resolve(reply);
      });
      this.#waiting.unshift(...fits.slice(replies.length));
    } catch (cause) {
      this.#giveUp(fits, this.#explain(cause, fits.length));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Fits without a verdict are requeued at the end. */
  #giveUp(fits: readonly PendingFit[], error: FitError): void {
    for (const fit of fits) {
      // Alone, it was this one that took too long.
      const isKnown = fits.length === 1 && (fit.wasLost || error.reason === 'timeout');
      fit.wasLost = true;
      if (isKnown || this.#closed) fit.reject(error);
      else this.#waiting.push(fit);
    }
  }

  #explain(cause: unknown, fits: number): FitError {
    if (this.#closed) return closedError(cause);
    const { timeoutMs, log } = this.#options;
    const reason: FitErrorReason = cause instanceof Error && cause.name === 'AbortError' ? 'timeout' : 'crashed';
    log.warn({ err: cause, reason, fits }, 'fits aborted and their worker replaced');
    return reason === 'timeout'
      ? new FitError(reason, `Cannot fit: not done after ${timeoutMs} ms`, { cause })
      : new FitError(reason, `Cannot fit: the worker failed: ${String(cause)}`, { cause });
  }
}

function closedError(cause?: unknown): FitError {
  return new FitError('closed', 'Cannot fit: the pool is closed', { cause });
}
