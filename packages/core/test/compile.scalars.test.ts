/** Programs of single numbers: long ones run as a tape, short ones as straight code, with the bits of the function itself. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile, scalar, valueAndGrad, where, type Tensor } from "@cotangent/core";
import { bits } from "./bits.js";

/** One operator of a graph: from the numbers so far, of which `i` and `j` choose. */
type Link = (pick: (i: number) => Tensor, i: number, j: number, constant: number) => Tensor;

const links: readonly Link[] = [
  (pick, i, j) => pick(i).add(pick(j)).mul(0.5),
  (pick, i, j) => pick(i).mul(pick(j)).tanh(),
  (pick, i, _, c) => pick(i).mul(c),
  (pick, i) => pick(i).leakyRelu({ negativeSlope: 0.25 }),
  (pick, i, j) => where(pick(i).less(pick(j)), pick(i), pick(j).sin()),
  (pick, i, j) => pick(i).atan2(pick(j)),
  (pick, i) => pick(i).clamp({ min: -2, max: 1.5 }),
  (pick, i) => pick(i).floor().add(pick(i).abs()),
];
const constants = [0, -0, 1, -1, 0.1, 3, NaN, Infinity];

const graph = fc.array(
  fc.record({
    link: fc.nat(links.length - 1),
    i: fc.nat(20),
    j: fc.nat(20),
    constant: fc.constantFrom(...constants.slice(0, 6)),
  }),
  { minLength: 1, maxLength: 150, size: "max" },
);

test("values and derivatives of graphs from one to hundreds of numbers, in both dtypes", () => {
  fc.assert(
    fc.property(graph, fc.boolean(), (steps, narrow) => {
      const dtype = narrow ? "float32" : "float64";
      const f = (x: Tensor, y: Tensor): readonly Tensor[] => {
        const run = ([p, q]: readonly [Tensor, Tensor]): Tensor => {
          const made = [p, q];
          for (const { link, i, j, constant } of steps)
            made.push(links[link]!((back) => made[Math.max(0, made.length - 1 - back)]!, i, j, constant));
          return made.at(-1)!;
        };
        const [value, [a, b]] = valueAndGrad(run)([x, y] as const);
        return [value, a, b, value.mul(2)];
      };
      const program = compile(f);
      for (const [a, b] of [[0.5, -1.25], [-0, 2], [0, -0]] as const) {
        const args = [scalar(a, { dtype }), scalar(b, { dtype })] as const;
        expect(program(...args).map(bits)).toEqual(f(...args).map(bits));
      }
    }),
    { numRuns: Number(process.env["COTANGENT_CASES"] ?? 200) },
  ); // prettier-ignore
});

test("negative zero among the constants of a tape keeps its sign and its place", () => {
  const f = (x: Tensor): Tensor[] => {
    let z = x;
    for (let i = 0; i < 150; i++) z = i % 3 === 0 ? z.mul(-0).add(i) : z.add(x).sin();
    return [z, x.mul(0).mul(-0).add(-0), x.abs().mul(-0), x.add(-0)];
  };
  const program = compile(f);
  expect(program(scalar(2)).map(bits)).toEqual(f(scalar(2)).map(bits));
});

test("equal numbers are one constant whatever made them, but not of two dtypes or signs", () => {
  const f = (x: Tensor): Tensor[] => [
    x.div(0),
    x.div(-0),
    x.add(1).mul(scalar(1)),
    x.astype("float32").add(0.1),
    x.add(0.1),
  ];
  expect(compile(f)(scalar(3)).map(bits)).toEqual(f(scalar(3)).map(bits));
  const text = compile((x: Tensor) => [x.mul(scalar(7)), x.mul(7)]);
  text(scalar(1));
  expect(text.toString()).toContain("1 equations in 1 steps");
});
