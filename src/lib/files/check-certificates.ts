import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { UsageError } from '../errors.js';

/** Throws `UsageError`, with the names of the files, where certificates and keys are none, or do not belong together. */
export function checkCertificates(options: SecureContextOptions, paths: readonly string[]): void {
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new UsageError(`${paths.join(', ')} cannot be used for TLS: ${(cause as Error).message}`, { cause });
  }
}
