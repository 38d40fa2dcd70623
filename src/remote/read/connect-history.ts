import type { RemoteReadSettings } from '../../model/settings/endpoint.js';
import type { HistoryClient, HistoryClientOptions } from './history-client.js';
import { QueryRangeClient } from './query-range-client.js';
import { RemoteReadClient } from './remote-read-client.js';

/** The client for a database. */
export function connectHistory(settings: RemoteReadSettings, options: HistoryClientOptions): HistoryClient {
  return settings.api === 'query_range'
    ? new QueryRangeClient(settings, options)
    : new RemoteReadClient(settings, options);
}
