/** Figures and ratios as text. @module */
import { cases, curveCases } from "./cases.js";
import { isDouble } from "./peers/index.js";
import { time, type Results, type Timing } from "./results.js";

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "))
    .join("\n");
}

/** Three digits, and no exponent. */
export const digits = (x: number): string =>
  Math.abs(x) >= 100 ? Math.round(x).toLocaleString("en-US") : Number(x.toPrecision(3)).toString();

/** Rounds (or batches) that lie further apart than this part of their median are shown. */
const spreadShown = 0.25;

/** A figure of seconds, with its range where it spreads. */
export function spread({ median, low, high }: Timing, figure: (seconds: number) => number): string {
  const ends = [figure(low), figure(high)].sort((a, b) => a - b).map(digits);
  return digits(figure(median)) + (high - low > spreadShown * median ? ` [${ends.join("–")}]` : "");
}

const measured = (results: Results): typeof cases =>
  [...cases, ...curveCases].filter(({ name }) => name in results.timings);

export function figures(results: Results): string {
  const peers = Object.keys(results.peers);
  const rows = measured(results).map(({ name, unit, figure }) => [
    name,
    unit,
    ...peers.map((peer) => {
      const seconds = time(results, peer, name);
      return seconds === undefined ? "–" : digits(figure(seconds));
    }),
  ]);
  return aligned([["", "unit", ...peers], ...rows]);
}

/** How many times as fast Cotangent is as each peer: over 1 it wins. Peers in float64 meet float64, the others float32. */
export function ratios(results: Results, own: "cotangent" | "compiled"): string {
  const others = Object.keys(results.peers).filter((peer) => !/^(cotangent|compiled)/.test(peer));
  const rows = measured(results).flatMap(({ name }) => {
    const cells = others.map((peer) => {
      const mine = time(results, isDouble(peer) ? `${own}-f64` : `${own}-f32`, name);
      const its = time(results, peer, name);
      return mine === undefined || its === undefined ? "–" : `×${digits(its / mine)}`;
    });
    return cells.every((cell) => cell === "–") ? [] : [[name, ...cells]];
  });
  return rows.length === 0 ? "" : aligned([["", ...others], ...rows]);
}
