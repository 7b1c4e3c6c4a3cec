/** Figures and ratios as text. @module */
import { cases } from "./cases.js";

/** Seconds of one run, by case and peer. */
export type Seconds = ReadonlyMap<string, ReadonlyMap<string, number>>;

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "))
    .join("\n");
}

const digits = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));

export function figures(seconds: Seconds, peers: readonly string[]): string {
  const rows = cases
    .filter(({ name }) => seconds.has(name))
    .map(({ name, unit, figure }) => [
      name,
      unit,
      ...peers.map((peer) => {
        const s = seconds.get(name)!.get(peer);
        return s === undefined ? "–" : digits(figure(s));
      }),
    ]);
  return aligned([["", "unit", ...peers], ...rows]);
}

/** How many times as fast Cotangent is as each peer: over 1 it wins. Peers in float64 meet float64, the others float32. */
export function ratios(seconds: Seconds, peers: readonly string[]): string {
  const others = peers.filter((peer) => !peer.startsWith("cotangent"));
  const rows = cases
    .filter(({ name }) => seconds.has(name))
    .map(({ name }) => [
      name,
      ...others.map((peer) => {
        const figures = seconds.get(name)!;
        const own = figures.get(peer.endsWith("f64") ? "cotangent-f64" : "cotangent-f32");
        const its = figures.get(peer);
        return own === undefined || its === undefined ? "–" : `×${digits(its / own)}`;
      }),
    ]);
  return aligned([["", ...others], ...rows]);
}
