import type { HttpAnswer } from './exchange.js';
import { redactUrl } from './http-client.js';

/** Where the server redirects to, free of secrets; undefined for any other answer. */
export function redirectTarget({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>, url: string) {
  if (status < 300 || status >= 400) return undefined;
  const { location } = headers;
  if (location === undefined || !URL.canParse(location.toString(), url)) return 'another address';
  return redactUrl(new URL(location.toString(), url).href);
}

/** What to do where the server answers with a redirect; undefined for any other answer. */
export function redirectRemedy(answer: Pick<HttpAnswer, 'status' | 'headers'>, url: string): string | undefined {
  const target = redirectTarget(answer, url);
  return target && `the server redirects to ${target}: set that as url, because redirects are not followed`;
}

/** What to do where the server does not accept the login, or wants one; undefined for any other answer. */
export function loginRemedy({ status }: Pick<HttpAnswer, 'status'>): string | undefined {
  if (status === 401) return 'set or correct basic_auth, authorization, oauth2 or sigv4';
  if (status === 403) return 'ask for a login that is allowed to do this';
  return undefined;
}
