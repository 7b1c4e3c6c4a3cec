import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program with this terminal and returns its exit code; what a signal ended counts as 128 + its number. */
export function run(program, args, cwd, options = {}) {
  const { status, signal, error } = spawnSync(program, args, { cwd, stdio: "inherit", ...options });
  if (error) {
    console.error(`Could not run ${program}: ${error.message}`);
    return 1;
  }
  return status ?? 128 + (constants.signals[signal] ?? 0);
}
