import { h, setText } from './dom.js';
import { localTime } from './times.js';

/** Says that the server is gone, for how long what is seen has been old, and when it is asked again. */
export class Connection {
  readonly element = h('div', { class: 'banner', role: 'alert', hidden: true });
  readonly #text = h('span');
  #answeredMs = Date.now();
  #retryMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(tryNow: () => void) {
    this.element.append(this.#text, h('button', { type: 'button', click: tryNow }, 'Try now'));
  }

  answered(): void {
    this.#answeredMs = Date.now();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.element.hidden = true;
    delete document.body.dataset.gone;
  }

  lost(retryInMs: number): void {
    this.#retryMs = Date.now() + retryInMs;
    document.body.dataset.gone = '';
    this.#write();
    this.element.hidden = false;
    this.#timer ??= setInterval(() => this.#write(), 1000);
  }

  #write(): void {
    const seconds = Math.max(0, Math.round((this.#retryMs - Date.now()) / 1000));
    const next = seconds === 0 ? 'Asking again …' : `Asking again in ${seconds} s.`;
    setText(this.#text, `Sentio does not answer. What you see is from ${localTime(this.#answeredMs / 1000)}. ${next}`);
  }
}
