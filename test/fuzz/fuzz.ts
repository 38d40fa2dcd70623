import { Random } from '../ordinary-days/random.js';
import { Coverage } from './coverage.js';
import { mutate } from './mutate.js';

/** What is fuzzed: takes any bytes, and throws where what it tests is wrong. */
export interface FuzzTarget {
  readonly name: string;
  /** Parts of the URLs of the files that are to be covered. */
  readonly files: readonly string[];
  /** Valid inputs to begin with, beside the corpus. */
  readonly seeds: readonly Uint8Array[];
  /** What the format is made of. */
  readonly tokens: readonly Uint8Array[];
  run(input: Uint8Array): void | Promise<void>;
}

export interface FuzzResult {
  readonly executions: number;
  /** Characters of the files that have run. */
  readonly covered: number;
  /** Inputs that made something run that had not run before, the seeds among them. */
  readonly corpus: readonly Uint8Array[];
  readonly crash?: { readonly input: Uint8Array; readonly error: unknown };
}

/**
 * Reading the coverage takes some 10 ms: where nothing new has come for a while it is read after so many inputs that these take
 * ten times as long. Before that, what brought the news is to be found quickly.
 */
const RUN_SHARE = 10;
const MIN_BATCH = 100;
const MAX_BATCH = 20_000;
const QUIET_BATCHES = 5;
/** How much longer than its time it may take to find what brought the last news. */
const SEARCH_MS = 5_000;

/** Runs a target on mutations of the inputs that reached something new, until the time or the number is over. */
export async function fuzz(
  target: FuzzTarget,
  options: {
    seed: number;
    corpus: readonly Uint8Array[];
    seconds?: number;
    executions?: number;
    /** An input that takes more time of the processor is a fault: it holds up every other client. */
    maxMs?: number;
    /** Inputs between two looks at the coverage; by the time they take unless set. */
    batch?: number;
  },
): Promise<FuzzResult> {
  const { seconds = Infinity, maxMs = Infinity } = options;
  const random = new Random(options.seed);
  const coverage = new Coverage((url) => target.files.some((file) => url.includes(`/${file}`)));
  const corpus: Uint8Array[] = [];
  let executions = 0;
  let crash: FuzzResult['crash'];
  const latestMs = performance.now() + 1000 * seconds + SEARCH_MS;

  const run = async (inputs: readonly Uint8Array[]) => {
    for (const input of inputs) {
      executions++;
      const startMs = performance.now();
      try {
        const result = target.run(input);
        if (result !== undefined) await result;
        if (performance.now() - startMs <= maxMs) continue;
        // Other processes may have had the processor meanwhile: what counts is how much of it the input takes.
        const before = process.cpuUsage();
        await target.run(input);
        const tookMs = process.cpuUsage(before).user / 1000;
        if (tookMs > maxMs) throw new Error(`took ${Math.round(tookMs)} ms of the processor`);
      } catch (error) {
        crash = { input, error };
        return;
      }
    }
  };
  /** Finds which of the inputs bring news, by halves. */
  const keepNews = async (inputs: readonly Uint8Array[]): Promise<void> => {
    await run(inputs);
    if (crash !== undefined || performance.now() > latestMs || !(await coverage.hasNews(inputs.length === 1))) return;
    if (inputs.length === 1) {
      corpus.push(inputs[0]!);
      return;
    }
    const middle = inputs.length >> 1;
    await keepNews(inputs.slice(0, middle));
    await keepNews(inputs.slice(middle));
  };

  await coverage.start();
  try {
    for (const input of [...target.seeds, ...options.corpus]) await keepNews([input]);
    if (corpus.length === 0) corpus.push(target.seeds[0]!);
    const endMs = performance.now() + 1000 * seconds;
    let batch = options.batch ?? MIN_BATCH;
    let quiet = 0;
    while (crash === undefined && performance.now() < endMs && executions < (options.executions ?? Infinity)) {
      const inputs = Array.from({ length: batch }, () => {
        // What was found last is tried most.
        const at = Math.floor(random.uniform() ** 0.5 * corpus.length);
        return mutate(corpus[at]!, random.pick(corpus), target.tokens, random);
      });
      const startMs = performance.now();
      await run(inputs);
      const ranMs = performance.now() - startMs;
      if (crash !== undefined) break;
      const hasNews = await coverage.hasNews(false);
      const readMs = performance.now() - startMs - ranMs;
      quiet = hasNews ? 0 : quiet + 1;
      const efficient = Math.round((batch * RUN_SHARE * readMs) / Math.max(ranMs, 0.1));
      if (options.batch === undefined) {
        batch = quiet < QUIET_BATCHES ? MIN_BATCH : Math.min(MAX_BATCH, Math.max(MIN_BATCH, efficient));
      }
      if (hasNews) await keepNews(inputs);
    }
    return { executions, covered: coverage.size, corpus, ...(crash !== undefined && { crash }) };
  } finally {
    coverage.stop();
  }
}
