/** What the library must reach, each line with what it did. @module */
import * as cases from "../cases.js";
import type { FormulaName } from "../cases.js";
import { best, time, type Results } from "../results.js";
import { digits } from "../table.js";

export interface Line {
  readonly work: string;
  readonly target: string;
  readonly reached: string;
  /** `null`: not measured here. */
  readonly met: boolean | null;
}

/** Steps a second of PyTorch 2.13, the better of 1 and 2 threads, on 2 cores of an AMD EPYC (Zen 4), measured another day. */
export const anchors = {
  about: "PyTorch 2.13 on 2 cores of an AMD EPYC (Zen 4), another day",
  a: 1654,
  b: 4898,
  c: 277,
  d: 892,
  e: 6447,
};

type Letter = "a" | "b" | "c" | "d" | "e";
export const letters = ["a", "b", "c", "d", "e"] as const;
export const stepOf = (letter: Letter): string =>
  Object.keys(cases.training).find((name) => name.startsWith(`step ${letter}:`))!;

type Seconds = number | undefined;

/** At least `least` times as fast: `its / own`. */
function atLeast(work: string, least: number, its: Seconds, own: Seconds): Line {
  const ratio = its === undefined || own === undefined ? null : its / own;
  return line(work, `${least} ×`, ratio === null ? null : `${digits(ratio)} ×`, ratio === null ? null : ratio >= least);
}

function line(work: string, target: string, reached: string | null, met: boolean | null): Line {
  return { work, target, reached: reached ?? "not measured", met };
}

function atMost(work: string, most: number, unit: string, value: Seconds): Line {
  return line(
    work,
    `≤ ${most} ${unit}`,
    value === undefined ? null : `${digits(value)} ${unit}`,
    value === undefined ? null : value <= most,
  );
}

const scaled = (seconds: Seconds, factor: number): Seconds => (seconds === undefined ? undefined : seconds * factor);
const torch = ["torch-f32", "torch-f32-2t"] as const;
const forEach = <T>(
  given: Readonly<Partial<Record<Letter, T>>>,
  f: (letter: Letter, given: T) => Line,
): readonly Line[] => letters.filter((letter) => letter in given).map((letter) => f(letter, given[letter] as T));

function steps(r: Results): readonly Line[] {
  const of = (peer: string, letter: Letter): Seconds => time(r, peer, stepOf(letter));
  const one = "compiled-f32";
  const two = "compiled-f32-2t";
  const torchOf = (letter: Letter): Seconds => best(r, torch, stepOf(letter));
  return [
    ...forEach({ a: 0.8, b: 0.8, c: 0.8, d: 0.8, e: 0.8 }, (s, least) =>
      atLeast(`(${s}) compiled, 1 thread, against hand-written`, least, of("hand-written", s), of(one, s)),
    ),
    ...forEach({ b: 0.8, e: 0.8 }, (s, least) =>
      atLeast(
        `(${s}) compiled, 1 thread, against hand-written with the same elementary functions`,
        ...([least, of("hand-written-accurate", s), of(one, s)] as const),
      ),
    ),
    ...forEach({ c: 1.6, d: 1.6 }, (s, least) =>
      atLeast(`(${s}) compiled, 2 threads against 1`, least, of(one, s), of(two, s)),
    ),
    ...forEach({ a: 15, b: 10, c: 12, d: 9, e: 7 }, (s, least) =>
      atLeast(`(${s}) compiled, 1 thread, against tfjs-wasm`, least, of("tfjs-wasm", s), of(one, s)),
    ),
    ...forEach({ a: 2.5, b: 2.5, c: 1.6, d: 1.6, e: 2.5 }, (s, least) =>
      atLeast(`(${s}) compiled, 1 thread, against jax-js`, least, of("jax-js", s), of(one, s)),
    ),
    ...forEach({ c: 2.5, d: 2.5 }, (s, least) =>
      atLeast(`(${s}) compiled, 2 threads, against jax-js`, least, of("jax-js", s), of(two, s)),
    ),
    ...forEach({ a: 1.2, b: 4, e: 3 }, (s, least) =>
      atLeast(`(${s}) compiled, 1 thread, against PyTorch`, least, torchOf(s), of(one, s)),
    ),
    ...forEach({ c: 0.55, d: 0.55 }, (s, least) =>
      atLeast(`(${s}) compiled, 2 threads, against PyTorch`, least, torchOf(s), of(two, s)),
    ),
    ...forEach({ c: 1.1, d: 1.1 }, (s, least) =>
      atLeast(`(${s}) compiled, BLAS, against PyTorch`, least, torchOf(s), of("compiled-f32-blas", s)),
    ),
    ...forEach({ a: 0.3, c: 0.5, d: 0.5 }, (s, least) =>
      atLeast(`(${s}) eager against compiled`, least, of(one, s), of("cotangent-f32", s)),
    ),
    ...forEach({ b: 1, e: 1 }, (s, least) =>
      atLeast(`(${s}) eager against PyTorch`, least, torchOf(s), of("cotangent-f32", s)),
    ),
  ];
}

