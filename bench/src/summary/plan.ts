/** What a report measures: by peer, the cases that say something about it. @module */
import * as cases from "../cases.js";
import { curves } from "../curves.js";
import { peerNames } from "../peers/index.js";

type Group = readonly string[];

const training: Group = Object.keys(cases.training);
const products: Group = cases.matrixSizes.map(cases.matmulName);
const largeProducts: Group = [256, 512, 1024].map(cases.matmulName);
const transposed = (sizes: readonly number[]): Group =>
  sizes.flatMap((n) => Object.keys(cases.transpositions).map((which) => cases.transposedName(n, which)));
export const wideNames = ["add", "exp", "tanh", "sigmoid"] as const;
const wide: Group = wideNames.map(cases.elementwiseName);
const ten: Group = [cases.tenOperatorsBackward];
const scalars: Group = [cases.scalarGraph, cases.youngGraph];
const curve = (wanted: string): Group =>
  curves.filter(({ name }) => name === wanted).flatMap(({ points, caseOf }) => points.map(caseOf));
const growth: Group = [...curve("batch"), ...curve("depth")];
/** What threads or a BLAS can speed up. */
const switched: Group = [...training.filter((name) => /^step [acd]/.test(name)), ...largeProducts];

const plan: Readonly<Record<string, Group>> = {
  "cotangent-f64": [...training, ...products, ...transposed([512]), ...wide, ...ten, ...scalars, ...curve("scalars")],
  "cotangent-f32": [...training, ...products, ...transposed(cases.transposedSizes), ...wide, ...ten, ...growth],
  "compiled-f64": [...training, ...ten, ...curve("scalars")],
  "compiled-f32": [...training, ...products, ...ten, ...growth],
  "cotangent-f64-2t": [...switched, ...wide],
  "cotangent-f32-2t": [...switched, ...wide],
  "compiled-f64-2t": switched,
  "compiled-f32-2t": [...switched, ...curve("batch")],
  "cotangent-f64-blas": switched,
  "cotangent-f32-blas": switched,
  "compiled-f64-blas": switched,
  "compiled-f32-blas": switched,
  "hand-written": training,
  "hand-written-accurate": training.filter((name) => /^step [be]:/.test(name)),
  "js-f64": [...training, ...products, ...wide],
  "js-f32": [...training, ...products, ...wide],
  "tfjs-wasm": [...training, ...products, ...transposed([512]), ...wide, ...ten, ...growth],
  "jax-js": [...training, ...products, ...wide, ...ten, ...curve("batch")],
  "torch-f64": [...training, ...products, ...wide],
  "torch-f64-2t": [...training, ...largeProducts, ...wide],
  "torch-f32": [...training, ...products, ...transposed([512]), ...wide, ...ten, ...growth],
  "torch-f32-2t": [...training, ...largeProducts, ...wide, ...growth],
};

/** Small ones first, in the order of the cases. */
export function casesInReport(peer: string): readonly string[] {
  const wanted = new Set(plan[peer] ?? []);
  return [...cases.cases, ...cases.curveCases].map(({ name }) => name).filter((name) => wanted.has(name));
}

/** Whose first calls and memory are looked at, on which cases. */
export const freshPeers = peerNames.filter((peer) =>
  ["cotangent-f32", "compiled-f32", "hand-written", "js-f32", "tfjs-wasm", "jax-js", "torch-f32"].includes(peer),
);
export const freshCases = training;
