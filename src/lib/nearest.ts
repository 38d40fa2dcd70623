/** The candidate that needs the fewest edits to become `word`; undefined where even that one is a different word. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // A third of the letters: `refit_intervall` is a slip, `foo` is not meant as `lead`.
  let fewest = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  for (const candidate of candidates) {
    const edits = editDistance(word, candidate);
    if (edits < fewest || (edits === fewest && best === undefined)) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}

/**
 * Levenshtein's distance, with two letters that changed places as one edit more (optimal string alignment): insertions,
 * deletions, substitutions and transpositions, one row of the table at a time.
 */
function editDistance(a: string, b: string): number {
  let beforeThat: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(substitution, previous[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, beforeThat[j - 2]! + 1);
      row.push(edits);
    }
    beforeThat = previous;
    previous = row;
  }
  return previous[b.length]!;
}
