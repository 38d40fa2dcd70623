import { messageOf } from '../../../lib/errors.js';
import type { HttpAnswer } from '../../http/exchange.js';
import { remedyFor } from './remedy.js';

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'the name of its host is not known',
  EAI_AGAIN: 'the name of its host cannot be resolved now',
  ECONNRESET: 'it cuts off connections',
  ETIMEDOUT: 'it does not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it cannot be reached in time',
  UND_ERR_SOCKET: 'it cuts off connections',
};

/** Why a target does not accept samples, in words for a person who sees only these. */
export function answerText(answer: HttpAnswer, url: string): string {
  const { status } = answer;
  if (status === 401 || status === 403) return `it refuses the login (HTTP ${status})`;
  const remedy = remedyFor(answer, url);
  if (remedy !== undefined) return remedy;
  if (status === 429) return 'it asks to be sent less (HTTP 429)';
  if (status >= 500) return `it fails itself (HTTP ${status})`;
  return `it refuses what is sent (HTTP ${status})`;
}

/** The same where there was no answer. */
export function errorText(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const text = NETWORK[(cause as NodeJS.ErrnoException).code ?? ''];
    if (text !== undefined) return text;
    if (cause.name === 'TimeoutError') return 'it does not answer in time';
  }
  return messageOf(error);
}
