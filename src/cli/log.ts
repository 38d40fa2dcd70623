import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['json', 'pretty'] as const;

export interface LogSettings {
  readonly level: (typeof LOG_LEVELS)[number];
  readonly format: (typeof LOG_FORMATS)[number];
}

/**
 * Sentio's log: lines of JSON, or text for people in a terminal. Written to stderr by default; line by line, for
 * a fatal one would overtake those that are still on their way.
 */
export function createLogger(
  { level, format }: LogSettings,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return format === 'json'
    ? pino({ ...options, formatters: { level: (name) => ({ level: name }) } }, destination)
    : pino(
        options,
        pretty({ destination, colorize: process.stderr.isTTY, translateTime: 'SYS:HH:MM:ss', singleLine: true }),
      );
}
