import { validateHeaderValue } from 'node:http';
import type { Credentials, TlsSettings } from '../model/endpoint.js';
import { AUTHORIZATION_DEFAULTS, TLS_DEFAULTS } from './defaults.js';
import { overlay } from './layers.js';
import type { Path } from './problems.js';
import type { Review } from './review.js';
import type { AuthFile, PeerFile } from './schema.js';

/** Reads the login at `path`, with secrets from their files; rules are those of Prometheus' HTTPClientConfig.Validate. */
export function resolveCredentials(auth: AuthFile, path: Path, review: Review): Credentials {
  const { basic_auth, authorization } = auth;
  if (basic_auth !== undefined && authorization !== undefined) {
    review.report([...path, 'authorization'], 'basic_auth and authorization exclude each other');
  }
  if (basic_auth !== undefined) {
    const password = resolveSecret(basic_auth, 'password', [...path, 'basic_auth'], review);
    return { basicAuth: { username: basic_auth.username, password } };
  }
  if (authorization !== undefined) {
    const { type } = overlay(AUTHORIZATION_DEFAULTS, {}, authorization);
    if (type.toLowerCase() === 'basic') {
      review.report([...path, 'authorization', 'type'], 'must not be Basic: use basic_auth');
    }
    const credentials = resolveSecret(authorization, 'credentials', [...path, 'authorization'], review);
    if (!isHeaderValue(`${type} ${credentials}`)) {
      const keys = ['credentials', 'credentials_file', 'type'].map((key) => [...path, 'authorization', key]);
      review.report(review.firstPresent(keys), 'must not hold line breaks or anything else that no header may have');
    }
    return { authorization: { type, credentials } };
  }
  return {};
}

function isHeaderValue(text: string): boolean {
  try {
    validateHeaderValue('authorization', text);
    return true;
  } catch {
    return false;
  }
}

/** The secret under `key`, or in the file that `<key>_file` names. */
function resolveSecret<Key extends string>(
  file: { readonly [K in Key | `${Key}_file`]?: string },
  key: Key,
  path: Path,
  review: Review,
): string {
  const inline = file[key];
  const name = file[`${key}_file`];
  if (inline !== undefined && name !== undefined) {
    review.report([...path, `${key}_file`], `${key} and ${key}_file exclude each other`);
  } else if (inline === undefined && name === undefined) {
    review.report(path, `${key} or ${key}_file is missing`);
  }
  return inline ?? (name === undefined ? '' : review.readText([...path, `${key}_file`], name));
}

/** Reads the certificates and the key of a `tls_config`. */
export function resolveTls(tls: NonNullable<PeerFile['tls_config']>, path: Path, review: Review): TlsSettings {
  const { ca_file, cert_file, key_file, server_name, insecure_skip_verify } = overlay(TLS_DEFAULTS, {}, tls);
  if ((cert_file === undefined) !== (key_file === undefined)) {
    review.report(path, 'cert_file and key_file go together');
  }
  const read = (key: string, file: string) => review.readText([...path, key], file);
  return {
    ...(ca_file !== undefined && { ca: read('ca_file', ca_file) }),
    ...(cert_file !== undefined && { cert: read('cert_file', cert_file) }),
    ...(key_file !== undefined && { key: read('key_file', key_file) }),
    ...(server_name !== undefined && { serverName: server_name }),
    insecureSkipVerify: insecure_skip_verify,
  };
}
