import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { fitRobustly } from '#src/forecast/fit/robust-fit.js';
import { FittedModel } from '#src/forecast/model/fitted-model.js';

/*
 * Models are found again by what they are made of: the training data, Prophet's options and the code of src/forecast. So
 * a change of anything else costs no fits, and a change of these is never overlooked.
 */

/** Digest of the compiled code that makes models. */
const CODE = (() => {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve('#src/forecast/fit/robust-fit.js')));
  const hash = createHash('sha256');
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('.js')) hash.update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
})();

/** `fitRobustly` with a memory in the temporary folder, one file per series. */
export class CachedFits {
  readonly #path: string;
  readonly #models: Map<string, Float64Array<ArrayBuffer>>;
  #isChanged = false;

  constructor(name: string) {
    this.#path = join(tmpdir(), `sentio-fits-${CODE}`, `${name.replaceAll('/', '_')}.v8`);
    this.#models = read(this.#path);
  }

  readonly fit: typeof fitRobustly = (samples, prophet, options = {}) => {
    // The width is a question to the model, not a part of it.
    const asked = JSON.stringify([{ ...prophet, intervalWidth: 0 }, options]);
    const key = createHash('sha1').update(samples.timesMs).update(samples.values).update(asked).digest('base64');
    const found = this.#models.get(key);
    if (found !== undefined) {
      const model = new FittedModel(found);
      return { model, optimizer: 'exact', points: model.points, objective: Number.NaN, warnings: [] };
    }
    const made = fitRobustly(samples, prophet, options);
    this.#models.set(key, made.model.data);
    this.#isChanged = true;
    return made;
  };

  save(): void {
    if (!this.#isChanged) return;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(this.#path, serialize(this.#models));
  }
}

function read(path: string): Map<string, Float64Array<ArrayBuffer>> {
  try {
    return deserialize(readFileSync(path)) as Map<string, Float64Array<ArrayBuffer>>;
  } catch {
    return new Map();
  }
}
