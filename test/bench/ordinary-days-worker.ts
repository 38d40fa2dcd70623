import { KINDS } from '../ordinary-days/kinds.js';
import { replayInstance } from '../ordinary-days/replay-instance.js';
import { CachedFits } from './cached-fits.js';

/** Replays one instance of a kind and judges it. */
export default function judge({ kind, seed }: { readonly kind: string; readonly seed: number }): {
  readonly text: string;
  readonly faults: readonly string[];
} {
  const instance = KINDS[kind]!(seed);
  const fits = new CachedFits(`ordinary-${kind}-${seed}`);
  const outcome = replayInstance(instance, { fit: fits.fit });
  fits.save();
  return { text: instance.text, faults: instance.verdict(outcome) };
}
