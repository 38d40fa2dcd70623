import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.js';

/**
 * Makes a folder and those above it, as far as there are none. Throws what `node:fs` throws. Node's own `recursive` tries forever
 * where `mkdir` says ENOENT, as in `/proc`.
 */
export function makeFolder(folder: string): void {
  const path = resolve(folder);
  try {
    makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    makeOne(path);
  }
}

/** Makes the folder for the results of a command. Throws `UsageError` where nothing can be written there. */
export function makeOutputFolder(path: string): void {
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new UsageError(`Cannot write to --out ${path}: ${(cause as Error).message}`, { cause });
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}
