/**
 * Keys that hold a list or a map, as a file may have them, by the name of the key; where it means something else below
 * another key, by both: `markers.labels`.
 */
export type Examples = ReadonlyMap<string, string>;

/** Of the configuration file. */
export const CONFIG_EXAMPLES = examplesOf([
  'rules: [{name: node, match: [node_load1]}]',
  'match: [node_load1]',
  'queries: [{name: "job:requests:rate", expr: "sum by (job) (rate(http_requests_total[5m]))"}]',
  'labels: {team: shop}',
  'markers: [{name: deploy, match: [build_info], labels: [version]}]',
  'markers.labels: [version]',
  'by: [namespace, job]',
  'defaults: {history: 15d}',
  'remote_write: [{url: "http://localhost:9090/api/v1/write"}]',
  'remote_read: [{url: "http://localhost:9090/api/v1/read"}]',
  'query_sources: [{url: "http://localhost:9090/api/v1/query_range"}]',
  'queue_config: {capacity: 100000}',
  'headers: {X-Scope-OrgID: shop}',
  'basic_auth: {username: sentio, password_file: password.txt}',
  'authorization: {credentials_file: token.txt}',
  'oauth2: {client_id: sentio, client_secret_file: secret.txt, token_url: "https://login.example.com/token"}',
  'scopes: [metrics]',
  'endpoint_params: {audience: metrics}',
  'sigv4: {region: eu-central-1}',
  'tls_config: {ca_file: ca.pem}',
  'proxy_connect_header: {X-Team: [shop]}',
  'calendars: [{name: holidays, country: DE}]',
  'types: [public]',
  'days: [{name: stocktaking, date: 2026-01-02}]',
  'ical: {url: "https://example.com/holidays.ics"}',
  'special_days: [{calendar: holidays, like: sunday}]',
  'exclude: [{name: migration, from: 2026-11-27 18:00, to: 2026-11-27 22:00}]',
  'horizons: [1h, 1d]',
  'histogram: {quantiles: [0.5, 0.99]}',
  'quantiles: [0.5, 0.99]',
  'prophet: {interval_width: 0.95}',
  'changepoints: [2026-01-05]',
  'seasonalities: [{name: fortnight, period: 14d, fourier_order: 3}]',
  'bounds: {min: 0}',
  'limits: {max: 100}',
  'anomaly: {direction: up}',
  'receiver: {external_labels: [replica]}',
  'external_labels: [replica]',
  'writers: [{basic_auth: {username: prometheus, password_file: password.txt}}]',
  'readers: [{basic_auth: {username: grafana, password_file: password.txt}}]',
  'admins: [{basic_auth: {username: admin, password_file: password.txt}}]',
  'engine: {fit_threads: 2}',
  'page: {grafana_url: "https://grafana.example.com"}',
]);

/** Of the web configuration. */
export const WEB_EXAMPLES = examplesOf([
  'basic_auth_users: {prometheus: $2y$10$…}',
  'tls_server_config: {cert_file: server.pem, key_file: server.key}',
  'cipher_suites: [TLS_AES_256_GCM_SHA384]',
  'curve_preferences: [X25519]',
  'http_server_config: {http2: true}',
  'headers: {X-Frame-Options: deny}',
]);

function examplesOf(examples: readonly string[]): Examples {
  return new Map(
    examples.map((example) => {
      const place = example.slice(0, example.indexOf(':'));
      return [place, example.slice(place.lastIndexOf('.') + 1)];
    }),
  );
}
