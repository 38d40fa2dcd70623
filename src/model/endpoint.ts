/** How Sentio shows who it is to a peer; at most one of the two is set. Secrets never reach a log. */
export interface Credentials {
  readonly basicAuth?: { readonly username: string; readonly password: string };
  /** Sent as `Authorization: <type> <credentials>`; `type` is `Bearer` unless configured. */
  readonly authorization?: { readonly type: string; readonly credentials: string };
}

/** TLS of an outgoing connection; certificates and keys are PEM text, already read from their files. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly insecureSkipVerify: boolean;
}

/** An HTTP peer: where it is, how to log in, how long to wait. */
export interface Endpoint {
  /** Names the peer in logs and metrics. */
  readonly name: string;
  readonly url: string;
  readonly credentials: Credentials;
  readonly tls?: TlsSettings;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Where history comes from, and how gently it is fetched. */
export interface RemoteReadSettings extends Endpoint {
  /** Remote-read, or Prometheus' HTTP API for databases that do not serve it. */
  readonly api: 'remote_read' | 'query_range';
  /** The longest range of one request. */
  readonly sliceMs: number;
  readonly maxSeriesPerRequest: number;
  readonly maxConcurrentRequests: number;
  /** Rest between an answer and the next request. */
  readonly pauseMs: number;
}

/** A remote_write target and its queue; names as in Prometheus' `queue_config`. */
export interface RemoteWriteSettings extends Endpoint {
  /** Protocol of the requests: `1.0` unless the receiver is known to take `2.0`. */
  readonly protocol: '1.0' | '2.0';
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
