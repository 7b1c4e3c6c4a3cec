/** The report's sections: from results to Markdown. @module */
import * as cases from "../cases.js";
import { curves, slopes, type Curve } from "../curves.js";
import type { Fresh } from "../fresh.js";
import { stepWarmUp } from "../measure.js";
import { isDouble, peerNames } from "../peers/index.js";
import { best, time, type Results } from "../results.js";
import { digits, spread } from "../table.js";
import { table } from "./markdown.js";
import { wideNames } from "./plan.js";
import { anchors, letters, stepOf, targetLines } from "./targets.js";

const labels: Readonly<Record<string, string>> = {
  "hand-written": "wasm by hand",
  "hand-written-accurate": "wasm by hand, accurate functions",
  compiled: "Cotangent compiled",
  cotangent: "Cotangent eager",
  js: "JavaScript loops",
  "tfjs-wasm": "TensorFlow.js wasm",
  "jax-js": "jax-js jit",
  torch: "PyTorch",
};

/** A peer's name for readers; its precision stands in the headline. */
export function labelOf(peer: string): string {
  const base = peer.replace(/-(f32|f64)/, "").replace(/-(2t|blas)$/, "");
  const extra = peer.endsWith("-2t") ? ", 2 threads" : peer.endsWith("-blas") ? ", BLAS" : "";
  return (labels[base] ?? base) + extra;
}

/** Fastest kind first, Cotangent below the ceiling. */
const order = ["hand-written", "compiled", "cotangent", "js", "tfjs", "jax", "torch"];
const rank = (peer: string): number => order.findIndex((start) => peer.startsWith(start));

/** Peers of a precision that have one of these cases. */
export function peersOf(results: Results, double: boolean, names: readonly string[]): readonly string[] {
  return peerNames
    .filter((peer) => peer in results.peers && isDouble(peer) === double)
    .filter((peer) => names.some((name) => time(results, peer, name) !== undefined))
    .sort((a, b) => rank(a) - rank(b));
}

const precisions = [
  ["float32", false],
  ["float64", true],
] as const;

interface Columns {
  readonly heads: readonly string[];
  readonly names: readonly string[];
  /** The figure of a column from the seconds of a run. */
  readonly figure: (seconds: number, column: number) => number;
}

/** Peers as rows, cases as columns. */
function peerTable(results: Results, double: boolean, { heads, names, figure }: Columns): string {
  const rows = peersOf(results, double, names).map((peer) => [
    labelOf(peer),
    ...names.map((name, i) => {
      const timing = results.timings[name]?.[peer];
      return timing === undefined ? "–" : spread(timing, (s) => figure(s, i));
    }),
  ]);
  return rows.length === 0 ? "Not measured." : table(["", ...heads], rows);
}

const bothPrecisions = (results: Results, columns: Columns): string =>
  precisions.map(([name, double]) => `${name}:\n\n${peerTable(results, double, columns)}`).join("\n\n");

const torchThreads = (r: Results): string =>
  "torch-f32-2t" in r.peers ? "the better of one and two threads" : "one thread";

/** Date, machine and load in one line. */
export function machineLine(r: Results): string {
  const clock = r.processorTime ? "seconds of the processor" : "seconds of the clock";
  return `${r.date} UTC, ${r.processor}, ${r.cores} cores, ${r.system}, Node ${r.node.slice(1)}; load ${digits(r.load[0])} before, ${digits(r.load[1])} after; ${clock}, medians of ${r.rounds === 1 ? "one round" : `${r.rounds} rounds`}.`;
}

function trainingSection(r: Results): string {
  const heads = letters.map((letter) => `(${letter})`);
  const names = letters.map(stepOf);
  const list = letters.map((letter) => `- (${letter}) ${stepOf(letter).replace(/^step .: /, "")}`).join("\n");
  return `Steps a second of a full training step, full batch: forward, loss, backward, update.\n\n${list}\n\n${bothPrecisions(r, { heads, names, figure: (s) => 1 / s })}\n\n![Training steps](training.svg)`;
}

function anchorSection(r: Results): string {
  const rows = letters.map((letter) => {
    const compiled = ["compiled-f32", "compiled-f32-2t", "compiled-f32-blas"].map((peer) =>
      time(r, peer, stepOf(letter)),
    );
    const own = best(r, ["torch-f32", "torch-f32-2t"], stepOf(letter));
    const over = (steps: number) => (s: number | undefined) => (s === undefined ? "–" : `${digits(1 / s / steps)} ×`);
    return [
      `(${letter})`,
      own === undefined ? "–" : digits(1 / own),
      digits(anchors[letter]),
      ...compiled.map(over(anchors[letter])),
    ];
  });
  const here = r.peers["torch-f32"] ?? "PyTorch is not installed here";
  return `Here: ${here}. The anchor is ${anchors.about}, the better of one and two threads; ratios to it compare two days, and say less than those of one run.\n\n${table(
    ["", "PyTorch here, steps/s", "anchor, steps/s", "compiled / anchor", "2 threads / anchor", "BLAS / anchor"],
    rows,
  )}`;
}

