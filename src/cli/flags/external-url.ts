import { UsageError } from '../../lib/errors.js';

/** Reads `--web.external-url`, where browsers find Sentio. Throws `UsageError` for what is no http:// or https:// URL. */
export function parseExternalUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError(
      `Cannot use --web.external-url "${text}": want a URL, for example https://sentio.example.com/`,
    );
  }
  return url;
}
