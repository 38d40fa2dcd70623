import { Gauge, type Registry } from 'prom-client';

const LABELS = ['grafana_url', 'docs_url', 'page_url'] as const;

/** Addresses as they are configured; `page_url` is that of Sentio's own page. */
export type Links = { readonly [name in (typeof LABELS)[number]]?: string | undefined };

/** Registers `sentio_links_info`, from which alert rules take the addresses of their links. `links` is asked at each scrape. */
export function registerLinksMetric(registry: Registry, links: () => Links): void {
  new Gauge({
    name: 'sentio_links_info',
    help: 'Always 1; the labels are the addresses that links of alerts begin with.',
    labelNames: LABELS,
    registers: [registry],
    collect() {
      this.reset();
      const addresses = links();
      this.set(Object.fromEntries(LABELS.map((name) => [name, withoutSlash(addresses[name])])), 1);
    },
  });
}

/** Without a slash at its end, because a path follows. */
function withoutSlash(url: string | undefined): string {
  return url?.replace(/\/+$/, '') ?? '';
}
