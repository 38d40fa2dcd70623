import type { PageJson } from '../http/api/json/page.js';
import { h, setText } from './lib/dom.js';
import { localDayTime } from './lib/times.js';

/** Says which targets do not get forecasts, and which rules no histograms, and why. */
export class TargetBanner {
  readonly element = h('div', { class: 'banner', role: 'alert', hidden: true });

  show({ failing_targets: targets, dropped_histograms: dropped }: PageJson): void {
    const texts = [...targets.map(targetText), ...dropped.map(histogramsText)];
    this.element.hidden = texts.length === 0;
    setText(this.element, texts.join(' '));
  }
}

function targetText({ name, reason, since, only_curves: onlyCurves }: PageJson['failing_targets'][number]): string {
  return `${onlyCurves === true ? 'Curves of the future' : 'Forecasts'} have not reached ${name} since ${localDayTime(since)}: ${reason}.`;
}

function histogramsText({ rule, example, reason }: PageJson['dropped_histograms'][number]): string {
  return `Native histograms such as ${example} are dropped (rule ${rule}): ${reason}.`;
}
