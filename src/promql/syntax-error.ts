import { checkSyntax } from './parse.js';
import { PromqlError } from './promql-error.js';

/** What is wrong with the syntax of an expression by Prometheus' grammar; undefined where nothing is. */
export function syntaxError(expression: string): string | undefined {
  try {
    checkSyntax(expression);
    return undefined;
  } catch (error) {
    if (error instanceof PromqlError) return error.message;
    throw error;
  }
}
