import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from './repository.js';

interface Package {
  readonly version: string;
  readonly license?: string;
  /** Only development needs it. */
  readonly dev?: boolean;
}

/** Licences that may be in what ships: they ask for no more than to be named. CC-BY-3.0 is that of data: holidays. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-3.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Unlicense',
]);
/** Packages of development that are in what ships nevertheless: `src/ui/build.js` bundles them into the page. */
const BUNDLED = ['node_modules/uplot'];

const { packages } = JSON.parse(readText('package-lock.json')) as { packages: Readonly<Record<string, Package>> };

/** Whether a licence, an SPDX expression, may be chosen so that all its parts are allowed. */
function isAllowed(licence: string): boolean {
  const plain = licence.replaceAll(/[()]/g, '').replaceAll(/ WITH [\w.-]+/g, '');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every((part) => ALLOWED.has(part.trim())));
}

test('every package that ships has a licence that asks for no more than to be named', () => {
  const shipped = Object.entries(packages).filter(
    ([path, { dev }]) => path !== '' && (dev !== true || BUNDLED.includes(path)),
  );
  for (const path of BUNDLED) assert.ok(packages[path] !== undefined, `${path} is no package`);
  assert.ok(shipped.length > 50, `${shipped.length} packages`);
  const refused = shipped
    .filter(([, { license = '' }]) => !isAllowed(license))
    .map(([path, { version, license = 'no licence' }]) => `${path} ${version}: ${license}`);
  assert.deepEqual(refused, []);
});

test('licences are read as SPDX expressions', () => {
  assert.equal(isAllowed('(MIT OR GPL-3.0-only)'), true);
  assert.equal(isAllowed('MIT AND GPL-3.0-only'), false);
  assert.equal(isAllowed('(Apache-2.0 WITH LLVM-exception)'), true);
  assert.equal(isAllowed('SEE LICENSE IN LICENSE.txt'), false);
  assert.equal(isAllowed(''), false);
});
