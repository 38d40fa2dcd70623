import type { PageJson } from '../http/api/json/page.js';
import { h, setText } from './lib/dom.js';
import { localDayTime } from './lib/times.js';

/** Says which targets do not get forecasts, and why. */
export class TargetBanner {
  readonly element = h('div', { class: 'banner', role: 'alert', hidden: true });

  show(targets: PageJson['failing_targets']): void {
    this.element.hidden = targets.length === 0;
    setText(this.element, targets.map(targetText).join(' '));
  }
}

function targetText({ name, reason, since, only_curves: onlyCurves }: PageJson['failing_targets'][number]): string {
  return `${onlyCurves === true ? 'Curves of the future' : 'Forecasts'} have not reached ${name} since ${localDayTime(since)}: ${reason}.`;
}
