import { messageOf } from '../../lib/errors.js';
import type { RemoteWriteSettings } from '../../model/settings/endpoint.js';
import { HttpClient, type HttpClientOptions } from '../http/http-client.js';

/** The path at which a Prometheus takes writes, whatever is before it. */
const WRITE_PATH = '/api/v1/write';
const BUILD_PATH = '/api/v1/status/buildinfo';
const MAX_ANSWER_BYTES = 16 * 1024;

/** `unknown`: it answers, but not to this question; `silent`: it does not answer now. */
export type TargetBuild =
  | { readonly kind: 'prometheus'; readonly version: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'unknown' | 'silent'; readonly reason: string };

/**
 * Asks a target whether it is a Prometheus, by `status/buildinfo` of the HTTP API. Others that serve it for Grafana say less
 * (VictoriaMetrics) or what they are (Mimir: `application`). Never rejects.
 */
export async function askWhatItIs(
  options: HttpClientOptions & { readonly settings: RemoteWriteSettings },
  signal: AbortSignal,
): Promise<TargetBuild> {
  const url = new URL(options.settings.url);
  // A Prometheus takes writes at no other path.
  if (!url.pathname.endsWith(WRITE_PATH)) return { kind: 'other' };
  url.pathname = url.pathname.slice(0, -WRITE_PATH.length) + BUILD_PATH;
  const http = new HttpClient({ ...options.settings, url: url.href }, options);
  try {
    const { status, body } = await http.get({ headers: {}, maxAnswerBytes: MAX_ANSWER_BYTES, signal });
    if (status >= 500 || status === 429) return { kind: 'silent', reason: `HTTP ${status}` };
    if (status === 401 || status === 403) return { kind: 'unknown', reason: `HTTP ${status}` };
    return status === 200 ? readBuild(new TextDecoder().decode(body)) : { kind: 'other' };
  } catch (error) {
    return { kind: 'silent', reason: http.redact(messageOf(error)) };
  } finally {
    await http.close();
  }
}

function readBuild(text: string): TargetBuild {
  let data: Readonly<Record<string, unknown>> | undefined;
  try {
    data = (JSON.parse(text) as { data?: Readonly<Record<string, unknown>> } | null)?.data;
  } catch {
    return { kind: 'other' };
  }
  const isPrometheus = typeof data?.goVersion === 'string' && data.application === undefined;
  return isPrometheus ? { kind: 'prometheus', version: String(data?.version) } : { kind: 'other' };
}
