import { type ReplayOptions, replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import type { Instance, Outcome } from './instance.js';

/** What `sentio backtest` at default settings says of an instance. */
export function replayInstance({ metric, stepMs, samples }: Instance, options: ReplayOptions = {}): Outcome {
  const { settings } = parseConfig('{}', '.').rules[0]!;
  const rule = { name: 'default', selectors: [], settings: settingsAtStep(settings, stepMs) };
  return replay(samples, makeLabels({ __name__: metric }), rule, options);
}
