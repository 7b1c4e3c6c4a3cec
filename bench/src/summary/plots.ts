/** The report's pictures. @module */
import { renderPlot } from "@cotangent/viz";
import { curves, type Curve } from "../curves.js";
import { time, type Results } from "../results.js";
import { curvePeers, curvePoints, labelOf, peersOf } from "./sections.js";
import { letters, stepOf } from "./targets.js";

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
  return renderPlot({
    title: "Training steps a second, float32",
    width: 520,
    height: { step: 44 },
    data: { values },
    layer: [
      {
        mark: { type: "rule", color: "#dddddd" },
        encoding: {
          x: { aggregate: "min", field: "steps", type: "quantitative" },
          x2: { aggregate: "max", field: "steps" },
        },
      },
      {
        mark: { type: "point", filled: true, size: 90, opacity: 0.9 },
        encoding: {
          x: {
            field: "steps",
            type: "quantitative",
            scale: { type: "log" },
            title: "steps a second (logarithmic)",
            axis: { format: "~s" },
          },
          color: { field: "peer", type: "nominal", title: null, sort: peers.map(labelOf), scale: { range: colours } },
          shape: { field: "peer", type: "nominal", title: null, sort: peers.map(labelOf) },
        },
      },
    ],
    encoding: { y: { field: "case", type: "nominal", title: null, axis: { labelLimit: 260 } } },
  });
}

/** Enough for all peers at once; those of the library are near each other. */
const colours = [
  "#000000",
  "#0072B2",
  "#3391C9",
  "#7FBADF",
  "#D55E00",
  "#E58B4A",
  "#F2B98C",
  "#009E73",
  "#CC79A7",
  "#8C6BB1",
  "#C9A400",
  "#7A7A7A",
];

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
        axis: { format: "~s" },
        title: "seconds (logarithmic)",
      },
      color: { field: "peer", type: "nominal", title: null, sort: peers.map(labelOf) },
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
