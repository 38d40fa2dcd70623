const MAX_LENGTH = 120;

/** Makes names of files of the names of series; those that would be the same get a number. */
export function uniqueFileNames(): (series: string) => string {
  const taken = new Map<string, number>();
  return (series) => {
    const plain = series
      .replaceAll(/[^\w.:-]+/g, '_')
      .replaceAll(/^[_.]+|_+$/g, '')
      .slice(0, MAX_LENGTH);
    const count = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, count);
    return count === 1 ? plain : `${plain}-${count}`;
  };
}
