import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

/** Runs a program to its end and returns what it printed on stdout; rejects with the end of all it printed where it fails. */
export async function run(
  command: string,
  args: readonly string[],
  { env = {}, timeoutMs = 600_000 }: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      env: { ...process.env, ...env },
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: timeoutMs,
    });
    return stdout.trim();
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${(stdout + stderr).slice(-4000)}`, { cause });
  }
}
