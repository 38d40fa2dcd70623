import type { Endpoint, OAuth2Settings, SigV4Settings } from '../../model/settings/endpoint.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { OAUTH2_DEFAULTS } from '../schema/defaults.js';
import { overlay } from '../schema/layers.js';
import type { OAuth2File, PeerFile } from '../schema/schema.js';
import { resolveCredentials, resolveSecret } from './credentials.js';
import { resolveProxy } from './proxy.js';
import { resolveTls } from './tls.js';

/** What says who Sentio is; the keys of one row are two ways to say the same. */
const KINDS = [
  ['basic_auth'],
  ['authorization'],
  ['bearer_token', 'bearer_token_file'],
  ['oauth2'],
  ['sigv4'],
] as const satisfies readonly (keyof PeerFile)[][];

/** How Sentio logs in at the peer at `path`; rules are those of Prometheus' HTTPClientConfig.Validate. */
export function resolvePeerLogin(
  peer: PeerFile,
  path: Path,
  review: Review,
): Pick<Endpoint, 'credentials' | 'oauth2' | 'sigv4'> {
  const [first, second] = KINDS.map((keys) => keys.find((key) => peer[key] !== undefined)).filter(
    (key) => key !== undefined,
  );
  if (first !== undefined && second !== undefined) {
    review.report([...path, second], `${first} and ${second} are mutually exclusive`);
    return { credentials: {} };
  }
  const { oauth2, sigv4 } = peer;
  if (oauth2 !== undefined) {
    return { credentials: {}, oauth2: resolveOAuth2(oauth2, [...path, 'oauth2'], review) };
  }
  if (sigv4 !== undefined) return { credentials: {}, sigv4: resolveSigV4(sigv4, [...path, 'sigv4'], review) };
  if (first === 'bearer_token' || first === 'bearer_token_file') {
    const { secret } = resolveSecret(peer, 'bearer_token', path, review);
    return { credentials: { authorization: { type: 'Bearer', credentials: secret } } };
  }
  return { credentials: resolveCredentials(peer, path, review) };
}

function resolveOAuth2(file: OAuth2File, path: Path, review: Review): OAuth2Settings {
  const oauth2 = overlay(OAUTH2_DEFAULTS, {}, file);
  const { client_id, token_url, scopes, endpoint_params, tls_config: tls } = oauth2;
  const { secret } = resolveSecret(oauth2, 'client_secret', path, review);
  const proxy = resolveProxy(oauth2, path, review);
  return {
    clientId: client_id,
    clientSecret: secret,
    tokenUrl: token_url,
    scopes,
    endpointParams: endpoint_params ?? {},
    ...(tls !== undefined && { tls: resolveTls(tls, [...path, 'tls_config'], review) }),
    ...(proxy !== undefined && { proxy }),
  };
}

function resolveSigV4(sigv4: NonNullable<PeerFile['sigv4']>, path: Path, review: Review): SigV4Settings {
  const { region, access_key: accessKey, secret_key: secretKey, profile } = sigv4;
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    review.report(path, 'access_key and secret_key go together');
  }
  if (accessKey !== undefined && profile !== undefined) {
    review.report([...path, 'profile'], 'access_key and profile are mutually exclusive');
  }
  return {
    region,
    ...(accessKey !== undefined && secretKey !== undefined && { keys: { accessKey, secretKey } }),
    ...(profile !== undefined && { profile }),
  };
}
