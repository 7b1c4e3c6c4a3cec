/** What compiled functions are asked that they cannot do, and what they must never do to their callers. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from "vitest";
import {
  ArgumentError,
  backward,
  checkpoint,
  checkValues,
  compile,
  fromNumber,
  grad,
  GraphError,
  jvp,
  noGrad,
  random,
  scalar,
  ShapeError,
  tensor,
  valueAndGrad,
  variable,
  vmap,
  type Tensor,
} from "@cotangent/core";
import { bits } from "./bits.js";

let warn: MockInstance;
beforeEach(() => {
  warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => {
  warn.mockRestore();
});

/** Sends the memory of an array to somebody else, as postMessage with a transfer list does. */
function transfer(array: { readonly buffer: ArrayBufferLike }): void {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
}

describe("side effects that show are refused", () => {
  test.each<[string, (x: Tensor, s: { a: Tensor; list: Tensor[] }) => unknown, RegExp]>([
    ["a part of an argument exchanged", (x, s) => (s.a = x.add(1)), /leaves its arguments as they are, got one that puts others/],
    ["an argument that grows", (x, s) => (s.list.push(x), x), /got one that puts others in their places; return what is new/],
    [".grad written", (x) => ((x as { grad?: Tensor }).grad = x.mul(2)), /got one that writes "grad" to a tensor/],
  ])("%s", (_, f, says) => {
    const s = { a: scalar(1), list: [scalar(2)] };
    const program = compile(f as (x: Tensor, s: unknown) => Tensor);
    for (let i = 0; i < 2; i++) {
      expect(() => program(tensor([1]), s)).toThrow(ArgumentError);
      expect(() => program(tensor([1]), s)).toThrow(says);
    }
    expect([s.a.item(), s.list.length]).toEqual([1, 1]);
  }); // prettier-ignore

  test("tensors that leave the function by another way are of no use elsewhere", () => {
    const leaked: Tensor[] = [];
    const program = compile((x: Tensor) => {
      leaked.push(x, x.mul(2));
      return x.add(1);
    });
    program(tensor([1]));
    for (const x of leaked)
      for (const use of [() => x.toArray(), () => x.add(1), () => compile((y: Tensor) => y.add(x))(tensor([1]))]) {
        expect(use).toThrow(GraphError);
        expect(use).toThrow(/to be used inside of it only, got one elsewhere.*return what is needed/);
      }
  });

  test("what else is done is done once, when the function is recorded", () => {
    let calls = 0;
    const program = compile((x: Tensor) => (calls++, x.add(1)));
    for (let i = 0; i < 9; i++) program(tensor([i]));
    expect(calls).toBe(1);
  });
});

describe("variables in the closure", () => {
  const w = variable([1, 2]);

  test("a result that depends on them is tracked as ever, with one notice; within noGrad it is a program's", () => {
    const program = compile(function scaled(x: Tensor) {
      return x.mul(w);
    });
    for (let i = 0; i < 3; i++) {
      const y = program(tensor([3, 4]));
      expect(backward(y.sum()).get(w).toArray()).toEqual([3, 4]);
    }
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^Cotangent: a program of scaled runs operator by operator/)]]);
    const fixed = vi.fn((x: Tensor) => x.mul(w));
    const predict = compile(fixed);
    for (let i = 0; i < 3; i++) expect(noGrad(() => predict(tensor([3, 4]))).toArray()).toEqual([3, 8]);
    expect(fixed).toHaveBeenCalledTimes(1);
  }); // prettier-ignore

  test("gradients by them inside, and variables made inside, are no reason", () => {
    const inner = compile((x: Tensor) => {
      const v = variable(x);
      return [v.square().sum().backward().get(v), v.mul(2), backward(x.mul(w).sum()).get(w)];
    });
    for (let i = 0; i < 2; i++) expect(inner(tensor([1, 2])).map((y) => y.toArray())).toEqual([[2, 4], [2, 4], [1, 2]]); // prettier-ignore
    expect(inner.recorded).toBe(1);
    expect(warn).not.toHaveBeenCalled();
  });
});

test("each kind of notice is given once, and none stands in the way of another", () => {
  const w = variable([1, 2]);
  const program = compile(function step(x: Tensor, rate: number) {
    return x.mul(w).mul(rate);
  });
  for (let rate = 0; rate < 12; rate++) for (const x of [tensor([3, 4]), w]) program(x, rate);
  const said = warn.mock.calls.map(([text]) => (text as string).replace(/ last to .*/, ""));
  expect(said).toEqual([
    expect.stringMatching(/^Cotangent: a program of step runs operator by operator, as its result depends on variables of the closure/),
    expect.stringMatching(/^Cotangent: a program of step runs operator by operator, as it was called with variables, by which derivatives are wanted; .*noGrad\.$/),
    expect.stringMatching(/^Cotangent: compile has recorded step 11 times/),
  ]);
}); // prettier-ignore

