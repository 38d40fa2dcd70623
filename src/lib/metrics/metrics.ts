import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The labels of a counter, each with its values as far as they are known beforehand. */
type LabelValues<L extends string> = Readonly<Record<L, readonly string[]>>;

/**
 * Defines a counter. Every combination of the known label values starts at 0, so that the first event is an increase.
 * Throws if the registry already has a metric of this name, as all functions of this file do.
 */
export function counter<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labels: LabelValues<L> = {} as LabelValues<L>,
): Counter<L> {
  const defined = new Counter<L>({ name, help, labelNames: namesOf(labels), registers: [registry] });
  for (const values of combinations(labels)) defined.inc(values, 0);
  return defined;
}

/** Defines a gauge. */
export function gauge<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[] = [],
): Gauge<L> {
  return new Gauge<L>({ name, help, labelNames, registers: [registry] });
}

/** Defines a histogram; `buckets` are upper bounds, ascending, in the unit that the name ends with. */
export function histogram<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  buckets: readonly number[],
  labelNames: readonly L[] = [],
): Histogram<L> {
  return new Histogram<L>({ name, help, labelNames, buckets: [...buckets], registers: [registry] });
}

/** Defines a counter of events that are counted elsewhere: `read` returns their number at each scrape. */
export function counterFunc(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

/** The same with one label: `read` returns the number of events for each of its values. */
export function counterFuncBy(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => Readonly<Record<string, number>>,
): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
    },
  });
}

/** Defines a gauge whose value `read` returns at each scrape. */
export function gaugeFunc(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** The same with one label: `read` returns the gauge for each of its values. */
export function gaugeFuncBy(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => Readonly<Record<string, number>>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, reading] of Object.entries(read())) this.set({ [label]: value }, reading);
    },
  });
}

function namesOf<L extends string>(labels: LabelValues<L>): L[] {
  return Object.keys(labels) as L[];
}

/** Each combination of one value per label; without labels, the one empty combination. */
function combinations<L extends string>(labels: LabelValues<L>): Partial<Record<L, string>>[] {
  return namesOf(labels).reduce<Partial<Record<L, string>>[]>(
    (before, name) => before.flatMap((values) => labels[name].map((value) => ({ ...values, [name]: value }))),
    [{}],
  );
}
