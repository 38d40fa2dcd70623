import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** What a thread of this file is started with. */
export interface Offer {
  readonly host: string;
  readonly port: number;
  /** Whole HTTP requests, sent over and over. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
  /** Requests a second, one that finds no connection free is not sent. Without it each connection sends as soon as it is answered. */
  readonly perSecond?: number;
  readonly seconds: number;
}

/** What it posts in the end. */
export interface Sent {
  readonly requests: number;
  /** Answers by status, `no answer` where the connection was closed before. */
  readonly statuses: Readonly<Record<string, number>>;
}

const offer = workerData as Offer;
const statuses: Record<string, number> = {};
const free: Connection[] = [];
const open = new Set<Connection>();
let requests = 0;
let isOver = false;

/** A connection that is dialled again when it is closed. It reads no more of an answer than where it ends. */
class Connection {
  readonly #socket: Socket;
  #isWaiting = false;
  #answer = '';

  constructor() {
    this.#socket = connect(offer.port, offer.host).setNoDelay(true);
    this.#socket.on('connect', () => free.push(this));
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#closed());
    open.add(this);
  }

  send(): void {
    this.#isWaiting = true;
    this.#socket.write(offer.requests[requests++ % offer.requests.length]!);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#answer += bytes.toString('latin1');
    const headEnd = this.#answer.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#answer)?.[1] ?? 0);
    if (this.#answer.length < headEnd + 4 + length) return;
    count(this.#answer.slice('HTTP/1.1 '.length, headEnd).slice(0, 3));
    this.#answer = '';
    this.#isWaiting = false;
    free.push(this);
    if (offer.perSecond === undefined) sendWhereFree();
  }

  #closed(): void {
    open.delete(this);
    const at = free.indexOf(this);
    if (at >= 0) free.splice(at, 1);
    if (this.#isWaiting) count('no answer');
    if (!isOver) new Connection();
  }
}

function count(status: string): void {
  if (!isOver) statuses[status] = (statuses[status] ?? 0) + 1;
}

function sendWhereFree(): void {
  while (!isOver && free.length > 0) free.shift()!.send();
}

for (let i = 0; i < offer.connections; i++) new Connection();
const started = performance.now();
const elapsedSeconds = () => (performance.now() - started) / 1000;
let due = 0;
while (elapsedSeconds() < offer.seconds) {
  if (offer.perSecond === undefined) sendWhereFree();
  else for (; due < elapsedSeconds() * offer.perSecond; due++) free.shift()?.send();
  await sleep(2);
}
isOver = true;
for (const connection of open) connection.destroy();
const sent: Sent = { requests, statuses };
parentPort!.postMessage(sent);
