import type { Logger } from 'pino';
import { UsageError } from '../errors.js';
import { WatchedFiles } from './watched-files.js';

/** A password or a token: the value, or the file that contains it, possibly with white space around it. */
export type Secret = string | { readonly file: string };

/** The certificates of every authority that a system trusts take a quarter of it. */
export const MAX_SECRET_BYTES = 2 ** 20;

/** A secret to be read whenever it is used. Rejects only where there never was a good one. */
export interface SecretReader {
  /** By its file as it is, or was up to a second ago. */
  current(): Promise<string>;
  /** By its file as it is now. */
  latest(): Promise<string>;
}

/**
 * What reads a secret whenever it is used: from its file, if that has changed since. `check` throws for a text that is no
 * good; then the one before stays in use.
 */
export function secretReader(
  secret: Secret,
  { check = () => {}, log }: { check?: (text: string) => void; log?: Logger | undefined } = {},
): SecretReader {
  if (typeof secret === 'string') return { current: async () => secret, latest: async () => secret };
  const { file } = secret;
  return new WatchedFiles({
    paths: [file],
    maxBytes: MAX_SECRET_BYTES,
    make: ([text = '']) => {
      const trimmed = text.trim();
      if (trimmed === '') throw new UsageError(`the file ${file} is empty`);
      check(trimmed);
      return trimmed;
    },
    log,
  });
}
