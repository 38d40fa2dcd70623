import type { Server as HttpServer } from 'node:http';
import { dirname } from 'node:path';
import { type SecureContextOptions, Server as TlsServer } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { loadWebConfig, MAX_WEB_CONFIG_BYTES, parseWebConfig } from '../config/web-config.js';
import { watchCertificates } from '../http/server-tls.js';
import type { SecretReader } from '../lib/files/secret.js';
import { WatchedFiles } from '../lib/files/watched-files.js';
import type { ServerTlsSettings, WebSettings } from '../model/settings/web.js';

/** Who logs in is checked by the file as it is; what belongs to the server follows this much later at most. */
const FOLLOW_INTERVAL_MS = 1_000;

/** `--web.config.file`, which is read again when it changes, and so are the certificates it names. */
export class WebConfig {
  /** Whether there is TLS, and what of clients, is decided at the start. */
  readonly tls: { readonly settings: ServerTlsSettings; readonly certificates: SecureContextOptions } | undefined;
  readonly #log: Logger;
  readonly #file: WatchedFiles<WebSettings>;
  #settings: WebSettings;
  /** What the certificates are watched by. */
  #followed: ServerTlsSettings | undefined;
  #certificates: WatchedFiles<SecureContextOptions> | undefined;
  #used: SecureContextOptions | undefined;
  #timer: NodeJS.Timeout | undefined;
  #following = false;

  private constructor(
    path: string,
    settings: WebSettings,
    certificates: { watched: WatchedFiles<SecureContextOptions>; now: SecureContextOptions } | undefined,
    log: Logger,
  ) {
    this.#log = log;
    this.#settings = settings;
    this.#followed = settings.tls;
    this.#certificates = certificates?.watched;
    this.#used = certificates?.now;
    this.tls =
      settings.tls === undefined || certificates === undefined
        ? undefined
        : { settings: settings.tls, certificates: certificates.now };
    this.#file = new WatchedFiles({
      paths: [path],
      maxBytes: MAX_WEB_CONFIG_BYTES,
      make: ([text = '']) => parseWebConfig(text, dirname(path)),
      log,
    });
  }

  /** Rejects with `ConfigError`, or with what is wrong with a certificate. */
  static async open(path: string, log: Logger): Promise<WebConfig> {
    const settings = loadWebConfig(path);
    if (settings.tls === undefined) return new WebConfig(path, settings, undefined, log);
    const watched = watchCertificates(settings.tls, log);
    return new WebConfig(path, settings, { watched, now: await watched.current() }, log);
  }

  /** Whether nobody comes in without a login or a certificate that is checked, as it was at the start. */
  get asksEverybody(): boolean {
    const { tls, users } = this.#settings;
    return Object.keys(users).length > 0 || tls?.clientAuthType === 'RequireAndVerifyClientCert';
  }

  /** Headers of every answer, as they are now. */
  get headers(): Readonly<Record<string, string>> {
    return this.#settings.headers;
  }

  /** The bcrypt hashes of the users, by the file as it is now, or was a second ago. */
  async users(when: keyof SecretReader): Promise<Readonly<Record<string, string>>> {
    this.#settings = await this.#file[when]();
    return this.#settings.users;
  }

  /** Has a server use certificates and headers as they change, until `close`. */
  follow(server: HttpServer): void {
    this.#timer = setInterval(() => {
      // A disk that hangs is asked once.
      if (this.#following) return;
      this.#following = true;
      this.#update(server)
        .catch((err) => this.#log.warn({ err }, 'the certificates of the server cannot be renewed'))
        .finally(() => {
          this.#following = false;
        });
    }, FOLLOW_INTERVAL_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #update(server: HttpServer): Promise<void> {
    this.#settings = await this.#file.current();
    const { tls } = this.#settings;
    if (!isDeepStrictEqual(tls, this.#followed)) this.#tlsChanged(this.#followed, tls);
    this.#followed = tls;
    const certificates = await this.#certificates?.current();
    if (certificates === undefined || certificates === this.#used || !(server instanceof TlsServer)) return;
    server.setSecureContext(certificates);
    this.#used = certificates;
    this.#log.info('the server shows its new certificate');
  }

  #tlsChanged(former: ServerTlsSettings | undefined, tls: ServerTlsSettings | undefined): void {
    if (tls === undefined || former?.clientAuthType !== tls.clientAuthType) {
      this.#log.warn(
        'tls_server_config has changed: whether there is TLS, and client_auth_type, take effect at the next start',
      );
    }
    if (tls !== undefined && this.tls !== undefined) this.#certificates = watchCertificates(tls, this.#log);
  }
}
