/** Every operator over an axis of examples: the values and derivatives of a loop, bit for bit. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, hvp, jvp, random, stack, vmap, type Tensor } from "@cotangent/core";
import type { OperatorCase } from "./cases/table.js";
import { cases } from "./operators.cases.js";

const numRuns = Math.ceil(Number(process.env["COTANGENT_CASES"] ?? 200) / 20);
const count = 3;

type Call = (...xs: Tensor[]) => Tensor;
type Columns = readonly Tensor[][];

const direction = (x: Tensor, seed: number): Tensor => random(seed).uniform(x.shape, { low: -1, high: 1 });

/** ⟨ct, f⟩ for a fixed ct. */
const scalarOf =
  (f: Call): ((xs: Tensor[]) => Tensor) =>
  (xs) => {
    const y = f(...xs);
    return y.mul(direction(y, 1)).sum();
  };

const rowOf = (columns: Columns, i: number): Tensor[] => columns.map((column) => column[i]!);
const rows = Array.from({ length: count }, (_, i) => i);

/** What a loop over the examples gives, leaf by leaf along a new axis 0. */
function looped(f: (xs: Tensor[]) => readonly Tensor[], columns: Columns): Tensor[] {
  const results = rows.map((i) => f(rowOf(columns, i)));
  return results[0]!.map((_, leaf) => stack(results.map((result) => result[leaf]!)));
}

function expectSame(actual: readonly Tensor[], expected: readonly Tensor[]): void {
  expect(actual.map((x) => [x.shape, x.dtype])).toEqual(expected.map((x) => [x.shape, x.dtype]));
  expect(actual.map((x) => x.toTypedArray())).toEqual(expected.map((x) => x.toTypedArray()));
}

describe.each(Object.entries(cases) as [string, OperatorCase][])("vmap of %s", (_name, { inputs, call, order }) => {
  const samples: fc.Arbitrary<Columns> = fc.tuple(
    ...inputs.map((input) => fc.array(input, { minLength: count, maxLength: count })),
  );
  const law = (what: string, check: (columns: Columns, batch: Tensor[]) => void): void =>
    test(what, () => {
      fc.assert(
        fc.property(samples, (columns) => {
          // Shapes that vary from example to example cannot be stacked.
          fc.pre(columns.every((column) => column.every((x) => `${x.shape}` === `${column[0]!.shape}`)));
          check(columns, columns.map((column) => stack(column))); // prettier-ignore
        }),
        { numRuns },
      );
    });

  law("is a loop", (columns, batch) => {
    expectSame([vmap(call)(...batch)], looped((xs) => [call(...xs)], columns)); // prettier-ignore
  });

  law("is a loop where the other arguments are the same for all, and the axis is the last", (columns, batch) => {
    const [first, ...rest] = [batch[0]!.moveAxis(0, -1), ...columns.slice(1).map((column) => column[0]!)];
    const inAxes = [-1, ...rest.map(() => null)];
    const fixed = columns.map((column, i) => (i === 0 ? column : column.map(() => column[0]!)));
    expectSame([vmap(call, { inAxes })(first!, ...rest)], looped((xs) => [call(...xs)], fixed)); // prettier-ignore
  });

  if (order === 0) return;

  law("of the gradient is a loop of gradients, and so is the gradient of vmap", (columns, batch) => {
    const expected = looped(grad(scalarOf(call)), columns);
    expectSame(vmap((...xs: Tensor[]) => grad(scalarOf(call))(xs))(...batch), expected);
    expectSame(grad((all: Tensor[]) => vmap((...xs: Tensor[]) => scalarOf(call)(xs))(...all).sum())(batch), expected);
  });

  law("of forward mode is a loop of it, and so is forward mode of vmap", (columns, batch) => {
    const tangents = batch.map((x, i) => direction(x, 30 + i));
    const along = columns.map((column, i) => column.concat(rows.map((j) => tangents[i]!.slice([j]))));
    const expected = rows.map((i) =>
      jvp<Tensor[]>(call, rowOf(columns, i), along.map((column) => column[count + i]!))[1],
    ); // prettier-ignore
    expectSame([jvp<Tensor[]>(vmap(call), batch, tangents)[1]], [stack(expected)]);
    const inside = vmap((xs: Tensor[], ts: Tensor[]) => jvp<Tensor[]>(call, xs, ts)[1]);
    expectSame([inside(batch, tangents)], [stack(expected)]);
  });

  if (order === 1) return;

  law("nests with two derivatives in every order", (columns, batch) => {
    const second = (xs: Tensor[]): readonly Tensor[] => hvp(scalarOf(call))(xs, xs.map((x, i) => direction(x, 40 + i))); // prettier-ignore
    const expected = looped(second, columns);
    const f = (...xs: Tensor[]): Tensor => scalarOf(call)(xs);
    expectSame(vmap((...xs: Tensor[]) => second(xs))(...batch), expected);
    const slope = (...xs: Tensor[]): Tensor =>
      grad((list: Tensor[]) => f(...list))(xs).map((g, i) => g.mul(direction(g, 40 + i)).sum()).reduce((a, b) => a.add(b)); // prettier-ignore
    const reverse = looped((xs) => grad((list: Tensor[]) => slope(...list))(xs), columns);
    expectSame(grad((all: Tensor[]) => vmap(slope)(...all).sum())(batch), reverse);
    const twice = vmap(vmap(slope));
    expectSame([twice(...batch.map((x) => stack([x, x])))], [stack([vmap(slope)(...batch), vmap(slope)(...batch)])]);
  });
});
