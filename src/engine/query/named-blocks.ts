import { encodeLabelBlock } from '../../model/labels/label-block.js';
import { compareUtf8, type Label, type Labels, METRIC_NAME } from '../../model/labels/labels.js';

/** A series as it is answered: its canonical label block, and bytes in the order of Prometheus' `labels.Compare`. */
export interface NamedBlock {
  readonly block: Uint8Array;
  readonly sortKey: Uint8Array;
}

/** The bytes of some labels of a series, as they are in its block and in its sort key. */
type Part = NamedBlock;

/** A metric name as it is put among the labels of several series. */
export function nameOf(name: string): Part {
  return partOf([{ name: METRIC_NAME, value: name }]);
}

/** Label blocks of series that differ in nothing but their names: the other labels are encoded once. */
export class NamedBlocks {
  readonly #before: Part;
  readonly #after: Part;

  /** `others` are sorted, and have no name. */
  constructor(others: Labels) {
    const isAfter = ({ name }: Label) => compareUtf8(name, METRIC_NAME) > 0;
    const at = others.findIndex(isAfter);
    this.#before = partOf(at < 0 ? others : others.slice(0, at));
    this.#after = partOf(at < 0 ? [] : others.slice(at));
  }

  /** The series under a name that `nameOf` has encoded; what it gets is never written again. */
  under(name: Part): NamedBlock {
    return {
      block: joined(this.#before.block, name.block, this.#after.block),
      sortKey: joined(this.#before.sortKey, name.sortKey, this.#after.sortKey),
    };
  }
}

const NOTHING: Part = { block: new Uint8Array(0), sortKey: new Uint8Array(0) };

/** The sort key goes by name and value of one label after the other. */
function partOf(labels: Labels): Part {
  // Mostly before the name, where only names that begin with a capital letter are.
  if (labels.length === 0) return NOTHING;
  return {
    block: encodeLabelBlock(labels),
    sortKey: Buffer.from(labels.map(({ name, value }) => `${name}\0${value}\0`).join('')),
  };
}

function joined(a: Uint8Array, b: Uint8Array, c: Uint8Array): Uint8Array {
  // From the pool: a buffer of its own for each costs more than all of its bytes.
  const all = Buffer.allocUnsafe(a.length + b.length + c.length);
  all.set(a, 0);
  all.set(b, a.length);
  all.set(c, a.length + b.length);
  return all;
}
