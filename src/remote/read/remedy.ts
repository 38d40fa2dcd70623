import type { HttpAnswer } from '../http/exchange.js';
import { loginRemedy, redirectRemedy } from '../http/remedies.js';

const READ_PATH = '/api/v1/read';
const QUERY_PATH = '/api/v1/query_range';

/** What a person can do about an answer that has no history; undefined where the answer itself says enough. */
export function remedyFor(answer: HttpAnswer, url: string): string | undefined {
  const { status } = answer;
  const general = redirectRemedy(answer, url) ?? loginRemedy(answer);
  if (general !== undefined) return general;
  const { pathname } = new URL(url);
  if (isWriteUrl(url)) return `the URL is that of remote_write: Prometheus answers remote_read at ${READ_PATH}`;
  if ((status !== 404 && status !== 405) || pathname.endsWith(READ_PATH) || pathname.endsWith(QUERY_PATH)) {
    return undefined;
  }
  return `check the path of the URL: Prometheus answers remote_read at ${READ_PATH}, and queries at ${QUERY_PATH}`;
}

/** Whether the server at the URL takes samples and gives none. */
export function isWriteUrl(url: string): boolean {
  return new URL(url).pathname.endsWith('/write');
}
