import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigError, formatPath, type Path, type Problem } from './problems.js';

/** A parsed YAML file that still knows the positions of its values. */
export interface Source {
  /** What the file says as plain data. A key without a value is present and undefined; an empty file is an empty map. */
  readonly value: unknown;
  /** Whether the file itself has this key or item. */
  has(path: Path): boolean;
  /** A problem at this path, placed at its key, or at the nearest one above it that the file has. */
  problem(path: Path, message: string): Problem;
}

/** Parses YAML 1.2. Throws `ConfigError` for what is not YAML, duplicate keys among them. */
export function parseSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const placed = (offset: number | undefined) => {
    if (offset === undefined) return {};
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };

  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new ConfigError(
      faults.map(({ code, message, pos }) => ({
        path: '',
        message: code === 'MULTIPLE_DOCS' ? 'the file contains more than one YAML document' : message,
        ...placed(pos[0]),
      })),
      { cause: faults[0] },
    );
  }
  return {
    value: plainData(document),
    has: (path) => find(document, path).complete,
    problem: (path, message) => ({ path: formatPath(path), message, ...placed(find(document, path).offset) }),
  };
}

function plainData(document: Document): unknown {
  try {
    return nullToUndefined(document.toJS() ?? {});
  } catch (cause) {
    // Aliases of aliases that would grow to more than memory holds.
    throw new ConfigError([{ path: '', message: (cause as Error).message }], { cause });
  }
}

function nullToUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (item === null ? null : nullToUndefined(item)));
  if (typeof value !== 'object') return value;
  if (value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, nullToUndefined(item)]));
}

/** Follows a path as far as the file goes: the place of the last key or item found, and whether that was all of it. */
function find(document: Document, path: Path): { offset: number | undefined; complete: boolean } {
  let node = document.contents as Node | null | undefined;
  let offset = node?.range?.[0];
  for (const key of path) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    if (isMap<Node, Node | null>(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) return { offset, complete: false };
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq<Node>(parent) && typeof key === 'number' && key < parent.items.length) {
      node = parent.items[key];
      offset = node?.range?.[0] ?? offset;
    } else {
      return { offset, complete: false };
    }
  }
  return { offset, complete: true };
}
