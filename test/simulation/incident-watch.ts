import { type SimulatedDisk, STORAGE } from './disk.js';
import type { SentioProcess } from './sentio-process.js';

const FILE = `${STORAGE}/sentio.incidents`;

interface Listed {
  readonly id: string;
  readonly is_open: boolean;
}

/**
 * Holds that incidents stay under their ids for as long as a process lives, and over restarts as far as they were saved; and that
 * no series is in two that are open.
 */
export class IncidentWatch {
  readonly #disk: SimulatedDisk;
  readonly #violations: string[];
  /** Those that are to be found. */
  readonly #ids = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(disk: SimulatedDisk, violations: string[]) {
    this.#disk = disk;
    this.#violations = violations;
  }

  /** How many incidents there were. */
  get seen(): number {
    return this.#seen.size;
  }

  /** To be called before each start: the process will know what was saved, and nothing else. */
  starting(): void {
    this.#ids.clear();
    for (const line of (this.#disk.file(FILE) ?? '').toString().split('\n').slice(1, -1)) {
      this.#ids.add((JSON.parse(line) as { id: string }).id);
    }
  }

  /** The file could not be read and was set aside, as the log says. */
  lostFile(): void {
    this.#ids.clear();
  }

  /** Looks at the incidents, where Sentio answers now. */
  async check(process: SentioProcess): Promise<void> {
    const life = process.starts;
    const get = async <T>(path: string): Promise<T | undefined> => {
      if (!process.isListening || process.starts !== life) return undefined;
      const answer = await process.ask('GET', path).catch(() => undefined);
      // It is being stopped.
      return answer === undefined || answer.status === 503 ? undefined : (JSON.parse(answer.body) as T);
    };
    const list = await get<{ data: Listed[] }>('/api/v1/incidents?start=0&limit=1000');
    if (list === undefined) return;
    const inOpen = new Map<string, string>();
    for (const { id, is_open: isOpen } of list.data) {
      this.#ids.add(id);
      this.#seen.add(id);
      const found = isOpen ? await get<{ members?: { metric: object }[] }>(`/api/v1/incidents/${id}`) : undefined;
      for (const { metric } of found?.members ?? []) {
        const key = JSON.stringify(metric);
        const other = inOpen.get(key);
        if (other !== undefined) this.#violations.push(`${key} is in two open incidents, ${other} and ${id}`);
        inOpen.set(key, id);
      }
    }
    for (const id of this.#ids) {
      const found = await get<{ status: string }>(`/api/v1/incidents/${id}`);
      if (found !== undefined && found.status !== 'success') this.#violations.push(`the incident ${id} is gone`);
    }
  }
}
