import type { Server as HttpServer } from 'node:http';
import { type SecureContextOptions, type TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import { checkCertificates } from '../lib/files/check-certificates.js';
import { MAX_SECRET_BYTES } from '../lib/files/secret.js';
import { WatchedFiles } from '../lib/files/watched-files.js';
import { ThrottledLog } from '../lib/throttled-log.js';
import type { ClientAuthType, ServerTlsSettings } from '../model/settings/web.js';

const HANDSHAKE_TIMEOUT_MS = 10_000;
const WARN_INTERVAL_MS = 60_000;

/** Whether a client is asked for a certificate, and whether the handshake fails without one of a known authority. */
const CLIENT_AUTH: Readonly<Record<ClientAuthType, Pick<TlsOptions, 'requestCert' | 'rejectUnauthorized'>>> = {
  NoClientCert: { requestCert: false },
  RequestClientCert: { requestCert: true, rejectUnauthorized: false },
  RequireAnyClientCert: { requestCert: true, rejectUnauthorized: false },
  VerifyClientCertIfGiven: { requestCert: true, rejectUnauthorized: false },
  RequireAndVerifyClientCert: { requestCert: true, rejectUnauthorized: true },
};

/** What the files of these settings hold, read again when they change; what does not belong together is not used. */
export function watchCertificates(tls: ServerTlsSettings, log: Logger): WatchedFiles<SecureContextOptions> {
  const { certFile, keyFile, clientCaFile } = tls;
  const paths = [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])];
  return new WatchedFiles({
    paths,
    maxBytes: MAX_SECRET_BYTES,
    make: ([cert = '', key = '', ca]) => {
      const options = { ...contextOptions(tls), cert, key, ...(ca !== undefined && { ca }) };
      checkCertificates(options, paths);
      return options;
    },
    log,
  });
}

/** The options of a server that does not listen yet. */
export function serverTlsOptions(tls: ServerTlsSettings, certificates: SecureContextOptions): TlsOptions {
  return { ...certificates, ...CLIENT_AUTH[tls.clientAuthType], handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
}

/** Has a server do what the handshake itself does not: see to the certificates of clients, and say why one failed. */
export function guardHandshakes(
  server: HttpServer,
  clientAuthType: ClientAuthType,
  log: Logger,
  now: () => number,
): void {
  if (!(server instanceof TlsServer)) return;
  const warnings = new ThrottledLog(log, WARN_INTERVAL_MS, now);
  server.on('tlsClientError', ({ message }: Error, { remoteAddress }: TLSSocket) => {
    warnings.warn({ address: remoteAddress, reason: message }, 'a TLS handshake failed');
  });
  // Before everybody else who listens, so that no request of such a connection is seen.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const reason = objection(socket, clientAuthType);
    if (reason === undefined) return;
    warnings.warn({ address: socket.remoteAddress, reason }, 'a TLS handshake failed');
    socket.destroy();
  });
}

/** What is wrong with the certificate that a client has shown, or not. */
function objection(socket: TLSSocket, clientAuthType: ClientAuthType): string | undefined {
  const isShown = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
  if (clientAuthType === 'RequireAnyClientCert' && !isShown) return 'the client has shown no certificate';
  if (clientAuthType === 'VerifyClientCertIfGiven' && isShown && !socket.authorized) {
    return `the certificate of the client is not good: ${socket.authorizationError}`;
  }
  return undefined;
}

function contextOptions(tls: ServerTlsSettings): SecureContextOptions {
  const { minVersion, maxVersion, ciphers, curves, preferServerCiphers } = tls;
  return {
    minVersion,
    ...(maxVersion !== undefined && { maxVersion }),
    ...(ciphers !== undefined && { ciphers }),
    ...(curves !== undefined && { ecdhCurve: curves }),
    honorCipherOrder: preferServerCiphers,
  };
}
