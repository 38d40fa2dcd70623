import type { HttpAnswer } from './exchange.js';
import type { HttpClient } from './http-client.js';
import { redirectTarget } from './remedies.js';

/** More is read, so that a secret cut in two is still masked. */
const MAX_READ_BYTES = 16 * 1024;
const MAX_LENGTH = 1024;
const MAX_PAGE_LENGTH = 100;

/**
 * Status and text of an answer, free of secrets and at most about 1 KiB: where it redirects to, and of a page in HTML its title or
 * what it shows, without its markup.
 */
export function describeAnswer(http: Pick<HttpClient, 'url' | 'redact'>, answer: HttpAnswer): string {
  const { status, body } = answer;
  const target = redirectTarget(answer, http.url);
  if (target !== undefined) return `HTTP ${status}: it redirects to ${http.redact(target)}`;
  const said = http.redact(new TextDecoder().decode(body.subarray(0, MAX_READ_BYTES)).trim());
  const text = isPage(said) ? shorten(shownText(said), MAX_PAGE_LENGTH) : shorten(said, MAX_LENGTH);
  return text === '' ? `HTTP ${status}` : `HTTP ${status}: ${text}`;
}

function isPage(text: string): boolean {
  return /^<(?:!doctype|html|head|body)\b/i.test(text);
}

/** The title of a page, which says what is wrong in a few words; all that it shows where it has none. */
function shownText(html: string): string {
  const [, title = ''] = /<title[^>]*>([^<]*)</i.exec(html) ?? [];
  const text = title.trim() === '' ? html.replace(/<[^>]*>?/g, ' ') : title;
  return text.replace(/\s+/g, ' ').trim();
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
