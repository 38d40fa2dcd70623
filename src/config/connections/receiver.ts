import { parseDuration } from '../../lib/durations.js';
import type { ReceiverSettings } from '../../model/settings/receiver.js';
import type { Review } from '../document/review.js';
import { RECEIVER_DEFAULTS } from '../schema/defaults.js';
import { overlay } from '../schema/layers.js';
import type { AuthFile, ReceiverFile } from '../schema/schema.js';
import { resolveCredentials } from './credentials.js';

/** Defaults that depend on the machine and on flags. */
export interface MachineDefaults {
  readonly max_series?: number;
}

/** The section `receiver` with every key filled in. */
export type EffectiveReceiver = ReturnType<typeof fillReceiver>;

/** `machine` holds the defaults that depend on where Sentio runs. */
export function fillReceiver(receiver: ReceiverFile, machine: MachineDefaults = {}) {
  return overlay({ ...RECEIVER_DEFAULTS, ...machine }, {}, receiver);
}

/** The section as the rest of Sentio takes it. */
export function resolveReceiver(receiver: EffectiveReceiver, review: Review): ReceiverSettings {
  const { max_body_bytes, max_inflight_bytes } = receiver;
  if (max_body_bytes > max_inflight_bytes) {
    review.report(
      review.firstPresent([
        ['receiver', 'max_body_bytes'],
        ['receiver', 'max_inflight_bytes'],
      ]),
      `max_body_bytes ${max_body_bytes} is more than max_inflight_bytes ${max_inflight_bytes}`,
    );
  }
  const logins = (key: 'writers' | 'readers' | 'admins') =>
    receiver[key].map((auth: AuthFile, i) => {
      const path = ['receiver', key, i];
      if (auth.basic_auth === undefined && auth.authorization === undefined) {
        review.report(path, 'basic_auth or authorization is missing: the login would admit everybody');
      }
      return resolveCredentials(auth, path, review);
    });
  return {
    maxBodyBytes: max_body_bytes,
    maxDecodedBytes: receiver.max_decoded_bytes,
    maxInflightBytes: max_inflight_bytes,
    maxConcurrentRequests: receiver.max_concurrent_requests,
    requestTimeoutMs: parseDuration(receiver.request_timeout),
    maxSamplesPerRequest: receiver.max_samples_per_request,
    maxSeries: receiver.max_series,
    maxNewSeriesPerSecond: receiver.max_new_series_per_second || Number.POSITIVE_INFINITY,
    maxSamplesPerSecond: receiver.max_samples_per_second || Number.POSITIVE_INFINITY,
    maxLabels: receiver.max_labels,
    maxLabelNameBytes: receiver.max_label_name_bytes,
    maxLabelValueBytes: receiver.max_label_value_bytes,
    maxFutureMs: parseDuration(receiver.max_future),
    maxReadSeries: receiver.max_read_series,
    maxReadSamples: receiver.max_read_samples,
    readTimeoutMs: parseDuration(receiver.read_timeout),
    writers: logins('writers'),
    readers: logins('readers'),
    admins: logins('admins'),
    externalLabels: receiver.external_labels,
  };
}
