import type { RemoteWriter } from '../../remote/write/remote-writer.js';

/** Where the series of Sentio's own are written; the samples of each come in order of time. */
export type ForecastWriter = Pick<RemoteWriter, 'append' | 'appendStale'>;
