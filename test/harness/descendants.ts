import { readdirSync, readFileSync } from 'node:fs';

/** The pids of a process's children, their children and so on (Linux: /proc/PID/stat). */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? readStat(entry) : undefined;
    // The command, in parentheses, may itself hold spaces and parentheses; state and parent follow the last one.
    const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parents) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

/** Whether a process still runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  const stat = readStat(String(pid));
  return stat !== undefined && stat[stat.lastIndexOf(')') + 2] !== 'Z';
}

function readStat(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // It ended meanwhile.
  }
}
