/** Keys and indices from the top of the file down to a value. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a configuration file. */
export interface Problem {
  /** As in `rules[2].match[0]`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, with the value unless that is a secret. */
  readonly message: string;
  /** Where in the file, both from 1; absent where the value is not in the file itself. */
  readonly line?: number;
  readonly column?: number;
}

/** Thrown for a configuration that cannot be used, with everything that is wrong with it in the order of the file. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((problem) => formatProblem(problem)).join('\n'), options);
    this.problems = problems;
  }
}

/**
 * One line: `12:5: rules[2].match[0]: expected a label name …`; with a file as compilers write it, `sentio.yml:12:5: …`, so
 * that editors and terminals find the place.
 */
export function formatProblem({ path, message, line, column }: Problem, file?: string): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return [place, path, message].filter((part) => part !== '').join(': ');
}

export function formatPath(path: Path): string {
  return path
    .map((key, depth) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^\w+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return depth === 0 ? key : `.${key}`;
    })
    .join('');
}
