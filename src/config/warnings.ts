import type { Config } from './config.js';

/** What is allowed in a configuration and yet most likely wrong, a sentence each. */
export function configWarnings({ remoteWrite, remoteRead }: Pick<Config, 'remoteWrite' | 'remoteRead'>): string[] {
  return [
    ...remoteWrite.map(({ name, url }) => pathWarning(`remote_write "${name}"`, url, '/api/v1/write', '/api/v1/read')),
    ...remoteRead.map(({ name, url, api }) => {
      const path = api === 'query_range' ? '/api/v1/query_range' : '/api/v1/read';
      return pathWarning(`remote_read "${name}"`, url, path, '/api/v1/write');
    }),
  ].filter((warning) => warning !== undefined);
}

function pathWarning(peer: string, url: string, path: string, other: string): string | undefined {
  const { protocol, host, pathname } = new URL(url);
  // Without user, password and query.
  const said = `${peer}: ${protocol}//${host}${pathname}`;
  if (pathname === '/') return `${said} has no path; the one of a Prometheus is ${path}`;
  if (pathname.endsWith(other))
    return `${said} looks like the wrong one of two URLs; the path of a Prometheus is ${path}`;
  return undefined;
}
