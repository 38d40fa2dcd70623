import type { TlsVersion } from './endpoint.js';

/** What a client has to show of itself, in Go's words, which Prometheus has. */
export type ClientAuthType =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

/** TLS of Sentio's own server; certificates and keys are paths of PEM files, which may change at any time. */
export interface ServerTlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of clients. */
  readonly clientCaFile?: string;
  readonly clientAuthType: ClientAuthType;
  readonly minVersion: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** As OpenSSL names them, joined by colons; absent: those of Node.js. */
  readonly ciphers?: string;
  readonly preferServerCiphers: boolean;
  /** As OpenSSL names them, joined by colons; absent: those of Node.js. */
  readonly curves?: string;
}

/** What `--web.config.file` says. */
export interface WebSettings {
  /** Absent: plain HTTP. */
  readonly tls?: ServerTlsSettings;
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Hashes (bcrypt) of the passwords, by user. */
  readonly users: Readonly<Record<string, string>>;
}
