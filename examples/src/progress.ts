/** How far a training is: a bar on a terminal, plain lines elsewhere. */
import cliProgress from "cli-progress";

export interface Progress {
  update(done: number, cost: number): void;
  stop(): void;
}

const format = "  {bar} {percentage}% | {value}/{total} | cost {cost} | {eta_formatted} left";

export function progress(total: number, write: (line: string) => void): Progress {
  if (process.stdout.isTTY !== true) {
    const quarter = Math.max(1, Math.ceil(total / 4));
    return {
      update: (done, cost) => {
        if (done % quarter === 0 || done === total) write(`  ${done}/${total}  cost ${cost.toFixed(6)}`);
      },
      stop: () => undefined,
    };
  }
  // Without escape codes that an interrupted run would leave behind.
  const bar = new cliProgress.SingleBar({ format, linewrap: true, fps: 10 }, cliProgress.Presets.shades_classic);
  bar.start(total, 0, { cost: "…" });
  return { update: (done, cost) => bar.update(done, { cost: cost.toFixed(6) }), stop: () => bar.stop() };
}
