import { UsageError } from '../../lib/errors.js';
import type { HistoryError } from '../../remote/read/history-error.js';
import { JsonError } from '../../remote/read/json-reader.js';

/** Pages and endpoints of Prometheus and VictoriaMetrics that people copy from their browser. */
const BELOW_BASE = /\/(?:(?:graph|query|targets|alerts|rules|vmui|status|tsdb-status)\/?|api\/v1(?:\/.*)?|-\/.*)$/;

/**
 * The base URL of a Prometheus, as people write it: `http://` may be missing, and what follows the base is left out, such as
 * `/graph` or `/api/v1/query`. Throws `UsageError`.
 */
export function baseUrlOf(text: string): URL {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageError(
      `The address of Prometheus must be an http:// or https:// URL such as http://localhost:9090, got ${JSON.stringify(text)}`,
    );
  }
  url.hash = '';
  const below = BELOW_BASE.exec(url.pathname);
  if (below === null) return url;
  url.pathname = url.pathname.slice(0, below.index);
  // Of a page; of a base URL they may be a tenant.
  url.search = '';
  return url;
}

/** Why a database could not be read, in one sentence, and what to do about it in another. */
export function withRemedy(error: HistoryError, base: URL): string {
  const remedy = remedyOf(error, base);
  return remedy === undefined ? error.message : `${error.message.replace(/[.\s]+$/, '')}. ${remedy}`;
}

function remedyOf(
  { status, message, cause }: HistoryError,
  { origin, pathname, hostname, protocol }: URL,
): string | undefined {
  switch (status) {
    case 401:
      return `It needs a login: put it into the URL (${protocol}//user:password@host), or set basic_auth or authorization in a remote_read entry for ${origin}, and pass that file with --config.file.`;
    case 403:
      return 'The login may not read: ask for one that may query.';
    case 404:
      return pathname === '/'
        ? 'This is no Prometheus: is it the right port? Behind a proxy it may be below a path, such as http://host/prometheus.'
        : `There is no Prometheus at ${pathname}: give the URL above /api/v1, which is often ${origin}.`;
    case 429:
    case 503:
      return 'It is busy: try later, or with fewer series.';
    case 502:
    case 504:
      return 'A proxy answers that does not reach what is behind it: is Prometheus running there?';
    case 301:
    case 302:
    case 307:
    case 308:
      return 'Redirects are not followed: give the address that it redirects to.';
  }
  if (cause instanceof JsonError) return 'Is this the address of a Prometheus, and not of Grafana or another page?';
  if (/ECONNREFUSED/.test(message)) return `Nothing listens there: is Prometheus running at ${origin}?`;
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return `There is no host ${hostname}: check the name.`;
  if (/no response within|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|Connect Timeout/i.test(message)) {
    return 'It does not answer in time: is there a firewall between, or is the question too large? Name fewer series.';
  }
  if (/wrong version number|EPROTO|SSL|packet length too long/i.test(message)) {
    return `It does not speak ${protocol.slice(0, -1)}: try ${protocol === 'https:' ? 'http' : 'https'}://.`;
  }
  if (/certificate/i.test(message)) {
    return `Its certificate is not trusted: set tls_config.ca_file in a remote_read entry for ${origin}, and pass that file with --config.file.`;
  }
  return undefined;
}
