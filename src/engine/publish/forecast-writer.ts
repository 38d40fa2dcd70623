import type { RemoteWriter } from '../../remote/write/remote-writer.js';

/** Where the series of Sentio's own are written; the samples of each come in order of time. */
export type ForecastWriter = Pick<RemoteWriter, 'append' | 'appendStale'>;

/** Where curves of the future are written, and how much of them is taken now. */
export type FutureWriter = Pick<RemoteWriter, 'appendFuture' | 'futureMs' | 'futureRoom'>;
