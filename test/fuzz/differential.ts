import assert from 'node:assert/strict';
import { protoRoot } from '../wire/proto.js';

/** A series as protobufjs reads it: a reader of other people's, by reflection, that shares no code with the product's. */
export interface ReflectedSeries {
  /** 1.0 and answers: names and values; 2.0: references. */
  readonly labels?: readonly { readonly name?: string; readonly value?: string }[];
  readonly samples?: readonly { readonly value?: number; readonly timestamp?: number }[];
}

/** Decodes by reflection; undefined where protobufjs refuses the bytes. */
export function reflect<T>(type: string, bytes: Uint8Array): T | undefined {
  const messageType = protoRoot.lookupType(type);
  try {
    return messageType.toObject(messageType.decode(bytes), { longs: Number, arrays: true, defaults: true }) as T;
  } catch {
    return undefined;
  }
}

/** Samples of series in the columns of a batch must be those that protobufjs reads. */
export function assertSameSamples(
  have: {
    readonly timesMs: Float64Array;
    readonly values: Float64Array;
    readonly stale: Uint8Array;
    readonly sampleCount: number;
  },
  want: readonly ReflectedSeries[],
): void {
  const samples = want.flatMap((series) => series.samples ?? []);
  assert.equal(have.sampleCount, samples.length, 'another number of samples than protobufjs reads');
  samples.forEach(({ value = 0, timestamp = 0 }, i) => {
    assert.equal(have.timesMs[i], timestamp, 'another timestamp than protobufjs reads');
    if (have.stale[i] === 1) assert.ok(Number.isNaN(value));
    else assert.ok(Object.is(have.values[i], value) || have.values[i] === value, 'another value than protobufjs reads');
  });
}
