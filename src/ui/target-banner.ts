import type { PageJson } from '../http/api/api.js';
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

function targetText({ name, reason, since }: PageJson['failing_targets'][number]): string {
  return `Forecasts have not reached ${name} since ${localDayTime(since)}: ${reason}.`;
}
