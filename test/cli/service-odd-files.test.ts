import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readCsv } from '#src/backtest/input/csv.js';
import { loadConfig } from '#src/config/load.js';
import { loadWebConfig } from '#src/config/web-config.js';
import { SnapshotFile } from '#src/engine/snapshot/snapshot-file.js';
import { secretReader } from '#src/lib/files/secret.js';

/*
 * Files that are none, in each place where Sentio reads one: each is read in part at most, and refused in a sentence.
 */

const folder = mkdtempSync(join(tmpdir(), 'sentio-odd-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Kind = 'sparse' | 'device' | 'pipe' | 'folder';
const path = (kind: Kind) => join(folder, kind);

before(() => {
  writeFileSync(path('sparse'), '');
  truncateSync(path('sparse'), 10 * 2 ** 30);
  symlinkSync('/dev/zero', path('device'));
  execFileSync('mkfifo', [path('pipe')]);
  mkdirSync(path('folder'));
});

function configured(yaml: string): (file: string) => void {
  return (file) => {
    const config = join(folder, 'sentio.yml');
    writeFileSync(config, yaml.replaceAll('FILE', file));
    loadConfig(config);
  };
}

const TARGET = 'remote_write: [{url: "https://a/b",';
const READERS: readonly [place: string, read: (file: string) => unknown][] = [
  ['the configuration', (file) => loadConfig(file)],
  ['the web configuration', (file) => loadWebConfig(file)],
  ['a calendar', configured('calendars: [{name: c, ical_file: FILE}]')],
  ['a password', configured(`${TARGET} basic_auth: {username: a, password_file: FILE}}]`)],
  ['credentials', configured(`${TARGET} authorization: {credentials_file: FILE}}]`)],
  ['authorities', configured(`${TARGET} tls_config: {ca_file: FILE}}]`)],
  ['a certificate and its key', configured(`${TARGET} tls_config: {cert_file: FILE, key_file: FILE}}]`)],
  ['a password that is read again', (file) => secretReader({ file }).current()],
  ['a CSV file', (file) => readCsv(file)],
];

const REASON: Readonly<Record<Kind, RegExp>> = {
  sparse: /it has more than \d+ [KM]iB|a file has more than 1 MiB/,
  device: /it has more than \d+ [KM]iB|is no regular file/,
  pipe: /it is a pipe to which nothing was written|is no regular file/,
  folder: /illegal operation on a directory|is no regular file/,
};

/** A pipe is waited for, 5 s each time: once for each way to read a file. */
const PLACES_OF_PIPES = ['the configuration', 'a password that is read again'];

for (const kind of Object.keys(REASON) as Kind[]) {
  describe(`a ${kind} in the place of`, () => {
    for (const [place, read] of READERS) {
      if (kind === 'pipe' && !PLACES_OF_PIPES.includes(place)) continue;
      it(`${place} is refused with a reason`, async () => {
        await assert.rejects(async () => read(path(kind)), REASON[kind]);
      });
    }

    it('a snapshot is nothing that can be restored, and holds nothing up', async () => {
      const storage = mkdtempSync(join(folder, 'storage-'));
      symlinkSync(path(kind), join(storage, 'sentio.snapshot'));
      const file = new SnapshotFile(storage);
      const head = await file.read((read) => read(8)).catch((error: NodeJS.ErrnoException) => error.code);
      assert.ok(head === 'EISDIR' || (head instanceof Uint8Array && head.every((byte) => byte === 0)), String(head));
    });
  });
}
