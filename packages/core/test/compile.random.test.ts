/** Random numbers are inputs of programs: drawn again in every call, as the function itself would. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  checkpoint,
  checkRandom,
  compile,
  grad,
  GraphError,
  jvp,
  random,
  scalar,
  tensor,
  variable,
  vmap,
  type Random,
  type Tensor,
} from "@cotangent/core";
import { bits } from "./bits.js";

const dtype = fc.constantFrom("float64" as const, "float32" as const);
const shape = fc.array(fc.nat(4), { maxLength: 3 });

/** Something done with a generator that gives a tensor. */
const draw: fc.Arbitrary<(r: Random) => Tensor> = fc.oneof(
  fc.tuple(shape, dtype).map(
    ([s, d]) =>
      (r: Random) =>
        r.uniform(s, { low: -2, high: 3, dtype: d }),
  ),
  fc.tuple(shape, dtype).map(
    ([s, d]) =>
      (r: Random) =>
        r.normal(s, { mean: 1, dtype: d }),
  ),
  fc.tuple(shape, dtype).map(
    ([s, d]) =>
      (r: Random) =>
        r.truncatedNormal(s, { std: 2, dtype: d }),
  ),
  fc.tuple(shape, dtype).map(
    ([s, d]) =>
      (r: Random) =>
        r.bernoulli(s, { probability: 0.3, dtype: d }),
  ),
  shape.map((s) => (r: Random) => r.integers(s, { low: -3, high: 1000 })),
  fc.nat(9).map((n) => (r: Random) => r.permutation(n)),
);

/** A walk over generators: each step draws from one of them, or makes another one of it. */
const walk = fc.array(
  fc.record({ at: fc.nat(20), make: fc.constantFrom("draw", "draw", "fork", "split"), draw }),
  { maxLength: 12 }, // prettier-ignore
);

function follow(steps: readonly { at: number; make: string; draw: (r: Random) => Tensor }[]) {
  return (first: Random, second: Random): { drawn: Tensor[]; last: Random } => {
    const all = [first, second];
    const drawn: Tensor[] = [];
    for (const { at, make, draw } of steps) {
      const from = all[at % all.length]!;
      if (make === "fork") all.push(from.fork(`f${at}`));
      else if (make === "split") all.push(from.split());
      else drawn.push(draw(from), draw(from).astype("float64").mul(2).sum());
    }
    return { drawn, last: all.at(-1)! };
  };
}

test("whatever is drawn, from whichever generators: the numbers and the generators after it are those of the function", () => {
  fc.assert(
    fc.property(walk, fc.integer(), fc.boolean(), (steps, seed, same) => {
      const f = follow(steps);
      const program = compile(f);
      const make = (): [Random, Random] => {
        const one = random(seed);
        return [one, same ? one : random("other")];
      };
      const [eager, compiled] = [make(), make()];
      for (let call = 0; call < 3; call++) {
        const [a, b] = [f(...eager), program(...compiled)];
        expect(b.drawn.map(bits)).toEqual(a.drawn.map(bits));
        expect(b.last.state()).toEqual(a.last.state());
        expect(compiled.map((r) => r.state())).toEqual(eager.map((r) => r.state()));
      }
      expect(program.recorded).toBe(1);
    }),
    { numRuns: 300 },
  );
});

