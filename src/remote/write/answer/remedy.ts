import type { HttpAnswer } from '../../http/exchange.js';
import { loginRemedy, redirectRemedy } from '../../http/remedies.js';

const WRITE_PATH = '/api/v1/write';

/** What a person can do about an answer that no retry changes; undefined where the answer itself says enough. */
export function remedyFor(answer: HttpAnswer, url: string): string | undefined {
  const { status, body } = answer;
  const general = redirectRemedy(answer, url) ?? loginRemedy(answer);
  if (general !== undefined) return general;
  if (status !== 404 && status !== 405 && status !== 400) return undefined;
  if (new TextDecoder().decode(body).includes('remote write receiver')) {
    return 'start this Prometheus with --web.enable-remote-write-receiver';
  }
  const { pathname } = new URL(url);
  if (pathname.endsWith('/read')) return `the URL is that of remote_read: Prometheus takes writes at ${WRITE_PATH}`;
  if (status === 400 || pathname.endsWith(WRITE_PATH)) return undefined;
  return `check the path of the URL: Prometheus takes writes at ${WRITE_PATH}`;
}
