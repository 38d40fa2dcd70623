import { Presets, SingleBar } from 'cli-progress';

/** A progress bar on standard error, where that is a terminal: `replaying [####----] 30/60 series, 12s left`. */
export function progressBar({ verb, total, noun }: { verb: string; total: number; noun: string }): {
  increment(): void;
  stop(): void;
} {
  const bar = new SingleBar(
    {
      format: `${verb} [{bar}] {value}/{total} ${noun}, {eta_formatted} left`,
      hideCursor: true,
      noTTYOutput: false,
      stopOnComplete: true,
    },
    Presets.rect,
  );
  bar.start(total, 0);
  return bar;
}
