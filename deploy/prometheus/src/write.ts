// Writes deploy/prometheus/rules anew: `npm run alerts`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileText } from './rule-file.js';
import { RULE_FILES } from './rule-files.js';

const folder = join(import.meta.dirname, '../rules');
for (const [name, file] of Object.entries(RULE_FILES)) writeFileSync(join(folder, name), fileText(file));
