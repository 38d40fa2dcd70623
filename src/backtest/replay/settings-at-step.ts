import { defaultResolutionMs } from '../../config/rules/fill-rule.js';
import type { SeriesSettings } from '../../model/settings/settings.js';

/**
 * A rule's settings for another step. What is shorter than the step grows to it, and the resolution is the default one
 * for the step: the recorded data may be coarser than anything the rule was written for.
 */
export function settingsAtStep(settings: SeriesSettings, stepMs: number): SeriesSettings {
  if (stepMs === settings.stepMs) return settings;
  return {
    ...settings,
    stepMs,
    resolutionMs: defaultResolutionMs(settings.historyMs, stepMs),
    refitIntervalMs: Math.max(settings.refitIntervalMs, stepMs),
    horizonMs: Math.max(settings.horizonMs, stepMs),
  };
}
