import { ANOMALIES } from './anomalies.js';
import { FORECASTS } from './forecasts.js';
import { MISSING } from './missing.js';
import type { RuleFile } from './rule-file.js';
import { SENTIO } from './sentio.js';

/** Every file of alert rules by its name in `deploy/prometheus/rules`. */
export const RULE_FILES: Readonly<Record<string, RuleFile>> = {
  'anomalies.yml': ANOMALIES,
  'forecasts.yml': FORECASTS,
  'missing.yml': MISSING,
  'sentio.yml': SENTIO,
};
