import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a test must undo when it ends, last thing first. */
export class Cleanup {
  readonly #actions: (() => unknown)[] = [];

  add(action: () => unknown): void {
    this.#actions.push(action);
  }

  /** Undoes everything, even where one undoing fails; then throws the failures. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let action = this.#actions.pop(); action !== undefined; action = this.#actions.pop()) {
      try {
        await action();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Cannot clean up after the test');
  }
}

/** Makes an empty folder that lives until the end of the test. */
export async function temporaryFolder(cleanup: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sentio-e2e-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
