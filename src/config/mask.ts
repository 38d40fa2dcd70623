import { stringify } from 'yaml';
import type { Config } from './config.js';

const SECRET_KEYS = ['password', 'credentials'];

/** What stands for a parameter's value in the query of a URL, which may be a key or a token. */
const QUERY_VALUES = /(?<=[?&][^=&#]*=)[^&#]+/g;

/** The configuration in effect as a YAML file that would mean the same, but for its secrets: those read `<secret>`. */
export function maskConfig(config: Config): string {
  return stringify(mask(config.effective), { lineWidth: 0, aliasDuplicateObjects: false });
}

function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (SECRET_KEYS.includes(key)) return [key, '<secret>'];
      if (key === 'url') return [key, item.replace(QUERY_VALUES, '<secret>')];
      if (key === 'headers') return [key, Object.fromEntries(Object.keys(item).map((name) => [name, '<secret>']))];
      return [key, mask(item)];
    }),
  );
}
