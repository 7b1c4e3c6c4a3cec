/** The report's pictures. @module */
import { renderPlot } from "@cotangent/viz";
import { curves, type Curve } from "../curves.js";
import { time, type Results } from "../results.js";
import { curvePeers, curvePoints, labelOf, peersOf } from "./sections.js";
import { letters, stepOf } from "./targets.js";

/** One colour a kind of peer, lighter with threads and with a BLAS. */
const colours: readonly (readonly [start: string, colour: string, threads: string, blas: string])[] = [
  ["hand", "#000000", "#000000", "#000000"],
  ["compiled", "#0072B2", "#56A5D1", "#A3CFE8"],
  ["cotangent", "#D55E00", "#E99A5B", "#F4C9A6"],
  ["js", "#999999", "#999999", "#999999"],
  ["tfjs", "#009E73", "#009E73", "#009E73"],
  ["jax", "#CC79A7", "#CC79A7", "#CC79A7"],
  ["torch", "#6A4C93", "#A48CC4", "#A48CC4"],
];

function colourOf(peer: string): string {
  const [, plain, threads, blas] = colours.find(([start]) => peer.startsWith(start))!;
  return peer.endsWith("-2t") ? threads : peer.endsWith("-blas") ? blas : plain;
}

/** The channel that tells peers apart, in the order given. */
const byPeer = (peers: readonly string[], range?: readonly string[]): object => ({
  field: "peer",
  type: "nominal",
  title: null,
  scale: { domain: peers.map(labelOf), ...(range === undefined ? {} : { range }) },
  legend: { labelLimit: 0 },
});

/** Steps a second of every peer, one row a case, logarithmic. */
async function trainingPlot(r: Results): Promise<string> {
  const names = letters.map(stepOf);
  const peers = peersOf(r, false, names).filter((peer) => !peer.startsWith("js"));
  const values = letters.flatMap((letter) =>
    peers.flatMap((peer) => {
      const seconds = time(r, peer, stepOf(letter));
      return seconds === undefined
        ? []
        : [{ case: stepOf(letter).replace(/^step (.): /, "($1) "), peer: labelOf(peer), steps: 1 / seconds }];
    }),
  );
  const y = { field: "case", type: "nominal", title: null, axis: { labelLimit: 0 } };
  return renderPlot({
    title: "Training steps a second, float32",
    width: 520,
    height: { step: 44 },
    data: { values },
    layer: [
      {
        mark: { type: "rule", color: "#dddddd" },
        encoding: {
          y,
          x: { aggregate: "min", field: "steps", type: "quantitative" },
          x2: { aggregate: "max", field: "steps" },
        },
      },
      {
        mark: { type: "point", filled: true, size: 90, opacity: 0.9 },
        encoding: {
          y,
          x: {
            field: "steps",
            type: "quantitative",
            scale: { type: "log" },
            title: "steps a second (logarithmic)",
            axis: { format: "~s" },
          },
          color: byPeer(peers, peers.map(colourOf)),
          shape: byPeer(peers),
        },
      },
    ],
  });
}

/** Ten nanoseconds to a thousand seconds. */
const decades = Array.from({ length: 12 }, (_, i) => Number(`1e${i - 8}`));

async function curvePlot(r: Results, curve: Curve): Promise<string> {
  const peers = curvePeers(r, curve);
  const values = peers.flatMap((peer) =>
    curvePoints(r, curve, peer).map(([size, seconds]) => ({ peer: labelOf(peer), size, seconds })),
  );
  return renderPlot({
    title: curve.title,
    width: 520,
    height: 320,
    data: { values },
    mark: { type: "line", point: { size: 36 }, strokeWidth: 2 },
    encoding: {
      x: {
        field: "size",
        type: "quantitative",
        scale: { type: "log", nice: false },
        axis: { values: curve.points, format: curve.name === "scalars" ? "~s" : "d", grid: false },
        title: curve.size,
      },
      y: {
        field: "seconds",
        type: "quantitative",
        scale: { type: "log" },
        axis: { values: decades, labelExpr: "format(datum.value, '~s') + 's'" },
        title: "time of one run (logarithmic)",
      },
      color: byPeer(peers, peers.map(colourOf)),
    },
  });
}

/** By file name. */
export async function plots(r: Results): Promise<Readonly<Record<string, string>>> {
  const drawn: Record<string, string> = {};
  if (letters.some((letter) => stepOf(letter) in r.timings)) drawn["training.svg"] = await trainingPlot(r);
  for (const curve of curves)
    if (curvePeers(r, curve).length > 0) drawn[`${curve.name}.svg`] = await curvePlot(r, curve);
  return drawn;
}
