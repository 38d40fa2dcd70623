import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { loadConfig, parseConfig } from '#src/config/load.js';
import { maskConfig } from '#src/config/mask.js';
import { BAD, expectedProblems, foundProblems, GOOD, yamlFiles } from './testdata.js';

/** The secret in every test file that has one in it. */
const SECRET = /hunter2|from a file/;

describe('loadConfig() refuses, and says why:', () => {
  for (const name of yamlFiles(BAD)) {
    test(name, () => {
      const problems = foundProblems(join(BAD, name));
      assert.notEqual(problems.length, 0);
      assert.deepEqual(problems, expectedProblems(join(BAD, name)));
      assert.doesNotMatch(problems.join('\n'), SECRET);
    });
  }
});

describe('loadConfig() takes, and maskConfig() shows without secrets as a file that means the same:', () => {
  for (const name of yamlFiles(GOOD)) {
    test(name, () => {
      const config = loadConfig(join(GOOD, name));
      const shown = [...maskConfig(config)].join('');
      assert.doesNotMatch(shown, SECRET);
      const style = { lineWidth: 0, aliasDuplicateObjects: false };
      assert.equal(shown, stringify(parse(shown), style), 'the pieces are those of a file that is written whole');

      const again = parseConfig(shown, '/');
      assert.deepEqual(again.rules, config.rules);
      assert.deepEqual(again.engine, config.engine);
      const masked = (value: unknown) => JSON.stringify(value).replaceAll('hunter2', '<secret>');
      assert.equal(masked(again.receiver), masked(config.receiver));
      assert.equal(masked(again.remoteWrite), masked(config.remoteWrite));
      assert.equal(masked(again.remoteRead), masked(config.remoteRead));
      assert.equal(masked(again.querySources), masked(config.querySources));
    });
  }
});
