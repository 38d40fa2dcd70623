import { dirname, resolve } from 'node:path';
import { readTextFile } from '../lib/files/read-text-file.js';
import type { ServerTlsSettings, WebSettings } from '../model/settings/web.js';
import { TLS_NAMES } from './connections/tls.js';
import { ConfigError, type Problem } from './document/problems.js';
import { type Review, startReview } from './document/review.js';
import { parseSource } from './document/source.js';
import { shapeChecker } from './document/validate.js';
import { absolutePaths } from './parts.js';
import { WEB_EXAMPLES } from './schema/examples.js';
import { CIPHERS, CURVES, type TlsServerFile, WebConfigFile } from './schema/web-schema.js';

/** 5,000 users. */
export const MAX_WEB_CONFIG_BYTES = 2 ** 20;

const checkShape = shapeChecker(WebConfigFile, WEB_EXAMPLES);

/** Reads a file for `--web.config.file`. Throws `ConfigError` with every problem there is. */
export function loadWebConfig(path: string): WebSettings {
  let text: string;
  try {
    text = readTextFile(path, MAX_WEB_CONFIG_BYTES);
  } catch (cause) {
    throw new ConfigError([{ path: '', message: `cannot read the file: ${(cause as Error).message}` }], { cause });
  }
  return parseWebConfig(text, dirname(path));
}

/** The settings of a web configuration file with this text; relative paths in it start at `folder`. Throws `ConfigError`. */
export function parseWebConfig(text: string, folder: string): WebSettings {
  const source = parseSource(text);
  const problems: Problem[] = checkShape(source).map(({ problem }) => problem);
  if (problems.length > 0) throw new ConfigError(problems);
  const file = source.value as WebConfigFile;
  const review = startReview(source, problems);
  if (file.http_server_config?.http2 === true) {
    review.report(
      ['http_server_config', 'http2'],
      'is not supported: Sentio speaks HTTP/1.1; leave it out, or set false',
    );
  }
  for (const user of Object.keys(file.basic_auth_users ?? {})) {
    if (user !== '' && !user.includes(':')) continue;
    review.report(['basic_auth_users', user], 'a username is not empty and has no colon');
  }
  const tls = resolveServerTls(
    absolutePaths(file.tls_server_config, resolve(folder)) as TlsServerFile | undefined,
    review,
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    ...(tls !== undefined && { tls }),
    headers: { ...file.http_server_config?.headers },
    users: { ...file.basic_auth_users },
  };
}

/** Without a certificate there is no TLS, and other keys that would ask for it are mistakes, as in exporter-toolkit. */
function resolveServerTls(file: TlsServerFile | undefined, review: Review): ServerTlsSettings | undefined {
  if (file === undefined || Object.keys(file).length === 0) return undefined;
  const path = ['tls_server_config'];
  const {
    cert_file,
    key_file,
    client_ca_file,
    client_auth_type = 'NoClientCert',
    cipher_suites,
    curve_preferences,
  } = file;
  const { min_version = 'TLS12', max_version, prefer_server_cipher_suites = true } = file;
  if (cert_file === undefined || key_file === undefined) {
    review.report(path, 'cert_file and key_file are needed');
    return undefined;
  }
  if (client_ca_file !== undefined && client_auth_type === 'NoClientCert') {
    review.report([...path, 'client_ca_file'], 'has no effect without client_auth_type');
  }
  if (max_version !== undefined && min_version > max_version) {
    review.report([...path, 'max_version'], `min_version ${min_version} is above max_version ${max_version}`);
  }
  for (const [key, name] of Object.entries({ cert_file, key_file, client_ca_file })) {
    if (name !== undefined) review.readText([...path, key], name);
  }
  return {
    certFile: cert_file,
    keyFile: key_file,
    ...(client_ca_file !== undefined && { clientCaFile: client_ca_file }),
    clientAuthType: client_auth_type,
    minVersion: TLS_NAMES[min_version],
    ...(max_version !== undefined && { maxVersion: TLS_NAMES[max_version] }),
    ...(cipher_suites !== undefined && { ciphers: cipher_suites.map((suite) => CIPHERS[suite]).join(':') }),
    preferServerCiphers: prefer_server_cipher_suites,
    ...(curve_preferences !== undefined && { curves: curve_preferences.map((curve) => CURVES[curve]).join(':') }),
  };
}
