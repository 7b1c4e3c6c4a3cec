/**
 * How a command ends.
 * @module
 */
import { CotangentError } from "@cotangent/core";

/** Runs a command; an error that was foreseen becomes one line and an exit code. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  // Whoever reads the output may stop, as head does; that ends the job without ado.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  try {
    await main();
  } catch (error) {
    if (!(error instanceof CotangentError)) throw error;
    console.error(`${error.name}: ${error.message}`);
    process.exitCode = 1;
  }
}
