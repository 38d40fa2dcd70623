import type { TlsSettings, TlsVersion } from '../../model/settings/endpoint.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { TLS_DEFAULTS } from '../schema/defaults.js';
import { overlay } from '../schema/layers.js';
import type { TlsFile } from '../schema/schema.js';
import type { TLS_VERSIONS } from '../schema/values.js';

/** The versions as Node.js names them. */
export const TLS_NAMES: Readonly<Record<(typeof TLS_VERSIONS)[number], TlsVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** The settings of a `tls_config`, whose files are tried. */
export function resolveTls(tls: TlsFile, path: Path, review: Review): TlsSettings {
  const { ca_file, cert_file, key_file, server_name, min_version, max_version, insecure_skip_verify } = overlay(
    TLS_DEFAULTS,
    {},
    tls,
  );
  if ((cert_file === undefined) !== (key_file === undefined)) {
    review.report(path, 'cert_file and key_file must be set together');
  }
  if (min_version !== undefined && max_version !== undefined && min_version > max_version) {
    review.report([...path, 'min_version'], `min_version ${min_version} is above max_version ${max_version}`);
  }
  for (const [key, file] of Object.entries({ ca_file, cert_file, key_file })) {
    if (file !== undefined) review.readText([...path, key], file);
  }
  return {
    ...(ca_file !== undefined && { caFile: ca_file }),
    ...(cert_file !== undefined && { certFile: cert_file }),
    ...(key_file !== undefined && { keyFile: key_file }),
    ...(server_name !== undefined && { serverName: server_name }),
    ...(min_version !== undefined && { minVersion: TLS_NAMES[min_version] }),
    ...(max_version !== undefined && { maxVersion: TLS_NAMES[max_version] }),
    insecureSkipVerify: insecure_skip_verify,
  };
}
