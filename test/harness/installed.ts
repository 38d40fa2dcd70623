import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The `skip` of tests that need these programs: false where all are on PATH, else the reason. With SENTIO_REQUIRE_E2E=1
 * an absent program is an error, so that a machine that is meant to run these tests cannot pass without them.
 */
export function skipUnlessInstalled(...programs: string[]): false | string {
  const absent = programs.filter((program) => !isOnPath(program));
  if (absent.length === 0) return false;
  const reason = `not on PATH: ${absent.join(', ')}`;
  if (process.env.SENTIO_REQUIRE_E2E === '1') throw new Error(`SENTIO_REQUIRE_E2E=1, but ${reason}`);
  return reason;
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
