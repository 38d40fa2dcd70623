// A container's worth of work: CPU, memory, disk and network that follow the hours of the day (UTC), busiest at
// BUSIEST_HOUR, least busy twelve hours from it. While /tmp/extra-load-until holds a Unix time that has not come yet, there
// is far more of everything.
import { createHash, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const { PEER, BUSIEST_HOUR } = process.env;
const PORT = 8080;
const TICK_MS = 50;
const MIB = 2 ** 20;
const EXTRA_LOAD_FILE = '/tmp/extra-load-until';

/** What a second of work is, at load 0, for each unit of load, and on top of that under extra load. */
const WORK = {
  cores: { least: 0.05, perLoad: 0.08, extra: 0.85 },
  memoryBytes: { least: 16 * MIB, perLoad: 32 * MIB, extra: 160 * MIB },
  diskBytes: { least: 16_384, perLoad: 65_536, extra: 8 * MIB },
  networkBytes: { least: 65_536, perLoad: 262_144, extra: 16 * MIB },
};

let load = 0;
let isExtra = false;
const amount = ({ least, perLoad, extra }) => least + perLoad * load + (isExtra ? extra : 0);

/** 0 … 1 over the day, and a noise that wanders about it. */
let noise = 0;
function loadAt(timeMs) {
  const phase = 2 * Math.PI * (timeMs / 86_400_000 - Number(BUSIEST_HOUR) / 24);
  noise = 0.9 * noise + 0.03 * (Math.random() + Math.random() - 1);
  return Math.max(0, 0.5 + 0.35 * Math.cos(phase) + 0.1 * Math.cos(2 * phase) + noise);
}

async function extraLoadUntilMs() {
  const text = await readFile(EXTRA_LOAD_FILE, 'utf8').catch(() => '0');
  return Number(text) * 1000;
}

/** What is written, sent and hashed: made once, so that only `held` moves the memory. */
const BYTES = randomBytes(32 * MIB);

/* CPU: hashes until the process has used its share. It is measured, so that the share is the same on a slow machine. */
const block = BYTES.subarray(0, 32 * 1024);
let owedMs = 0;
let usedBefore = process.cpuUsage();
let burntAtMs = performance.now();
function burn() {
  const nowMs = performance.now();
  const used = process.cpuUsage(usedBefore);
  usedBefore = process.cpuUsage();
  owedMs += amount(WORK.cores) * (nowMs - burntAtMs) - (used.user + used.system) / 1000;
  // What a busy machine did not let it do is not made up for later.
  owedMs = Math.max(-TICK_MS, Math.min(owedMs, TICK_MS));
  burntAtMs = nowMs;
  while (performance.now() - nowMs < owedMs) createHash('sha256').update(block).digest();
}

// Filled, for the kernel gives nobody a page that is not touched.
const held = [];
function holdMemory() {
  const wanted = Math.round(amount(WORK.memoryBytes) / MIB);
  while (held.length < wanted) held.push(Buffer.alloc(MIB, 1));
  held.length = wanted;
}

async function writeToDisk() {
  const file = await open('/tmp/written', 'w');
  try {
    await file.write(BYTES.subarray(0, amount(WORK.diskBytes)));
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function fetchFromPeer() {
  const response = await fetch(`http://${PEER}:${PORT}/?bytes=${Math.round(amount(WORK.networkBytes))}`);
  await response.body.pipeTo(new WritableStream());
}

const server = createServer((request, response) => {
  const bytes = Number(new URL(request.url, 'http://workload').searchParams.get('bytes') ?? 0);
  response.end(BYTES.subarray(0, bytes));
});
server.listen(PORT);
// Process 1 of a container gets no signal that it has not asked for.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit());

setInterval(burn, TICK_MS);
for (;;) {
  load = loadAt(Date.now());
  isExtra = Date.now() < (await extraLoadUntilMs());
  holdMemory();
  // The peer may be starting or gone; so is its part of the work then.
  await Promise.allSettled([writeToDisk(), fetchFromPeer()]);
  await sleep(1000);
}