describe("where a function is no plain function of its arguments", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["async", () => compile(async (x: Tensor) => Promise.resolve(x))(scalar(1)), /got a Promise; only synchronous/],
    ["a generator function", () => compile(function* (x: Tensor) { yield x; })(scalar(1)), /only synchronous functions that return/],
    ["a typed array", () => compile((a: Float64Array) => tensor(a))(new Float64Array(2)), /got a Float64Array at "\[0\]"; make it a tensor/],
    ["a function", () => compile((f: () => Tensor) => f())(() => scalar(1)), /got a function at "\[0\]"; take it from the closure/],
    ["an instance", () => compile((d: Date) => scalar(d.getTime()))(new Date()), /got a Date/],
  ])("%s", (_, run, says) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(says);
  }); // prettier-ignore

  test("an error of its own goes through, leaves nothing behind, and the next call records", () => {
    let fails = true;
    const mine = new Error("mine");
    const program = compile((x: Tensor) => {
      const [, slope] = valueAndGrad((v: Tensor) => {
        if (fails) throw mine;
        return v.square().sum();
      })(x);
      return slope;
    });
    expect(() => program(tensor([1]))).toThrow(mine);
    expect(vmap((x: Tensor) => x.mul(2))(tensor([1, 2])).toArray()).toEqual([2, 4]);
    expect(() => grad((x: Tensor) => program(x))(tensor([1]))).toThrow(mine);
    expect(tensor([1]).add(1).item()).toBe(2);
    fails = false;
    expect(program(tensor([5])).toArray()).toEqual([10]);
    expect(program.recorded).toBe(1);
  });

  test("itself, by numbers that go down; holes in lists; nothing at all", () => {
    const power = compile((x: Tensor, n: number): Tensor => (n === 0 ? x : power(x.mul(2), n - 1)));
    expect([power(scalar(1), 5).item(), power(scalar(3), 5).item(), power.recorded]).toEqual([32, 96, 1]);
    const holes = compile((list: (Tensor | undefined)[]) => list[2]!.add(list.length));

    for (let i = 0; i < 2; i++) expect(holes([scalar(1), , scalar(i)]).item()).toBe(i + 3);
    expect(compile(() => tensor([1]).mul(2))().item()).toBe(2);
    expect(compile((x: Tensor) => void x.mul(2))(scalar(1))).toBeUndefined();
  });
});

describe("programs within others, and others within programs", () => {
  const program = compile((x: Tensor) => x.square().sum());
  const x = tensor([[1, 2], [3, 4]]); // prettier-ignore

  test.each<[string, (x: Tensor) => Tensor]>([
    ["vmap", (x) => vmap(program)(x)],
    ["grad of vmap", (x) => grad((v: Tensor) => vmap(program)(v).sum())(x)],
    ["jvp of grad", (x) => jvp(grad(program), [x], [x])[1]],
    ["checkpoint", (x) => grad(checkpoint(program))(x)],
    ["twice compiled", (x) => compile(compile(grad(program)))(x)],
  ])("%s", (_, f) => {
    const plain = f(x);
    const outer = compile(f);
    for (let i = 0; i < 2; i++) expect(bits(outer(x))).toBe(bits(plain));
  });

  test("a look at values in a step may call the program itself", () => {
    const seen: number[] = [];
    const nested = compile((x: Tensor): Tensor => {
      const half = fromNumber(x.sum(), (n) => (n > 1 ? nested(tensor([n / 2])).item() : n));
      checkValues(x, (v) => seen.push(v.sum().item()));
      return half.add(x.sum());
    });
    const plain = (n: number): number => (n > 1 ? plain(n / 2) : n) + n;
    for (const n of [8, 5, 0.5]) expect(nested(tensor([n])).item()).toBe(plain(n));
    expect(seen.length).toBeGreaterThan(3);
  });
});

describe("repeat", () => {
  const add = compile((s: { total: Tensor }, x: Tensor) => ({ total: s.total.add(x.sum()) }));

  test("batches may come from the program itself, from another repeat, and may fail midway", () => {
    const start = { total: scalar(1) };
    const own = function* (): Generator<Tensor> {
      for (let i = 0; i < 4; i++) yield add({ total: scalar(i) }, scalar(0)).total;
    };
    expect(add.repeat(start, own()).total.item()).toBe(7);
    const others = function* (): Generator<Tensor> {
      for (let i = 0; i < 4; i++) yield add.repeat({ total: scalar(0) }, [scalar(1), scalar(1)]).total;
    };
    expect(add.repeat(start, others()).total.item()).toBe(9);
    const failing = function* (): Generator<Tensor> {
      yield* [scalar(1), scalar(2)];
      throw new Error("no more");
    };
    expect(() => add.repeat(start, failing())).toThrow("no more");
    expect(add.repeat(start, [scalar(2), scalar(3)]).total.item()).toBe(6);
    expect(start.total.item()).toBe(1);
  });

  test("a tracked batch in between, and what is no batch", () => {
    const w = variable(5);
    const state = add.repeat({ total: scalar(1) }, [scalar(1), w, scalar(1)]);
    expect(state.total.item()).toBe(8);
    expect(backward(state.total).get(w).item()).toBe(1);
    expect(() => add.repeat({ total: scalar(1) }, [scalar(1), new Map() as never])).toThrow(ArgumentError);
  });
});

