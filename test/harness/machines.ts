import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from './child.js';
import { type Cleanup, temporaryFolder } from './cleanup.js';
import type { Place } from './place.js';
import { startRelay } from './relay.js';
import { eventually } from './wait.js';

const RELAY = join(import.meta.dirname, 'relay.js');

/** A machine, as the kernel has it in a network namespace: addresses, ports and connections of its own. */
export interface Machine {
  /** Where a server runs that listens on this port of the machine, on all of its addresses. */
  place(port: number): Promise<Place>;
  /** Makes a loopback port of the test the same loopback port of the machine. */
  bring(port: number): Promise<void>;
}

/** What joins two machines: one address each, which no other wire has. */
export interface Wire {
  readonly addresses: readonly [string, string];
  /** From now on packets vanish, both ways, and nobody hears of it. */
  cut(): void;
  /** Undoes `cut`. */
  mend(): void;
  /** Takes the plug out at the second machine. */
  unplug(): void;
  /** Undoes `unplug`. */
  plug(): void;
}

/** The `skip` of tests that need machines: false where the kernel makes some for this user, else the reason. */
export function skipUnlessMachines(): false | string {
  const name = `sentio-${process.pid}-probe`;
  try {
    ip('netns', 'add', name);
  } catch (error) {
    return `cannot make network namespaces: ${firstLine(error)}`;
  }
  try {
    ip('-n', name, 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
    inside(name, 'iptables', '-A', 'INPUT', '-i', 'near', '-j', 'DROP');
    return false;
  } catch (error) {
    return `cannot wire network namespaces, or drop packets in them: ${firstLine(error)}`;
  } finally {
    ip('netns', 'del', name);
  }
}

/** Makes two machines that are joined by as many wires, until the test ends. */
export async function startMachines(
  cleanup: Cleanup,
  wires: number,
): Promise<{ machines: readonly [Machine, Machine]; wires: readonly Wire[] }> {
  const names = ['a', 'b'].map((name) => `sentio-${process.pid}-${name}`) as [string, string];
  for (const name of names) {
    ip('netns', 'add', name);
    cleanup.add(() => ip('netns', 'del', name));
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  const joined = Array.from({ length: wires }, (_, i) => wire(names, i));
  const machines = [await machine(cleanup, names[0]), await machine(cleanup, names[1])] as const;
  return { machines, wires: joined };
}

async function machine(cleanup: Cleanup, name: string): Promise<Machine> {
  const folder = await temporaryFolder(cleanup);
  const command = ['ip', 'netns', 'exec', name];
  const relay = async (from: number | string, to: number | string) => {
    const [program, ...args] = [...command, process.execPath, RELAY, String(from), String(to)];
    const child = startChild(cleanup, program!, args);
    await eventually(`a relay into ${name}`, () => child.stdout.length > 0);
  };
  const relayHere = async (from: number | string, to: number | string) => {
    const { server, port } = await startRelay(from, to);
    cleanup.add(() => void server.close());
    return port;
  };
  return {
    place: async (port) => {
      const socket = join(folder, `to-${port}`);
      await relay(socket, port);
      const address = `127.0.0.1:${await relayHere(0, socket)}`;
      return { command, listenAddress: `0.0.0.0:${port}`, address };
    },
    bring: async (port) => {
      const socket = join(folder, `from-${port}`);
      await relayHere(socket, port);
      await relay(port, socket);
    },
  };
}

function wire(names: readonly [string, string], number: number): Wire {
  const plug = `wire${number}`;
  const addresses = [`10.83.${number}.1`, `10.83.${number}.2`] as const;
  ip('-n', names[0], 'link', 'add', plug, 'type', 'veth', 'peer', 'name', plug, 'netns', names[1]);
  for (const [i, name] of names.entries()) {
    ip('-n', name, 'address', 'add', `${addresses[i]}/30`, 'dev', plug);
    ip('-n', name, 'link', 'set', plug, 'up');
  }
  const filter = (action: '-A' | '-D') => () => {
    for (const name of names) inside(name, 'iptables', action, 'INPUT', '-i', plug, '-j', 'DROP');
  };
  const set = (state: 'up' | 'down') => () => ip('-n', names[1], 'link', 'set', plug, state);
  return { addresses, cut: filter('-A'), mend: filter('-D'), unplug: set('down'), plug: set('up') };
}

/** The established connections of the machine on which a process runs, to other machines: `address:port address:port`, in hexadecimal. */
export function connectionsOf({ pid }: Child): string[] {
  const ESTABLISHED = '01';
  const LOOPBACK = '0100007F';
  // A server on all addresses has its connections among those of IPv6; the address of IPv4 is their end.
  return ['tcp', 'tcp6']
    .flatMap((protocol) => readFileSync(`/proc/${pid}/net/${protocol}`, 'utf8').split('\n').slice(1, -1))
    .map((line) => line.trim().split(/ +/))
    .filter(([, , , state]) => state === ESTABLISHED)
    .map(([, local, remote]) => `${local!.slice(-13)} ${remote!.slice(-13)}`)
    .filter((connection) => !connection.startsWith(LOOPBACK));
}

function inside(name: string, ...command: string[]): void {
  ip('netns', 'exec', name, ...command);
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function firstLine(error: unknown): string {
  return (error as Error).message.trim().split('\n').at(-1)!;
}
