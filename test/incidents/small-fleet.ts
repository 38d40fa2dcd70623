import { type Labels, labelValue, makeLabels } from '#src/model/labels/labels.js';
import { HOUR, MINUTE } from '../fixtures.js';
import { seededRandom } from '../forecast/series.js';
import { type Script, START, STEP } from './fleet.js';

/** How a small fleet is made up, of how many series. */
export const SHAPES = {
  6: { services: 2, pods: 3 },
  12: { services: 4, pods: 3 },
  20: { services: 4, pods: 5 },
} as const;

const SERVICES = ['checkout', 'cart', 'search', 'login'];
const NODES = 3;

/** A few services of a few pods with one metric each, on three nodes. */
export class SmallFleet {
  readonly series: readonly Labels[];
  readonly #random: () => number;

  constructor(size: keyof typeof SHAPES, seed: number) {
    const { services, pods } = SHAPES[size];
    this.#random = seededRandom(seed);
    this.series = SERVICES.slice(0, services).flatMap((service) =>
      Array.from({ length: pods }, (_, pod) =>
        makeLabels({
          __name__: 'latency_seconds',
          cluster: 'main',
          service,
          pod: `${service}-${pod}`,
          node: `node-${Math.floor(this.#random() * NODES)}`,
        }),
      ),
    );
  }

  /** Every pod of a service, each found within two minutes. */
  deploy(service: string, atMs = 0): Script {
    const alarms = this.series.flatMap((labels, series) => {
      if (labelValue(labels, 'service') !== service) return [];
      const fromMs = START + onStep(atMs + this.#random() ** 2 * 2 * MINUTE);
      return [{ series, fromMs, toMs: fromMs + onStep((0.7 + 0.3 * this.#random()) * 25 * MINUTE) }];
    });
    return { alarms, truths: [{ members: new Set(alarms.map(({ series }) => series)), cause: ['service', service] }] };
  }

  /** The first service is deployed; within an hour before or after, a series of another one is in alarm for a while. */
  deployAndNoise(): Script {
    const { alarms, truths } = this.deploy(SERVICES[0]!);
    const others = [...this.series.keys()].filter((series) => !truths[0]!.members.has(series));
    const series = others[Math.floor(this.#random() * others.length)]!;
    const fromMs = START + onStep((2 * this.#random() - 1) * HOUR);
    const noise = { series, fromMs, toMs: fromMs + onStep((2 + 18 * this.#random()) * MINUTE) };
    return { alarms: [...alarms, noise], truths };
  }

  twoDeploys(): Script {
    const [a, b] = [this.deploy(SERVICES[0]!), this.deploy(SERVICES[2]!, STEP * Math.floor(this.#random() * 4))];
    return { alarms: [...a.alarms, ...b.alarms], truths: [...a.truths, ...b.truths] };
  }

  /** Whatever there is. */
  everything(): Script {
    const services = new Set(this.series.map((labels) => labelValue(labels, 'service')));
    const alarms = [...services].flatMap((service) => this.deploy(service).alarms);
    return { alarms, truths: [{ members: new Set(this.series.keys()), cause: ['cluster', 'main'] }] };
  }
}

function onStep(ms: number): number {
  return Math.floor(ms / STEP) * STEP;
}
