import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse as parseToml } from 'smol-toml';
import { parse } from 'yaml';
import { parseConfig } from '#src/config/load.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { filesIn, readText } from './repository.js';

/** A block of code of a page: its language, the file it is a part of, its text without the page's indentation. */
interface Snippet {
  readonly page: string;
  readonly language: string;
  readonly file: string;
  readonly text: string;
}

const PAGES = filesIn('docs', '.md');

function snippets(page: string): Snippet[] {
  const blocks = readText(page).matchAll(/^( *)```(\w+)(?: (\S+))?\n(.*?)^ *```$/gms);
  return [...blocks].map(([, indentation = '', language = '', file = '', text = '']) => ({
    page,
    language,
    file,
    text: text.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''),
  }));
}

describe('what the pages of docs/ show', () => {
  const all = PAGES.flatMap(snippets);
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('is configuration that Sentio accepts', () => {
    const found = all.filter(({ file }) => file === 'sentio.yml');
    assert.ok(found.length >= 7, `${found.length} snippets`);
    for (const { text } of found) assert.ok(parseConfig(text, '.').rules.length > 0);
  });

  it('is configuration that Prometheus accepts', { skip: skipUnlessInstalled('promtool') }, async () => {
    const found = all.filter(({ file }) => file === 'prometheus.yml');
    assert.ok(found.length >= 2);
    const path = join(await temporaryFolder(cleanup), 'prometheus.yml');
    for (const { text, page } of found) {
      writeFileSync(path, text);
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', '--syntax-only', path], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, `${page}: ${stdout}${stderr}`);
    }
  });

  it('is an alert rule that an older vmalert accepts, without the lines that the page names', {
    skip: skipUnlessInstalled('vmalert'),
  }, async () => {
    const folder = await temporaryFolder(cleanup);
    const rules = filesIn('deploy/prometheus/rules', '.yml');
    assert.ok(rules.length > 0);
    for (const path of rules) {
      const text = readText(path).replaceAll(/^.*keep_firing_for.*\n/gm, '');
      writeFileSync(join(folder, basename(path)), text);
    }
    const { status, stderr } = spawnSync('vmalert', [`-rule=${folder}/*.yml`, '-dryRun'], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  it('is TOML where it says so, and for Telegraf says all that Sentio needs', () => {
    const found = all.filter(({ language }) => language === 'toml').map(({ text }) => structuredClone(parseToml(text)));
    assert.deepEqual(found, [
      {
        outputs: {
          http: [
            {
              url: 'http://sentio:9201/api/v1/write',
              data_format: 'prometheusremotewrite',
              non_retryable_statuscodes: [400, 413, 415],
              headers: {
                'Content-Type': 'application/x-protobuf',
                'Content-Encoding': 'snappy',
                'X-Prometheus-Remote-Write-Version': '0.1.0',
              },
            },
          ],
        },
      },
    ]);
  });

  it('is YAML where it says so', () => {
    for (const { language, text, page } of all) {
      if (language === 'yaml') assert.doesNotThrow(() => parse(text), `${page}:\n${text}`);
    }
  });

  it('links to files and headings that there are', () => {
    const broken = [...PAGES, ...filesIn('.', '.md')].flatMap((page) =>
      brokenLinks(page).map((link) => `${page}: ${link}`),
    );
    assert.deepEqual(broken, []);
  });
});

function brokenLinks(page: string): string[] {
  const links = [...readText(page).matchAll(/\]\(((?!https?:)[^)\s]*)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(page, '..', path);
    try {
      return anchor !== undefined && !anchors(readText(target)).includes(anchor);
    } catch {
      return true;
    }
  });
}

/** The anchors that GitHub gives to the headings of a page. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
