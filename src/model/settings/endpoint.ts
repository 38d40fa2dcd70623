import type { Secret } from '../../lib/files/secret.js';

/** How somebody shows who they are; at most one of the two is set. Secrets never reach a log. */
export interface Credentials {
  readonly basicAuth?: { readonly username: string; readonly password: Secret };
  /** Sent as `Authorization: <type> <credentials>`; `type` is `Bearer` unless configured. */
  readonly authorization?: { readonly type: string; readonly credentials: Secret };
}

/** OAuth 2.0 with client credentials (RFC 6749, 4.4): the token comes from a server of its own. */
export interface OAuth2Settings {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly tokenUrl: string;
  readonly scopes: readonly string[];
  /** Further parameters of the request for a token, such as `audience`. */
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly tls?: TlsSettings;
  readonly proxy?: ProxySettings;
}

/** AWS Signature Version 4, as Amazon Managed Service for Prometheus wants it. */
export interface SigV4Settings {
  readonly region: string;
  /** Absent: those of AWS' environment variables, or of the shared credentials file. */
  readonly keys?: { readonly accessKey: string; readonly secretKey: string };
  /** A section of the shared credentials file. */
  readonly profile?: string;
}

/** By which proxy a peer is reached. */
export interface ProxySettings {
  /** An http:// or https:// URL; absent: what the environment says (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`). */
  readonly url?: string;
  /** Hosts that are reached without it, separated by commas; see `proxyFor`. */
  readonly noProxy?: string;
  /** Headers for the proxy alone. */
  readonly connectHeaders: Readonly<Record<string, string>>;
}

/** As Node.js names it. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** TLS of an outgoing connection; certificates and keys are paths of PEM files, which may change at any time. */
export interface TlsSettings {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly serverName?: string;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  readonly insecureSkipVerify: boolean;
}

/** An HTTP peer: where it is, how to log in, how long to wait. */
export interface Endpoint {
  /** Names the peer in logs and metrics. */
  readonly name: string;
  readonly url: string;
  readonly credentials: Credentials;
  /** Instead of `credentials`. */
  readonly oauth2?: OAuth2Settings;
  /** Instead of `credentials`. */
  readonly sigv4?: SigV4Settings;
  readonly tls?: TlsSettings;
  readonly proxy?: ProxySettings;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Where history comes from, and how gently it is fetched. */
export interface RemoteReadSettings extends Endpoint {
  /** Remote-read, or Prometheus' HTTP API for databases that do not serve it. */
  readonly api: 'remote_read' | 'query_range';
  /** The longest range of one request. */
  readonly windowMs: number;
  readonly maxSeriesPerRequest: number;
  readonly maxConcurrentRequests: number;
  /** Rest between an answer and the next request. */
  readonly pauseMs: number;
}

/** Where queries are evaluated, and how gently they are asked. */
export interface QuerySourceSettings extends Endpoint {
  /** The longest range of one request. */
  readonly windowMs: number;
  readonly maxConcurrentRequests: number;
  /** Rest between an answer and the next request. */
  readonly pauseMs: number;
}

/** A remote_write target and its queue; names as in Prometheus' `queue_config`. */
export interface RemoteWriteSettings extends Endpoint {
  /** Protocol of the requests: `1.0` unless the receiver is known to take `2.0`. */
  readonly protocol: '1.0' | '2.0';
  /** How far ahead of the clock curves of the future are written to it; 0 where none are. */
  readonly futureMs: number;
  /** Samples in one request. */
  readonly maxSamplesPerSend: number;
  /** Samples the queue holds; beyond it the oldest are dropped and counted. */
  readonly capacity: number;
  /** A partly filled request is sent after this long. */
  readonly batchSendDeadlineMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Samples older than this are dropped instead of sent: the target would refuse them. */
  readonly sampleAgeLimitMs: number;
}
