import { Gauge, type Registry } from 'prom-client';
import type { PageFile } from '../config/schema/schema.js';

const LABELS = ['grafana_url', 'docs_url'] as const;

/** Registers `sentio_links_info`, from which alert rules take the addresses of their links. `page` is asked at each scrape. */
export function registerLinksMetric(registry: Registry, page: () => PageFile): void {
  new Gauge({
    name: 'sentio_links_info',
    help: 'Always 1; the labels are the addresses, from the section page, that links of alerts begin with.',
    labelNames: LABELS,
    registers: [registry],
    collect() {
      this.reset();
      const links = page();
      this.set(Object.fromEntries(LABELS.map((name) => [name, withoutSlash(links[name])])), 1);
    },
  });
}

/** Without a slash at its end, for a path follows. */
function withoutSlash(url: string | undefined): string {
  return url?.replace(/\/+$/, '') ?? '';
}
