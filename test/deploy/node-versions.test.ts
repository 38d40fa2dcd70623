import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from './repository.js';

type Version = readonly [major: number, minor: number, patch: number];

const MANIFEST = JSON.parse(readText('package.json')) as { readonly engines: { readonly node: string } };
const { packages } = JSON.parse(readText('package-lock.json')) as {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly engines?: { readonly node?: string } }>
  >;
};
const OLDEST = versionOf(MANIFEST.engines.node.replace('>=', ''));

function versionOf(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : 0));
  return [major, minor, patch];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Whether a version is in a range of npm's, as far as `engines` of packages use them; throws for any other. */
function isIn(version: Version, range: string): boolean {
  return range.split('||').some((alternative) => {
    const comparators = alternative
      .trim()
      .replaceAll(/([<>=^~]) +/g, '$1')
      .split(/\s+/);
    return comparators.every((comparator) => {
      const [, operator, bound] = /^(>=|<|>|\^|~|=|)v?([\d.x*]+)$/.exec(comparator) ?? [];
      assert.ok(operator !== undefined && bound !== undefined, `range "${range}" is not understood`);
      if (bound === '*' || bound === 'x') return true;
      const difference = compare(version, versionOf(bound));
      if (operator === '<') return difference < 0;
      if (operator === '>') return difference > 0;
      if (operator === '>=') return difference >= 0;
      return version[0] === versionOf(bound)[0] && (operator === '' || difference >= 0);
    });
  });
}

test('ranges of versions are read as npm reads them', () => {
  assert.equal(isIn([20, 19, 0], '>=22'), false);
  assert.equal(isIn([20, 19, 0], '^20.19.0 || >=22.12.0'), true);
  assert.equal(isIn([20, 18, 3], '^20.19.0 || >=22.12.0'), false);
  assert.equal(isIn([20, 19, 0], '>= 0.8 <21'), true);
  assert.equal(isIn([20, 19, 0], '20 || >=22'), true);
  assert.equal(isIn([20, 19, 0], '*'), true);
});

test('every package runs on the oldest Node.js that Sentio runs on, so that npm ci warns of none', () => {
  const tooNew = Object.entries(packages)
    .filter(([path, { engines }]) => path !== '' && engines?.node !== undefined && !isIn(OLDEST, engines.node))
    .map(([path, { version, engines }]) => `${path} ${version} wants Node.js ${engines?.node}`);
  assert.deepEqual(tooNew, []);
});

test('.nvmrc names the release line that the image is built on', () => {
  const [, image] = /^ARG BASE=node:(\d+)-/m.exec(readText('Dockerfile')) ?? [];
  assert.equal(readText('.nvmrc').trim(), image);
  assert.ok(isIn(versionOf(image!), MANIFEST.engines.node));
});
