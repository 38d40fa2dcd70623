import { HOUR, MINUTE, SECOND } from '../fixtures.js';
import { Random } from '../ordinary-days/random.js';
import type { SimulatedClock } from './clock.js';
import { FIRST_VARIATION, type Variation } from './configuration.js';
import { type SimulatedDisk, SNAPSHOT } from './disk.js';
import type { HistoryServer } from './history-server.js';
import { HISTORY_MOODS } from './history-server.js';
import { NO_FAULTS, type WayFaults } from './network.js';
import type { SentioSupervisor } from './sentio-supervisor.js';
import { MOODS, type WriteTarget } from './write-target.js';

/** All that may go wrong. */
export interface FaultyWorld {
  readonly clock: SimulatedClock;
  /** How far back the clock may be set. */
  readonly mostBackMs: number;
  readonly disk: SimulatedDisk;
  readonly supervisor: SentioSupervisor;
  readonly targets: readonly WriteTarget[];
  /** The target of the future, and the way to it. */
  readonly future: { readonly target: WriteTarget; readonly way: WayFaults } | undefined;
  readonly database: HistoryServer;
  /** From the sender, to the targets and to the database. */
  readonly ways: readonly WayFaults[];
}

/** Changes the world for a while; what is returned ends that. */
type Fault = (world: FaultyWorld, random: Random) => () => void;

interface FaultKind {
  readonly name: string;
  /** How often, on average. */
  readonly everyMs: number;
  /** For how long, at most. */
  readonly forMs: number;
  readonly begin: Fault;
}

const ended = () => {};

/** After a refusal no curve is sent any more, until a person changes something. */
const PATIENT_MOODS = MOODS.filter((mood) => !['refusing', 'small', 'redirecting', 'lying'].includes(mood));

const KINDS: readonly FaultKind[] = [
  {
    name: 'requests lost, doubled, late',
    everyMs: 4 * HOUR,
    forMs: 40 * MINUTE,
    begin: ({ ways }, random) => {
      const way = random.pick(ways);
      Object.assign(way, {
        lostRequests: random.uniform() * 0.5,
        lostAnswers: random.uniform() * 0.5,
        doubled: random.uniform() * 0.5,
        latencyMs: random.scale(50, 40 * SECOND),
      });
      return () => void Object.assign(way, NO_FAULTS);
    },
  },
  {
    name: 'a target misbehaves',
    everyMs: 3 * HOUR,
    forMs: 40 * MINUTE,
    begin: ({ targets }, random) => {
      const target = random.pick(targets);
      target.mood = random.pick(MOODS);
      return () => {
        target.mood = 'well';
      };
    },
  },
  {
    name: 'the database misbehaves',
    everyMs: 4 * HOUR,
    forMs: 40 * MINUTE,
    begin: ({ database }, random) => {
      database.mood = random.pick(HISTORY_MOODS);
      return () => {
        database.mood = 'well';
      };
    },
  },
  {
    name: 'killed',
    everyMs: 8 * HOUR,
    forMs: 30 * MINUTE,
    begin: ({ supervisor, disk }, random) => {
      supervisor.kill();
      if (random.uniform() < 0.3) disk.losePower();
      return () => supervisor.start();
    },
  },
  {
    name: 'killed between two operations on the disk',
    everyMs: 6 * HOUR,
    forMs: 30 * MINUTE,
    begin: ({ supervisor, disk }, random) => {
      const last = disk.operations + Math.floor(random.scale(1, 100));
      const losesPower = random.uniform() < 0.5;
      disk.atEachOperation = () => {
        if (disk.operations < last) return;
        disk.atEachOperation = ended;
        supervisor.kill();
        if (losesPower) disk.losePower();
      };
      return () => {
        disk.atEachOperation = ended;
        supervisor.start();
      };
    },
  },
  {
    name: 'stopped and started',
    everyMs: 12 * HOUR,
    forMs: 10 * MINUTE,
    begin: ({ supervisor }) => {
      supervisor.stop();
      return () => supervisor.start();
    },
  },
  {
    name: 'a disk that is full, read-only or fails',
    everyMs: 8 * HOUR,
    forMs: 60 * MINUTE,
    begin: ({ disk }, random) => {
      disk.fault = random.pick(['full', 'read-only', 'failing'] as const);
      return () => {
        disk.fault = undefined;
      };
    },
  },
  {
    name: 'a snapshot that is damaged while nobody looks',
    everyMs: 16 * HOUR,
    forMs: 10 * MINUTE,
    begin: ({ supervisor, disk }, random) => {
      supervisor.kill();
      disk.damage(random.pick([SNAPSHOT, `${SNAPSHOT}.tmp`]));
      return () => supervisor.start();
    },
  },
  {
    name: 'a clock that is set',
    everyMs: 12 * HOUR,
    forMs: 30 * MINUTE,
    begin: ({ clock, mostBackMs }, random) => {
      const isAhead = random.uniform() < 0.5;
      clock.offsetMs = isAhead ? random.scale(SECOND, 6 * HOUR) : -random.scale(SECOND, mostBackMs);
      return () => {
        clock.offsetMs = 0;
      };
    },
  },
  {
    name: 'a reload',
    everyMs: 6 * HOUR,
    forMs: 2 * HOUR,
    begin: ({ supervisor }, random) => {
      const variation: Variation = {
        hasHorizon: random.uniform() < 0.5,
        targets: random.uniform() < 0.7 ? 2 : 1,
        isBroken: random.uniform() < 0.2,
        changepoints: random.uniform() < 0.5 ? 25 : 20,
      };
      supervisor.configure(variation);
      return () => supervisor.configure(FIRST_VARIATION);
    },
  },
  {
    name: 'workers that die',
    everyMs: 12 * HOUR,
    forMs: 60 * MINUTE,
    begin: ({ supervisor }, random) => {
      supervisor.process.lostFits = random.uniform();
      return () => {
        supervisor.process.lostFits = 0;
      };
    },
  },
  {
    name: 'the target of the future misbehaves',
    everyMs: 4 * HOUR,
    forMs: 40 * MINUTE,
    begin: ({ future }, random) => {
      if (future === undefined) return ended;
      const { target, way } = future;
      if (random.uniform() < 0.5) {
        target.mood = random.pick(PATIENT_MOODS);
        return () => {
          target.mood = 'well';
        };
      }
      Object.assign(way, { lostRequests: 0.3, lostAnswers: 0.5, doubled: 0.5, latencyMs: 20 * SECOND });
      return () => void Object.assign(way, NO_FAULTS);
    },
  },
];

/** Plans what goes wrong from now until `endMs`, when all is well again. Returns how often each fault begins. */
export function planFaults(
  world: FaultyWorld,
  { seed, endMs, tell }: { seed: number; endMs: number; tell: (what: string) => void },
): ReadonlyMap<string, number> {
  const { clock } = world;
  const counts = new Map<string, number>();
  KINDS.forEach(({ name, everyMs, forMs, begin }, kind) => {
    const random = new Random(seed * 100 + kind);
    // No two of one kind at one time: the end of the one would be that of the other.
    for (let atMs = clock.nowMs; ; ) {
      atMs += -everyMs * Math.log(1 - random.uniform());
      const untilMs = atMs + random.scale(SECOND, forMs);
      if (untilMs >= endMs) break;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      clock.in(atMs - clock.nowMs, () => {
        tell(`begins: ${name}`);
        const end = begin(world, random);
        clock.in(untilMs - clock.nowMs, () => {
          tell(`ends: ${name}`);
          end();
        });
      });
      atMs = untilMs;
    }
  });
  return counts;
}
