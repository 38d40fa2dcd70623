import { stringify } from 'yaml';
import type { Config } from './config.js';

const SECRET_KEYS = ['password', 'credentials', 'bearer_token', 'client_secret', 'secret_key'];
const SECRET_MAPS = ['headers', 'endpoint_params', 'proxy_connect_header'];

/** The password of a URL, or its user where there is no password: a token. */
const USERINFO = /(?<=:\/\/[^/?#:@]*:)[^/?#]*(?=@)|(?<=:\/\/)[^/?#:@]+(?=@)/;

/** Replaces the value of a parameter in the query of a URL, which may be a key or a token. */
const QUERY_VALUES = /(?<=[?&][^=&#]*=)[^&#]+/g;

const STYLE = { lineWidth: 0, aliasDuplicateObjects: false } as const;

/**
 * The configuration in effect as a YAML file that means the same, except that its secrets read `<secret>`, in pieces: a rule
 * takes a third of a millisecond to write.
 */
export function* maskConfig(config: Config): Generator<string> {
  for (const [key, value] of Object.entries(config.effective)) {
    if (!Array.isArray(value) || value.length === 0) {
      yield stringify(mask({ [key]: value }), STYLE);
      continue;
    }
    yield `${key}:\n`;
    for (const item of value) yield stringify([mask(item)], STYLE).replace(/^(?=.)/gm, '  ');
  }
}

function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (SECRET_KEYS.includes(key)) return [key, '<secret>'];
      if (key === 'ical') return [key, { ...(mask(item) as object), url: `${new URL(item.url).origin}/<secret>` }];
      if (key === 'url' || key === 'token_url') return [key, item.replace(QUERY_VALUES, '<secret>')];
      if (key === 'proxy_url') return [key, item.replace(USERINFO, '<secret>')];
      if (SECRET_MAPS.includes(key)) {
        const hidden = Object.entries(item).map(([name, value]) => [
          name,
          Array.isArray(value) ? ['<secret>'] : '<secret>',
        ]);
        return [key, Object.fromEntries(hidden)];
      }
      return [key, mask(item)];
    }),
  );
}
