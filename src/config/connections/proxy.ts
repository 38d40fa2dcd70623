import type { ProxySettings } from '../../model/settings/endpoint.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import type { ProxyFile } from '../schema/schema.js';

/** By which proxy a server at `path` is reached, if by any; the rules are those of Prometheus' ProxyConfig.Validate. */
export function resolveProxy(proxy: ProxyFile, path: Path, review: Review): ProxySettings | undefined {
  const { proxy_url, no_proxy, proxy_from_environment = false, proxy_connect_header } = proxy;
  if (proxy_url !== undefined && proxy_from_environment) {
    review.report([...path, 'proxy_from_environment'], 'proxy_url and proxy_from_environment are mutually exclusive');
  }
  if (no_proxy !== undefined && proxy_url === undefined) {
    review.report([...path, 'no_proxy'], 'has no effect without proxy_url');
  }
  if (proxy_url === undefined && !proxy_from_environment) {
    if (proxy_connect_header !== undefined) {
      review.report([...path, 'proxy_connect_header'], 'has no effect without proxy_url or proxy_from_environment');
    }
    return undefined;
  }
  const headers = Object.entries(proxy_connect_header ?? {});
  return {
    ...(proxy_url !== undefined && { url: proxy_url }),
    ...(no_proxy !== undefined && { noProxy: no_proxy }),
    connectHeaders: Object.fromEntries(headers.map(([name, values]) => [name, values.join(', ')])),
  };
}