function targetSection(r: Results): string {
  const rows = targetLines(r).map(({ work, target, reached, met }) => [
    work,
    target,
    reached,
    met === null ? "" : met ? "yes" : "no",
  ]);
  return table(["work", "target", "reached", "met"], rows, ["left", "right", "right", "left"]);
}

function productSection(r: Results): string {
  const sizes = [64, 256, 512, 1024];
  const names = sizes.map(cases.matmulName);
  const plain = bothPrecisions(r, {
    heads: sizes.map((n) => `n = ${n}`),
    names,
    figure: (s, i) => (2 * sizes[i]! ** 3) / s / 1e9,
  });
  const transposed = sizes.map((n) => {
    const rate = (name: string): string => {
      const timing = r.timings[name]?.["cotangent-f32"];
      return timing === undefined ? "–" : spread(timing, (s) => (2 * n ** 3) / s / 1e9);
    };
    const operands = Object.keys(cases.transpositions).map((which) => rate(cases.transposedName(n, which)));
    return [`n = ${n}`, rate(cases.matmulName(n)), ...operands];
  });
  return `GFLOP/s, operands in ordinary arrays, results in new ones.\n\n${plain}\n\nCotangent eager, float32, operands that are transposed views:\n\n${table(["", "plain", ...Object.keys(cases.transpositions)], transposed)}`;
}

function elementwiseSection(r: Results): string {
  const names = wideNames.map(cases.elementwiseName);
  return `Milliseconds for a million elements, eager, copies to and from WebAssembly's memory included; the JavaScript loops call \`Math.exp\` and its like.\n\n${bothPrecisions(r, { heads: wideNames, names, figure: (s) => s * 1e3 })}`;
}

function overheadSection(r: Results): string {
  const ten = peerNames.filter((peer) => time(r, peer, cases.tenOperatorsBackward) !== undefined);
  const rows = ten.map((peer) => [
    `${labelOf(peer)}, ${isDouble(peer) ? "float64" : "float32"}`,
    spread(r.timings[cases.tenOperatorsBackward]![peer]!, (s) => s * 1e6),
  ]);
  return `Ten operators on tensors of four elements, forward and backward:\n\n${table(["", "µs"], rows)}`;
}

function freshSection(r: Results): string {
  const megabytes = (bytes: number | null): string => (bytes === null ? "–" : digits(bytes / 2 ** 20));
  const parts: readonly (readonly [string, (fresh: Fresh) => string])[] = [
    ["First call, ms", ({ first }) => digits(first * 1000)],
    [
      "Calls before those that are at most a third slower than in the end",
      ({ callsUntilSteady }) => `${callsUntilSteady}`,
    ],
    ["Largest size of the process, MB", ({ resident }) => megabytes(resident)],
    ["Array buffers and WebAssembly's memory together at their largest, MB", ({ arrays }) => megabytes(arrays)],
  ];
  const peers = peerNames
    .filter((peer) => letters.some((letter) => r.fresh[stepOf(letter)]?.[peer] !== undefined))
    .sort((a, b) => rank(a) - rank(b));
  const tables = parts.map(([title, show]) => {
    const rows = peers.map((peer) => [
      labelOf(peer),
      ...letters.map((letter) => {
        const fresh = r.fresh[stepOf(letter)]?.[peer];
        return fresh === undefined ? "–" : show(fresh);
      }),
    ]);
    return `${title}:\n\n${table(["", ...letters.map((letter) => `(${letter})`)], rows)}`;
  });
  const loads = peers.map((peer) => {
    const times = letters.flatMap((letter) => r.fresh[stepOf(letter)]?.[peer]?.load ?? []);
    return [labelOf(peer), digits(Math.min(...times) * 1000)];
  });
  return `Every figure from a process of its own, float32. Before the first call comes loading the library:\n\n${table(["", "load, ms"], loads)}\n\n${tables.join("\n\n")}`;
}

/** Where the slope first is nearer to `power` than a quarter, and stays. */
export function settled(steps: readonly (readonly [size: number, slope: number])[], power: number): number | null {
  const off = steps.findLastIndex(([, slope]) => Math.abs(slope - power) > 0.25);
  return off === steps.length - 1 ? null : (steps[off + 1]?.[0] ?? null);
}

