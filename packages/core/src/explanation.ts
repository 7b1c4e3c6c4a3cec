/**
 * What `explain` found, as text.
 * @module
 */
import { headline, rangeLines, type Anomaly } from "./anomaly.js";
import type { LayerGradient } from "./layers.js";
import { showNumber } from "./print.js";
import { badWord, showRange, type Range } from "./range.js";

interface Found {
  readonly ok: boolean;
  readonly output: Range;
  readonly first: Anomaly | null;
  readonly anomalies: readonly Anomaly[];
  readonly layers: readonly LayerGradient[];
}

const listed = (names: readonly string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(", ")} and ${names.length - 8} more` : names.join(", ");

function verdict({ output, layers }: Found): string {
  const parameters = layers.flatMap(({ parameters: names }) => names).length;
  const bad = layers.filter((row) => row.verdict === "not finite").map(({ layer }) => layer);
  const value = badWord(output) === "" ? `${showRange(output)}, finite` : showRange(output);
  const gradients = bad.length === 0 ? `of ${parameters} variables finite` : `not finite in ${listed(bad)}`;
  return `output ${value}; gradients ${gradients}`;
}

function details(anomaly: Anomaly): string[] {
  const { flowsTo, remedy } = anomaly;
  return [
    ...rangeLines(anomaly),
    ...(flowsTo.length === 0 ? [] : [`spoils the gradients of ${listed(flowsTo)}`]),
    `remedy: ${remedy}`,
  ];
}

/** Columns under each other: the first to the left, figures to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

function layerTable(layers: readonly LayerGradient[]): string[] {
  const rows = layers.map(({ layer, size, norm, gradientNorm, rms, relative, verdict: word }) => [
    layer,
    ...[size, norm, gradientNorm, rms].map((value) => showNumber(value, 3)),
    relative === null ? "–" : showNumber(relative, 3),
    word === "fine" ? "" : word,
  ]);
  return table([["layer", "size", "‖w‖", "‖g‖", "rms of g", "to last", ""], ...rows]);
}

/** The verdict, the first anomaly at length, the others in a line each, and the table of layers. */
export function showExplanation(found: Found): string {
  const { first, anomalies, layers } = found;
  const others = anomalies.filter((each) => each !== first);
  const outcome = ({ phase, reaches }: Anomaly): string =>
    phase === "backward" || reaches ? "" : " (masked: it does not reach the output)";
  return [
    `explain: ${verdict(found)}`,
    ...(first === null ? [] : [`first: ${headline(first)}`, ...details(first).map((line) => `  ${line}`)]),
    ...others.map((each) => `also: ${headline(each)}${outcome(each)}`),
    "gradients by layer, from the input to the output:",
    ...layerTable(layers).map((line) => `  ${line}`),
  ].join("\n");
}
