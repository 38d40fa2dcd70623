import { validateHeaderValue } from 'node:http';
import { UsageError } from './errors.js';

/** Throws `UsageError`, which does not show the value, unless it may be that of a header. */
export function checkHeaderValue(value: string): void {
  try {
    validateHeaderValue('authorization', value);
  } catch {
    throw new UsageError('must not contain line breaks or other characters that are invalid in a header');
  }
}
