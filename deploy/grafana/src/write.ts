// Writes deploy/grafana/dashboards anew: `npm run dashboards`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards, fileText } from './dashboards.js';

const folder = join(import.meta.dirname, '../dashboards');
for (const [file, dashboard] of Object.entries(dashboards())) writeFileSync(join(folder, file), fileText(dashboard));
