import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cleanup, temporaryFolder } from './cleanup.js';
import type { Sentio } from './sentio.js';

/** Makes the time of day of a Node process what the file says, in ms beside the truth, as often as SIGUSR2 comes. */
const PRELOAD = `
import { readFileSync } from 'node:fs';
const truth = Date.now;
let offsetMs = 0;
Date.now = () => truth() + offsetMs;
process.on('SIGUSR2', () => { offsetMs = Number(readFileSync(process.env.TEST_CLOCK_FILE, 'utf8')); });
`;

/** The clock of a process under test, which can be set. */
export interface SettableClock {
  /** For the process to be started with. */
  readonly env: NodeJS.ProcessEnv;
  /** Sets the clock of a process so far beside the truth. */
  set(sentio: Sentio, offsetMs: number): Promise<void>;
}

export async function settableClock(cleanup: Cleanup): Promise<SettableClock> {
  const folder = await temporaryFolder(cleanup);
  const preload = join(folder, 'clock.mjs');
  const file = join(folder, 'offset');
  writeFileSync(preload, PRELOAD);
  return {
    env: { NODE_OPTIONS: `--import=${preload}`, TEST_CLOCK_FILE: file },
    set: async (sentio, offsetMs) => {
      writeFileSync(file, String(offsetMs));
      sentio.process.signal('SIGUSR2');
      await sleep(100);
    },
  };
}
