import type { Secret } from '../../lib/files/secret.js';
import { checkHeaderValue } from '../../lib/header-value.js';
import type { Credentials } from '../../model/settings/endpoint.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { AUTHORIZATION_DEFAULTS } from '../schema/defaults.js';
import { overlay } from '../schema/layers.js';
import type { AuthFile } from '../schema/schema.js';

/** Reads the login at `path`, with secrets from their files; rules are those of Prometheus' HTTPClientConfig.Validate. */
export function resolveCredentials(auth: AuthFile, path: Path, review: Review): Credentials {
  const { basic_auth, authorization } = auth;
  if (basic_auth !== undefined && authorization !== undefined) {
    review.report([...path, 'authorization'], 'basic_auth and authorization are mutually exclusive');
  }
  if (basic_auth !== undefined) {
    const { secret } = resolveSecret(basic_auth, 'password', [...path, 'basic_auth'], review);
    return { basicAuth: { username: basic_auth.username, password: secret } };
  }
  if (authorization !== undefined) {
    const { type } = overlay(AUTHORIZATION_DEFAULTS, {}, authorization);
    if (type.toLowerCase() === 'basic') {
      review.report([...path, 'authorization', 'type'], 'must not be Basic: use basic_auth');
    }
    const { secret, text } = resolveSecret(authorization, 'credentials', [...path, 'authorization'], review);
    try {
      checkHeaderValue(`${type} ${text}`);
    } catch (error) {
      const keys = ['credentials', 'credentials_file', 'type'].map((key) => [...path, 'authorization', key]);
      review.report(review.firstPresent(keys), (error as Error).message);
    }
    return { authorization: { type, credentials: secret } };
  }
  return {};
}

/** The secret under `key`, or in the file that `<key>_file` names, and what it is now. */
export function resolveSecret<Key extends string>(
  file: { readonly [K in Key | `${Key}_file`]?: string },
  key: Key,
  path: Path,
  review: Review,
): { secret: Secret; text: string } {
  const inline = file[key];
  const name = file[`${key}_file`];
  if (inline !== undefined && name !== undefined) {
    review.report([...path, `${key}_file`], `${key} and ${key}_file are mutually exclusive`);
  } else if (inline === undefined && name === undefined) {
    review.report(path, `${key} or ${key}_file is missing`);
  }
  if (inline !== undefined || name === undefined) return { secret: inline ?? '', text: inline ?? '' };
  return { secret: { file: name }, text: review.readText([...path, `${key}_file`], name) };
}