describe("what a generator is in a program", () => {
  test("other seeds give other numbers without another recording", () => {
    const program = compile((r: Random, x: Tensor) => x.add(r.normal([3])));
    const x = tensor([0, 0, 0]);
    expect(bits(program(random(1), x))).toBe(bits(random(1).normal([3])));
    expect(bits(program(random(2), x))).toBe(bits(random(2).normal([3])));
    expect(program.recorded).toBe(1);
  });

  test("numbers nobody reads move the generator all the same", () => {
    const program = compile((r: Random) => {
      r.normal([5]);
      return r.uniform([]);
    });
    const eager = random(3);
    eager.normal([5]);
    expect(program(random(3)).item()).toBe(eager.uniform([]).item());
  });

  test("one made from a seed inside, or forked from the closure, gives the same numbers in every call", () => {
    const outside = random(5);
    const program = compile((x: Tensor) => x.add(random(1).normal([2])).add(outside.fork("noise").uniform([2])));
    const expected = random(1)
      .normal([2])
      .add(outside.fork("noise").uniform([2]));
    expect(bits(program(tensor([0, 0])))).toBe(bits(expected));
    expect(bits(program(tensor([0, 0])))).toBe(bits(expected));
  });

  test("a state with a generator goes on in repeat, across batches of changing sizes", () => {
    type State = readonly [Tensor, Random];
    const step = ([total, r]: State, batch: Tensor): State => [
      total.add(batch.mul(r.uniform(batch.shape)).sum()),
      r.split(),
    ];
    const batches = [tensor([1, 2]), tensor([3, 4]), tensor([1, 2, 3]), tensor([5, 6])];
    const [eager, last] = batches.reduce(step, [scalar(0), random(1)] as State);
    const [compiled, stream] = compile(step).repeat([scalar(0), random(1)] as State, batches);
    expect(bits(compiled)).toBe(bits(eager));
    expect(stream.state()).toEqual(last.state());
  });

  test("gradients, checkpoint, vmap and jvp inside and outside of a program", () => {
    const noisy = (x: Tensor, r: Random): Tensor => x.mul(r.normal(x.shape)).tanh().sum();
    const cases: ((x: Tensor, r: Random) => Tensor)[] = [
      (x, r) => grad((v: Tensor) => noisy(v, r))(x),
      (x, r) => {
        const noise = r.normal(x.shape);
        return grad(checkpoint((v: Tensor) => v.mul(noise).tanh().sum()))(x);
      },
      (x, r) => vmap((row: Tensor) => noisy(row, r))(x.reshape([2, 2])),
      (x, r) => jvp((v: Tensor) => noisy(v, r), [x], [x])[1],
    ];
    const x = tensor([1, -2, 0.5, 3]);
    for (const f of cases) {
      const [program, a, b] = [compile(f), random(8), random(8)];
      for (let i = 0; i < 2; i++) expect(bits(program(x, a))).toBe(bits(f(x, b)));
    }
    const program = compile(noisy);
    expect(bits(program(variable([1, 2]), random(1)))).toBe(bits(noisy(tensor([1, 2]), random(1))));
    expect(bits(vmap(program, { inAxes: [0, null] })(x.reshape([2, 2]), random(1)))).toBe(bits(cases[2]!(x, random(1))));
  }); // prettier-ignore

  test("its text names what is drawn", () => {
    const program = compile((r: Random) => r.normal([2]).add(1));
    program(random(1));
    expect(String(program)).toMatch(/program f\(random\)\n {2}random0: f64\[2\] = normal\(\)\n.*add\(random0, 1\)/);
  });
});

describe("misuse", () => {
  const outside = random(1);
  test.each<[string, (r: Random) => unknown, RegExp]>([
    ["a draw from the closure", () => outside.normal([2]), /among the arguments, got a draw from one of the closure/],
    ["a split of the closure's", () => outside.split().normal([2]), /from one of the closure/],
    ["a choice", (r) => scalar(r.choice([1, 2])), /makes a choice or reads a state/],
    ["a state", (r) => scalar(r.state().generator.c), /makes a choice or reads a state/],
    ["a number read", (r) => scalar(r.uniform([]).item()), /reads a value .*compile\.random\.test\.ts:\d+/],
  ])("%s", (_, f, says) => {
    const before = outside.state();
    const [program, r] = [compile(f as (r: Random) => Tensor), random(2)];
    for (let i = 0; i < 2; i++) {
      expect(() => program(r)).toThrow(GraphError);
      expect(() => program(r)).toThrow(says);
    }
    expect([outside.state(), r.state()]).toEqual([before, random(2).state()]);
  });

  test("a generator of the result is one of the arguments or made of one", () => {
    expect(() => compile(() => outside)()).toThrow(ArgumentError);
    const r = random(4);
    expect(compile((x: Random) => ({ x }))(r).x).toBe(r);
    expect(checkRandom("fork", compile((x: Random) => x.fork("a"))(r)).state()).toEqual(r.fork("a").state());
  });

  test("a tensor in the place of a generator is another kind of argument", () => {
    const program = compile((r: Random | Tensor) => ("fork" in r ? r.uniform([]) : r));
    expect(program(random(1)).item()).toBe(random(1).uniform([]).item());
    expect(program(scalar(3)).item()).toBe(3);
    expect(program(random(1)).item()).toBe(random(1).uniform([]).item());
  });

  test("refused options are refused while it is recorded", () => {
    expect(() => compile((r: Random) => r.normal([2], { std: -1 }))(random(1))).toThrow(/^normal: /);
    expect(() => compile((r: Random) => r.uniform([-1]))(random(1))).toThrow(/^uniform: /);
  });
});
