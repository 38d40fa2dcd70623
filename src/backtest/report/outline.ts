/** Where a line goes in a picture: horizontal and vertical coordinates, pieces separated by NaN in both. */
export interface Outline {
  readonly x: number[];
  readonly y: number[];
}

/** What a picture shows: a part of the series, and where its points are. */
export interface Frame {
  /** Rows [first, end). */
  readonly first: number;
  readonly end: number;
  readonly xOf: (timeMs: number) => number;
  readonly yOf: (value: number) => number;
  /** Neighbours further apart are not joined. */
  readonly maxGapMs: number;
}

/**
 * The line of a column, thinned so that nothing is lost that can be seen: of the rows that fall into one unit of width the
 * smallest and the largest value, in the order in which they came.
 */
export function outline(timesMs: Float64Array, values: Float64Array, frame: Frame): Outline {
  const { first, end, xOf, yOf, maxGapMs } = frame;
  const line: Outline = { x: [], y: [] };
  const add = (row: number) => {
    line.x.push(xOf(timesMs[row]!));
    line.y.push(yOf(values[row]!));
  };
  let lastMs = Number.NaN;
  for (let i = first; i < end; ) {
    const unit = Math.floor(xOf(timesMs[i]!));
    let [low, high] = [-1, -1];
    for (; i < end && Math.floor(xOf(timesMs[i]!)) === unit; i++) {
      if (!Number.isFinite(values[i]!)) continue;
      if (low < 0 || values[i]! < values[low]!) low = i;
      if (high < 0 || values[i]! > values[high]!) high = i;
    }
    if (low < 0) continue;
    const [one, other] = low < high ? [low, high] : [high, low];
    if (timesMs[one]! - lastMs > maxGapMs) {
      line.x.push(Number.NaN);
      line.y.push(Number.NaN);
    }
    add(one);
    if (other !== one) add(other);
    lastMs = timesMs[other]!;
  }
  return line;
}

/** The interval of two columns as closed pieces, thinned as `outline` is: of rows in one unit of width the lowest and the highest edge. */
export function intervalOutline(
  timesMs: Float64Array,
  { lower, upper }: { lower: Float64Array; upper: Float64Array },
  { first, end, xOf, yOf, maxGapMs }: Frame,
): string {
  let path = '';
  let top = '';
  let bottom = '';
  const close = () => {
    if (top !== '') path += `M${top}${bottom}Z`;
    [top, bottom] = ['', ''];
  };
  let lastMs = Number.NaN;
  for (let i = first; i < end; ) {
    const unit = Math.floor(xOf(timesMs[i]!));
    const x = xOf(timesMs[i]!);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const startMs = timesMs[i]!;
    for (; i < end && Math.floor(xOf(timesMs[i]!)) === unit; i++) {
      if (lower[i]! < low) low = lower[i]!;
      if (upper[i]! > high) high = upper[i]!;
    }
    if (low > high || startMs - lastMs > maxGapMs) close();
    if (low > high) continue;
    top += `${top === '' ? '' : 'L'}${point(x, yOf(high))}`;
    bottom = `L${point(x, yOf(low))}${bottom}`;
    lastMs = timesMs[i - 1]!;
  }
  close();
  return path;
}

/** As the `d` of an SVG path. */
export function pathOf({ x, y }: Outline): string {
  let path = '';
  let verb = 'M';
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i]!)) {
      verb = 'M';
      continue;
    }
    path += `${verb}${point(x[i]!, y[i]!)}`;
    verb = 'L';
  }
  return path;
}

function point(x: number, y: number): string {
  return `${Number(x.toFixed(1))} ${Number(y.toFixed(1))}`;
}