test("whatever is kept of calls and repeats stays as it was", () => {
  type State = readonly [Tensor, { readonly b: Tensor }];
  const plain = ([a, { b }]: State, x: Tensor): State => [b.mul(0.5).add(x), { b: a.sub(x.mean()) }];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("call", "repeat", "back"), fc.integer({ min: 1, max: 4 }), fc.nat(9)), { maxLength: 12 }),
      fc.constantFrom(1, 5, 5000),
      (moves, size) => {
        const program = compile(plain);
        const r = random(1);
        const kept: { state: State; was: readonly string[] }[] = [];
        const keep = (state: State): void => void kept.push({ state, was: [bits(state[0]), bits(state[1].b)] });
        keep([r.normal([size]), { b: r.normal([size]) }]);
        for (const [move, n, which] of moves) {
          const from = move === "back" ? kept[which % kept.length]!.state : kept.at(-1)!.state;
          const batches = Array.from({ length: n }, () => r.normal([size]));
          const expected = batches.reduce(plain, from);
          const got = move === "repeat" ? program.repeat(from, batches) : batches.reduce<State>(program, from);
          expect([bits(got[0]), bits(got[1].b)]).toEqual([bits(expected[0]), bits(expected[1].b)]);
          keep(got);
        }
        for (const { state, was } of kept) expect([bits(state[0]), bits(state[1].b)]).toEqual(was);
      },
    ),
    { numRuns: 25 },
  );
}); // prettier-ignore

describe("memory that is not there", () => {
  test("a program larger than addresses says so, with its size, and nothing is lost", () => {
    const program = compile((x: Tensor) => x.exp().matmul(x));
    const large = scalar(1).broadcastTo([40_000, 40_000]);
    expect(() => program(large)).toThrow(ShapeError);
    expect(() => program(large)).toThrow(/takes \d{11} bytes \(at most 4294967296\); work in smaller batches/);
    expect(program(tensor([[2]])).shape).toEqual([1, 1]);
  });

  test.each<[string, (x: Tensor) => Tensor]>([
    ["computed while it is recorded", (x) => scalar(1).broadcastTo([40_000, 40_000]).exp().add(x)],
    ["as it stands in the closure", (x) => tensor([1, 2]).reshape([2, 1]).broadcastTo([2, 800_000_000]).add(x)],
  ])("a constant larger than addresses, %s, is refused by its size before it is made", (_, f) => {
    const program = compile(f);
    for (let i = 0; i < 2; i++) {
      expect(() => program(scalar(1))).toThrow(ShapeError);
      expect(() => program(scalar(1))).toThrow(/takes \d{11} bytes \(at most 4294967296\); work in smaller batches/);
    }
  });

  test("typed arrays whose memory was transferred away", () => {
    const array = new Float64Array(10);
    transfer(array);
    for (const make of [() => tensor(array), () => tensor(array, { shape: [10] })]) {
      expect(make).toThrow(ArgumentError);
      expect(make).toThrow(/^tensor: .*transferred away/);
    }
    expect(tensor(new Float64Array(0)).shape).toEqual([0]);
    // What is sent away belongs to who sends it: a tensor has copied it, and hands out copies.
    const x = tensor([1, 2, 3]);
    transfer(x.toTypedArray());
    expect(x.add(1).toArray()).toEqual([2, 3, 4]);
  });

  test.each([3, 100_000])("tensors of %d elements whose own memory was taken away", (n) => {
    const x = random(1).normal([n]);
    const sum = compile((x: Tensor) => x.sum());
    sum(random(2).normal([n]));
    transfer(x.data as Float64Array);
    for (const use of [() => sum(x), () => x.add(1), () => x.sum(), () => x.toArray(), () => x.slice([[0, 1]]).item(), () => compile((y: Tensor) => y.add(x))(scalar(1))]) {
      expect(use).toThrow(ArgumentError);
      expect(use).toThrow(/transferred away/);
    }
    expect(tensor([1, 2]).add(1).toArray()).toEqual([2, 3]);
    expect(compile((y: Tensor) => y.add(2))(tensor([1])).item()).toBe(3);
  }); // prettier-ignore
});