function products(r: Results): readonly Line[] {
  const name = cases.matmulName(512);
  const rate = (seconds: Seconds): Seconds => (seconds === undefined ? undefined : (2 * 512 ** 3) / seconds / 1e9);
  const reach = (dtype: string, peer: string, least: number): Line => {
    const own = rate(time(r, peer, name));
    const shown = own === undefined ? null : `${digits(own)} GFLOP/s`;
    return line(`matmul 512, ${dtype}, 1 thread`, `${least} GFLOP/s`, shown, own === undefined ? null : own >= least);
  };
  return [
    reach("float32", "cotangent-f32", 40),
    reach("float64", "cotangent-f64", 18),
    atLeast(
      "matmul 512, float32, 1 thread, against tfjs-wasm",
      1.4,
      time(r, "tfjs-wasm", name),
      time(r, "cotangent-f32", name),
    ),
    atLeast(
      "matmul 512, float32, 2 threads against 1",
      1.8,
      time(r, "cotangent-f32", name),
      time(r, "cotangent-f32-2t", name),
    ),
    ...Object.keys(cases.transpositions).map((which) =>
      atLeast(
        `matmul 512, float32, ${which}, against plain`,
        0.9,
        time(r, "cotangent-f32", name),
        time(r, "cotangent-f32", cases.transposedName(512, which)),
      ),
    ),
  ];
}

function elementary(r: Results): readonly Line[] {
  const least: Readonly<Record<FormulaName, number>> = { tanh: 7, exp: 5, sigmoid: 5 };
  return cases.formulas.flatMap((f) =>
    (["f32", "f64"] as const).map((dtype) => {
      const name = cases.elementwiseName(f);
      const wanted = dtype === "f32" ? least[f] : 2.5;
      const work = `${f} over 1e6, ${dtype === "f32" ? "float32" : "float64"}, eager, against a Math.* loop`;
      return atLeast(work, wanted, time(r, `js-${dtype}`, name), time(r, `cotangent-${dtype}`, name));
    }),
  );
}

function overhead(r: Results): readonly Line[] {
  const ten = (peer: string): Seconds => scaled(time(r, peer, cases.tenOperatorsBackward), 1e6);
  const node = (peer: string, name: string): Seconds => scaled(time(r, peer, name), 1e9 / cases.scalarNodes);
  const first = r.fresh[stepOf("d")]?.["compiled-f32"]?.first;
  return [
    atMost("ten operators, forward and backward, eager", 5, "µs", ten("cotangent-f64")),
    atMost("ten operators, forward and backward, compiled", 1.5, "µs", ten("compiled-f64")),
    atMost("scalar graph of 100,000, eager, handles die young", 50, "ns/node", node("cotangent-f64", cases.youngGraph)),
    atMost(
      "scalar graph of 100,000, eager, all handles kept",
      200,
      "ns/node",
      node("cotangent-f64", cases.scalarGraph),
    ),
    atMost("scalar graph of 100,000, compiled", 10, "ns/node", node("compiled-f64", cases.youngGraph)),
    atMost("(e) what 100,000 compiled steps leave behind", 100, "KB", scaled(r.growth ?? undefined, 1 / 1024)),
    atMost("(d) first call of the compiled step", 60, "ms", scaled(first, 1000)),
  ];
}

export function targetLines(r: Results): readonly Line[] {
  return [...steps(r), ...products(r), ...elementary(r), ...overhead(r)];
}
