/** The time of all samples that targets begin with, in Unix milliseconds. */
export const T0 = 1_700_000_000_000;

/** A configuration with some of everything that a rule may have. */
export const RULES = `
rules:
  - name: a
    match: [up, '{__name__=~"node_.+"}']
    step: 1m
    history: 15d
    horizons: [1h, 4h]
    prophet: {growth: logistic, cap: 10, seasonalities: [{name: x, period: 3d, fourier_order: 3}]}
    anomaly: {direction: up, min_deviation: 5}
`;

/** Runs it; errors of these classes are its answer to what is wrong. */
export function refusing<T>(errors: readonly (new (...args: never[]) => Error)[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (errors.some((known) => error instanceof known)) return undefined;
    throw error;
  }
}

/** Inputs of these texts, as UTF-8. */
export function text(...parts: string[]): Uint8Array[] {
  return parts.map((part) => Buffer.from(part));
}

/** The text that an input is, as UTF-8. */
export function textOf(input: Uint8Array): string {
  return Buffer.from(input).toString();
}
