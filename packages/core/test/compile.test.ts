/** Compiled functions give the bits of the functions themselves. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  ArgumentError,
  backward,
  compile,
  grad,
  GraphError,
  jvp,
  mapTree,
  NumericError,
  ones,
  random,
  scalar,
  tensor,
  valueAndGrad,
  variable,
  vmap,
  where,
  withBackend,
  type Tensor,
} from "@cotangent/core";
import { bits } from "./bits.js";
import { compositions, direction } from "./compositions.js";

const numRuns = Number(process.env["COTANGENT_CASES"] ?? 200) * 10;

const oddNumbers = [-0, 0, 1, NaN, -0, Infinity, -1, -Infinity, 1e-310, 1e308];

describe("random compositions", () => {
  test("values and derivatives of orders 1 and 2 have the same bits, in both dtypes", { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(compositions(6), fc.boolean(), fc.nat(3), ({ x, f }, narrow, twice) => {
        const at = narrow ? x.astype("float32") : x;
        const ct = direction(f(at).shape, 5).astype(at.dtype);
        const along = (v: Tensor): Tensor => f(v).mul(ct).sum();
        // Every fourth case to order 2: programs of that length take long to make.
        const all = (v: Tensor): Tensor[] => [
          f(v),
          grad(along)(v),
          ...(twice === 0 ? [grad((w: Tensor) => grad(along)(w).square().sum())(v)] : []),
        ];
        const program = compile(all);
        const eager = all(at).map(bits);
        expect(program(at).map(bits)).toEqual(eager);
        // The second call finds the memory as the first has left it, and other elements to work on.
        const other = direction(x.shape, 77).astype(at.dtype);
        expect(program(other).map(bits)).toEqual(all(other).map(bits));
        const odd = tensor(
          Array.from({ length: x.size }, (_, i) => oddNumbers[(i + x.size) % oddNumbers.length]!),
          { shape: x.shape },
        ).astype(at.dtype); // prettier-ignore
        expect(program(odd).map(bits)).toEqual(all(odd).map(bits));
        expect(program(at).map(bits)).toEqual(eager);
      }),
      { numRuns },
    );
  });
});

describe("what goes in and comes out", () => {
  test("operators that the backend runs, in memory that changes, see what is there now", () => {
    const f = (a: Tensor, b: Tensor): Tensor => a.mul(2).matmul(b.add(1).slice([[null, null], [0, 1]])); // prettier-ignore
    const program = compile(f);
    const r = random("changing");
    for (let i = 0; i < 10; i++) {
      const [a, b] = [r.normal([200, 100]), r.normal([100, 5])];
      expect(withBackend("wasm", () => bits(program(a, b)))).toBe(bits(f(a, b)));
    }
  });

  test("trees, arguments handed through, constants, fixed values, and the same tensor twice", () => {
    const fixed = tensor([7]);
    const program = compile((state: { a: Tensor; b: [Tensor, number] }, flag: boolean) => {
      const sum = state.a.add(state.b[0]).mul(state.b[1]);
      return { sum, twice: [sum, sum], same: state.a, fixed, flag, view: state.b[0].transpose() };
    });
    const [a, b] = [tensor([[1, 2]]), tensor([[3], [4]])];
    const out = program({ a, b: [b, 10] }, true);
    expect(out.sum.toArray()).toEqual([[40, 50], [50, 60]]); // prettier-ignore
    expect(out.twice[0]).toBe(out.sum);
    expect(out.same).toBe(a);
    expect(out.fixed.toArray()).toEqual([7]);
    expect(out.flag).toBe(true);
    expect(out.view.toArray()).toEqual([[3, 4]]);
    expect(program({ a, b: [b, 1] }, false).sum.toArray()).toEqual([[4, 5], [5, 6]]); // prettier-ignore
  });

  test("results keep their elements when the program runs again", () => {
    const program = compile((x: Tensor) => x.mul(2));
    const first = program(tensor([1, 2, 3]));
    const second = program(tensor([4, 5, 6]));
    expect([first.toArray(), second.toArray()]).toEqual([[2, 4, 6], [8, 10, 12]]); // prettier-ignore
  });

  test("strided arguments, numbers without buffers, nothing at all", () => {
    const program = compile((x: Tensor, y: Tensor) => [x.add(y), x.sum()] as const);
    const [sum, total] = program(tensor([[1, 2], [3, 4]]).transpose(), scalar(1)); // prettier-ignore
    expect(sum.toArray()).toEqual([[2, 4], [3, 5]]); // prettier-ignore
    expect(total.item()).toBe(10);
    expect(program(tensor([], { shape: [0, 3] }), scalar(1))[0].shape).toEqual([0, 3]);
  });

  test("other shapes and dtypes are recorded anew", () => {
    const program = compile((x: Tensor) => x.mul(x).sum());
    expect(program(tensor([1, 2])).item()).toBe(5);
    expect(program(tensor([1, 2, 3])).item()).toBe(14);
    expect(program(tensor([3], { dtype: "int32" })).dtype).toBe("int32");
    expect(program(tensor([1, 2])).item()).toBe(5);
  });

  test("ten recordings are noticed", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const program = compile(function step(x: Tensor, rate: number) {
      return x.mul(rate);
    });
    for (let i = 0; i < 12; i++) program(tensor([1]), i);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toMatch(/recorded step 11 times.* last to 10 after 9 at "\[1\]"; .*scalar\(…\)\.$/);
    warn.mockRestore();
  });

  test("what was new in the latest recording is known", () => {
    const program = compile((x: Tensor, { rate }: { rate: number }) => x.mul(rate));
    const [two, three] = [ones([2]), ones([3])];
    expect(program.change).toBeNull();
    program(two, { rate: 1 });
    expect(program.change).toBeNull();
    program(three, { rate: 1 });
    expect(program.change).toBe('float64 [3] after float64 [2] at "[0]"');
    program(two, { rate: 1 });
    program(two, { rate: 2 });
    expect(program.change).toMatch(/^2 after 1 at "\[1\]\.rate"; make/);
  });
});

describe("training", () => {
  const data = { x: random(1).normal([20, 3]), y: random(2).bernoulli([20, 1], { probability: 0.5 }) };
  const step = (state: { w: Tensor; b: Tensor; steps: Tensor }, batch: typeof data): typeof state => {
    const cost = ({ w, b }: { w: Tensor; b: Tensor }): Tensor =>
      batch.x.matmul(w).add(b).sigmoid().sub(batch.y).square().mean();
    const { w, b, steps } = state;
    const [, slope] = valueAndGrad(cost)({ w, b });
    const next = mapTree((p, g) => p.sub(g.mul(0.5).div(state.steps.add(1).astype("float64"))), { w, b }, slope);
    return { ...next, steps: steps.add(1) };
  };
  const start = { w: random(3).normal([3, 1]), b: tensor([0]), steps: scalar(0, { dtype: "int32" }) };

  test("a state handed on, and one that stays inside, come to the same bits", () => {
    const program = compile(step);
    let [eager, compiled] = [start, start];
    for (let i = 0; i < 30; i++) [eager, compiled] = [step(eager, data), program(compiled, data)];
    const inside = program.repeat(start, new Array<typeof data>(30).fill(data));
    for (const state of [compiled, inside])
      expect(Object.values(state).map(bits)).toEqual(Object.values(eager).map(bits));
    expect(start.steps.item()).toBe(0);
  });

  test("batches of changing sizes", () => {
    const half = { x: data.x.slice([[0, 7]]), y: data.y.slice([[0, 7]]) };
    const batches = [data, half, half, data, half];
    const eager = batches.reduce(step, start);
    expect(Object.values(compile(step).repeat(start, batches)).map(bits)).toEqual(Object.values(eager).map(bits));
  });

  test("a state whose parts change places", () => {
    const swap = compile(([a, b]: [Tensor, Tensor], x: Tensor): [Tensor, Tensor] => [b, a.add(x)]);
    const [a, b] = swap.repeat([scalar(1), scalar(10)], [scalar(1), scalar(2), scalar(3)]);
    expect([a.item(), b.item()]).toEqual([12, 5]);
  });

  test("the next state is refused alike where the function runs as it is", () => {
    const cases: [(state: never, x: Tensor) => unknown, unknown][] = [
      [(w: Tensor) => w.sum(), tensor([1, 2])],
      [({ w }: { w: Tensor }) => ({ w: w.astype("float32") }), { w: tensor([1, 2]) }],
      [({ w }: { w: Tensor }) => ({ w, cost: 1 }), { w: scalar(1) }],
      [({ n }: { n: number }) => ({ n: n + 1 }), { n: 1 }],
      [() => new Map(), scalar(1)],
    ];
    for (const [f, state] of cases) {
      const program = compile(f as (state: unknown, x: Tensor) => unknown);
      const messages = [scalar(1), variable(1)].map((batch) => {
        try {
          return program.repeat(state, [batch]);
        } catch (error) {
          expect(error).toBeInstanceOf(ArgumentError);
          return (error as Error).message;
        }
      });
      expect(messages[1]).toBe(messages[0]);
    }
  });

  test("no batch leaves the state as it is; another structure is refused", () => {
    const program = compile(step);
    expect(program.repeat(start, [])).toBe(start);
    const other = compile((x: Tensor, y: Tensor) => [x, y]);
    expect(() => other.repeat(scalar(1), [scalar(2)])).toThrow(/^repeat: expected a function .* next state/);
    const turned = compile(({ a, b }: Record<"a" | "b", Tensor>, x: Tensor) => ({ b: b.add(x), a }));
    expect(() => turned.repeat({ a: scalar(1), b: scalar(2) }, [scalar(3)])).toThrow(/; keep the keys in one order$/);
    expect(() => program.repeat(start, 3 as never)).toThrow(ArgumentError);
    async function* later(): AsyncGenerator<Tensor> {
      yield await Promise.resolve(scalar(1));
    }
    expect(() => other.repeat(scalar(1), later() as never)).toThrow(/iterable, got .*; an async one has to be awaited/);
  });

  test("what is no next state is named by its place", () => {
    const after = (f: (state: never) => unknown, state: unknown): (() => unknown) => {
      const program = compile((x: unknown) => f(x as never)) as ReturnType<typeof compile<[unknown, number], unknown>>;
      return () => program.repeat(state, [1]);
    };
    const w = ones([2]);
    expect(after((x: Tensor) => x.sum(), w)).toThrow(/got float64 \[\] after float64 \[2\]$/);
    expect(after((x: { w: Tensor }) => ({ w: x.w.astype("float32") }), { w })).toThrow(
      /float32 \[2\] after .* at "w"$/,
    );
    expect(after((x: { w: Tensor }) => ({ ...x, cost: x.w.sum() }), { w })).toThrow(
      /object of "w", "cost" after .* "w"$/,
    );
    expect(after((x: { w: Tensor }) => ({ ...x, "w,": 1 }), { w, "w,": 1 })).not.toThrow();
    expect(after(([x]: Tensor[]) => [x, x], [w])).toThrow(/an array of length 2 after an array of length 1$/);
    expect(after((x: { s: { n: number }[] }) => ({ s: [{ n: x.s[0]!.n + 1 }] }), { s: [{ n: 0 }] })).toThrow(
      /got 1 after 0 at "s\[0\]\.n"; make a number that changes a tensor, with scalar\(…\)$/,
    );
  });
});

describe("where a function runs as it is", () => {
  const square = compile((x: Tensor) => x.mul(x).sum());

  test("derivatives, forward mode and vmap go through", () => {
    expect(grad(square)(tensor([1, 2])).toArray()).toEqual([2, 4]);
    expect(grad((x: Tensor) => grad(square)(x).sum())(tensor([1, 2])).toArray()).toEqual([2, 2]);
    expect(jvp(square, [tensor([1, 2])], [tensor([1, 0])])[1].item()).toBe(2);
    expect(vmap(square)(tensor([[1, 2], [3, 4]])).toArray()).toEqual([5, 25]); // prettier-ignore
    const w = variable([1, 2]);
    expect(backward(square(w)).get(w).toArray()).toEqual([2, 4]);
  });

  test("a program within a program is part of it", () => {
    expect(compile((x: Tensor) => square(x).add(square(x.mul(2))))(tensor([1, 2])).item()).toBe(25);
  });
});

describe("what cannot be recorded", () => {
  test("reading a value names the line", () => {
    const branch = compile((x: Tensor) => (x.sum().item() > 0 ? x : x.neg()));
    expect(() => branch(tensor([1]))).toThrow(GraphError);
    expect(() => branch(tensor([1]))).toThrow(/reads a value .*compile\.test\.ts:\d+:\d+; choose with where/);
    for (const read of [
      (x: Tensor) => x.mul(2).toArray(),
      (x: Tensor) => String(x),
      (x: Tensor) => tensor(x.toTypedArray()),
    ])
      expect(() => compile(read as never)(tensor([1]))).toThrow(GraphError);
    expect(compile((x: Tensor) => where(x.sum().greater(0), x, x.neg()))(tensor([-2])).toArray()).toEqual([2]);
  });

  test.each([
    ["no function", () => compile(3 as never), /^compile: expected a function, got 3/],
    ["an argument that is no plain value", () => compile((x: unknown) => x)(new Map()), /arguments made of .* got a Map at "\[0\]"/],
    ["a result that is no plain value", () => compile((x: Tensor) => new Set([x]))(scalar(1)), /got a Set/],
    ["a promise", () => compile(async (x: Tensor) => Promise.resolve(x))(scalar(1)), /only synchronous functions/],
    ["an argument that contains itself", () => {
      const a: unknown[] = []; a.push(a);
      return compile((x: unknown) => x)(a);
    }, /contains itself/],
    ["a key that is a symbol", () => compile((x: unknown) => x)({ [Symbol("own")]: scalar(1) }), /got an object with the key Symbol\(own\) at "\[0\]"/],
    ["an argument that is too deep", () => {
      let a: unknown = scalar(1);
      for (let i = 0; i < 20000; i++) a = i % 2 === 0 ? [a] : { a };
      return compile((x: unknown) => x)(a);
    }, /got one more than 1000 deep at "/],
    ["a result that is too deep", () => compile((x: Tensor) => {
      let a: unknown = x;
      for (let i = 0; i < 20000; i++) a = [a];
      return a;
    })(scalar(1)), /a function whose result is .* got one more than 1000 deep/],
  ])("%s", (_, run, says) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(says);
  }); // prettier-ignore

  test("errors of operators come when the program runs, and it can run again", () => {
    const invert = compile((x: Tensor) => x.inverse());
    expect(() => invert(tensor([[0, 0], [0, 0]]))).toThrow(NumericError); // prettier-ignore
    expect(invert(tensor([[2, 0], [0, 4]])).toArray()).toEqual([[0.5, 0], [0, 0.25]]); // prettier-ignore
  });
});

test("the text says what was recorded", () => {
  const program = compile(function step(x: Tensor) {
    return x.mul(2).add(1).tanh().sum();
  });
  expect(String(program)).toBe("compile(step): nothing recorded yet");
  program(tensor([1, 2, 3]));
  expect(String(program)).toMatch(
    /program step\(f64\[3\]\)[^]*3 elementwise equations in one loop[^]*= add\(v0, 1\)[^]*4 equations in 2 steps/,
  );
});
