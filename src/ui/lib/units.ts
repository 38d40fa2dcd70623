/** The unit of the values of a series, by the name of the metric (prometheus.io/docs/practices/naming). */
export interface Unit {
  /** Written behind the number; `''` for a bare count. */
  readonly symbol: string;
  /** Values are multiplied by this before they are shown: 100 turns a ratio into per cent. */
  readonly factor: number;
  /** `si`: k, M, m, µ … before the symbol; `time`: also min, h, d; `date`: the value is a Unix time in seconds. */
  readonly scale: 'si' | 'time' | 'date' | 'plain';
}

const COUNT: Unit = { symbol: '', factor: 1, scale: 'si' };
const DATE: Unit = { symbol: '', factor: 1, scale: 'date' };

const UNITS: Readonly<Record<string, Unit>> = {
  bytes: si('B'),
  bits: si('bit'),
  seconds: { symbol: 's', factor: 1, scale: 'time' },
  milliseconds: { symbol: 's', factor: 1e-3, scale: 'time' },
  percent: plain('%'),
  ratio: { symbol: '%', factor: 100, scale: 'plain' },
  celsius: plain('°C'),
  hertz: si('Hz'),
  volts: si('V'),
  amperes: si('A'),
  watts: si('W'),
  joules: si('J'),
  meters: si('m'),
  grams: si('g'),
};

/** The unit of a metric, by its suffix; of its rate where the aggregate is one. */
export function unitOf(metricName: string, aggregate: string): Unit {
  if (/_(timestamp|(start|boot)_time)_seconds$/.test(metricName)) return DATE;
  const suffix = /([a-z]+)$/i.exec(metricName.replace(/_(total|sum)$/, ''))?.[1]?.toLowerCase() ?? '';
  const unit = (metricName.includes('_') && UNITS[suffix]) || COUNT;
  if (aggregate !== 'rate') return unit;
  return { ...unit, symbol: `${unit.symbol}/s`, scale: unit.scale === 'plain' ? 'plain' : 'si' };
}

function si(symbol: string): Unit {
  return { symbol, factor: 1, scale: 'si' };
}

function plain(symbol: string): Unit {
  return { symbol, factor: 1, scale: 'plain' };
}