/** Points that a peer has, with their seconds. */
export function curvePoints(
  r: Results,
  { points, caseOf }: Curve,
  peer: string,
): readonly (readonly [number, number])[] {
  return points.flatMap((point) => {
    const seconds = time(r, peer, caseOf(point));
    return seconds === undefined ? [] : [[point, seconds] as const];
  });
}

export const curvePeers = (r: Results, curve: Curve): readonly string[] =>
  peersOf(r, curve.name === "scalars", curve.points.map(curve.caseOf)).filter(
    (peer) => curvePoints(r, curve, peer).length > 3,
  );

function curveSection(r: Results, curve: Curve): string {
  const { title, size, power, points } = curve;
  const rows = curvePeers(r, curve).map((peer) => {
    const steps = slopes(curvePoints(r, curve, peer));
    const bySize = new Map(steps);
    const from = settled(steps, power);
    return [
      labelOf(peer),
      ...points.slice(1).map((point) => (bySize.has(point) ? bySize.get(point)!.toFixed(2) : "–")),
      from === null ? "not yet" : digits(from),
    ];
  });
  if (rows.length === 0) return `### ${title}\n\nNot measured.`;
  const heads = ["", ...points.slice(1).map(digits), `${power} ± 0.25 from`];
  return `### ${title}\n\n![${title}](${curve.name}.svg)\n\nSlope on logarithmic scales, from the point before to that many ${size === "n" ? "rows" : size}; the work grows with power ${power} in the end.\n\n${table(heads, rows)}`;
}

/** The whole report. */
export function reportText(r: Results): string {
  const leftOut = [...new Set(Object.values(r.leftOut))].map((why) => {
    const peers = Object.keys(r.leftOut).filter((peer) => r.leftOut[peer] === why);
    return `- left out: ${peers.join(", ")}, since ${why}`;
  });
  const abouts = Object.entries(r.peers).map(([peer, about]) => `- ${peer}: ${about}`);
  return `# Measurements

${machineLine(r)}

\`npm run bench -- --report\` measures all this again and writes this page, its pictures, the results as JSON and the table in the README. Every case of every peer runs in a process of its own (with \`--quick\`, every peer), case by case one peer after another, in rounds; training steps are timed after ${stepWarmUp} seconds, when engines have compiled all of them. Ranges stand where rounds (or, with one round, batches) spread over more than a quarter of the median. Timings differ from machine to machine; compare the ratios.

## Training steps

${trainingSection(r)}

## Targets

float32 unless said otherwise. PyTorch: ${torchThreads(r)}; tfjs-wasm and jax-js run on one.

${targetSection(r)}

## PyTorch, another day

${anchorSection(r)}

## Matrix products

${productSection(r)}

## Elementwise

${elementwiseSection(r)}

## Overhead

${overheadSection(r)}

## First calls and memory

${freshSection(r)}

## Growth

${curves.map((curve) => curveSection(r, curve)).join("\n\n")}

## Who was measured

${[...abouts, ...leftOut].join("\n")}
`;
}

/** The README's table: steps a second. */
export function readmeText(r: Results): string {
  const columns: readonly (readonly [string, readonly string[]])[] = [
    ["Cotangent compiled", ["compiled-f32"]],
    ["compiled, 2 threads", ["compiled-f32-2t"]],
    ["compiled, BLAS", ["compiled-f32-blas"]],
    ["Cotangent eager", ["cotangent-f32"]],
    ["wasm by hand", ["hand-written"]],
    ["TensorFlow.js", ["tfjs-wasm"]],
    ["jax-js", ["jax-js"]],
    ["PyTorch", ["torch-f32", "torch-f32-2t"]],
  ];
  const shown = columns.filter(([, peers]) => peers.some((peer) => peer in r.peers));
  const rows = letters.map((letter) => [
    stepOf(letter).replace(/^step .: /, ""),
    ...shown.map(([, peers]) => {
      const seconds = best(r, peers, stepOf(letter));
      return seconds === undefined ? "–" : digits(1 / seconds);
    }),
  ]);
  const torch = r.peers["torch-f32"]?.split(",")[0];
  return `Training steps a second (forward, loss, backward, update; float32), measured by \`npm run bench -- --report\`:

${table(["", ...shown.map(([label]) => label)], rows)}

${machineLine(r)} ${torch === undefined ? "" : `${torch}, ${torchThreads(r)}; `}TensorFlow.js on its wasm backend. More in [docs/bench](docs/bench/README.md).`;
}
