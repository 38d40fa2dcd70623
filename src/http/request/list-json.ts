/** Long enough that sending it costs little beside computing it, and computed in a millisecond. */
const PIECE_CHARS = 16 * 1024;

/**
 * A list as JSON between `opening` and `closing`, in pieces of many short items or one long one, each computed when it is asked
 * for. Items whose `json` is undefined are left out.
 */
export function* listJson<T>(
  opening: string,
  items: Iterable<T>,
  json: (item: T) => string | undefined,
  closing: string,
): Generator<string> {
  let text = opening;
  let separator = '';
  for (const item of items) {
    const piece = json(item);
    if (piece === undefined) continue;
    text += separator + piece;
    separator = ',';
    if (text.length < PIECE_CHARS) continue;
    yield text;
    text = '';
  }
  yield text + closing;
}
