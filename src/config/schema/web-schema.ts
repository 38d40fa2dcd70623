import { type Static, type TProperties, Type } from 'typebox';
import { UsageError } from '../../lib/errors.js';
import { TLS_VERSIONS, text } from './values.js';

/*
 * The shape of `--web.config.file`, which is that of Prometheus' exporter-toolkit (docs/web-configuration.md there).
 */

const closed = { additionalProperties: false };
const partial = <T extends TProperties>(properties: T, options = {}) =>
  Type.Partial(Type.Object(properties), { ...closed, ...options });

const name = Type.String({ minLength: 1 });

const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

/** Go's names of the cipher suites below TLS 1.3 that it takes, and OpenSSL's. */
export const CIPHERS = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
} as const;

/** Go's names of the curves, and OpenSSL's. */
export const CURVES = {
  CurveP256: 'prime256v1',
  CurveP384: 'secp384r1',
  CurveP521: 'secp521r1',
  X25519: 'X25519',
} as const;

/** The headers that exporter-toolkit lets be set, with the values that it takes. */
const headers = partial({
  'Content-Security-Policy': name,
  'X-Frame-Options': Type.Enum(['deny', 'sameorigin']),
  'X-Content-Type-Options': Type.Enum(['nosniff']),
  'X-XSS-Protection': name,
  'Strict-Transport-Security': name,
});

/** Each step doubles the time: 0.3 s at 10, 20 s at 16. */
const MAX_COST = 16;

const bcryptHash = text(
  'a bcrypt hash',
  (value) => {
    const [, cost] = /^\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(value) ?? [];
    if (cost === undefined)
      throw new UsageError('must be a bcrypt hash, as `htpasswd -nBC 10 "" | tr -d ":\\n"` prints it');
    if (Number(cost) < 4 || Number(cost) > MAX_COST) {
      throw new UsageError(`must have a cost from 4 to ${MAX_COST}, got ${Number(cost)}`);
    }
  },
  { secret: true },
);

const keysOf = <T extends object>(names: T) => Object.keys(names) as (keyof T & string)[];

export const WebConfigFile = partial({
  tls_server_config: partial({
    cert_file: name,
    key_file: name,
    client_auth_type: Type.Enum(CLIENT_AUTH_TYPES),
    client_ca_file: name,
    min_version: Type.Enum(TLS_VERSIONS),
    max_version: Type.Enum(TLS_VERSIONS),
    cipher_suites: Type.Array(Type.Enum(keysOf(CIPHERS)), { minItems: 1 }),
    prefer_server_cipher_suites: Type.Boolean(),
    curve_preferences: Type.Array(Type.Enum(keysOf(CURVES)), { minItems: 1 }),
  }),
  http_server_config: partial({ http2: Type.Boolean(), headers }),
  basic_auth_users: Type.Record(Type.String(), bcryptHash, { secret: true }),
});

/** A web configuration file as read, once it has this shape. */
export type WebConfigFile = Static<typeof WebConfigFile>;
export type TlsServerFile = NonNullable<WebConfigFile['tls_server_config']>;
