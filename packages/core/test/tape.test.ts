/** Graphs of single numbers stand on the tape, and nobody can tell: against the same graphs node by node. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backward,
  checkpoint,
  compile,
  explain,
  grad,
  graphOf,
  jvp,
  random,
  scalar,
  stack,
  tensor,
  valueAndGrad,
  variable,
  vmap,
  withBackend,
  type Tensor,
} from "@cotangent/core";
import { chunkSize, Reach } from "../src/tape.js";
import { chunksOf } from "../src/tapeNodes.js";
import { withContext } from "../src/context.js";
import { bits } from "./bits.js";

/** Runs `f` under the eyes of an observer, before whom every operator gets a node. */
function watched<R>(f: () => R): R {
  return withContext({ observer: { observe: () => undefined } }, f);
}

const unaries = ["tanh", "relu", "sin", "abs"] as const;
/** Their rules have one to four operands. */
const binaries = ["add", "mul", "sub", "div", "atan2", "hypot", "maximum", "mod"] as const;
const isUnary = (op: Step["op"]): op is (typeof unaries)[number] => (unaries as readonly string[]).includes(op);

/** One operator on earlier values, far back too; or on a constant. */
interface Step {
  readonly op: (typeof unaries)[number] | (typeof binaries)[number];
  readonly a: number;
  readonly b: number;
  readonly constant: number | null;
}

const steps = (count: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      op: fc.constantFrom(...unaries, ...binaries),
      a: fc.nat(1e6),
      b: fc.nat(1e6),
      constant: fc.option(
        fc.integer({ min: -8, max: 8 }).map((i) => i / 4),
        { freq: 4 },
      ),
    }),
    { minLength: 1, maxLength: count },
  );

/** All values, three leaves first. Every third operand is a recent one; what would grow is squashed. */
function run(list: readonly Step[], padding: number, of: readonly number[] = [0.5, -0.75, 1.25]): Tensor[] {
  const values = of.map((v) => variable(v));
  const idle = variable(1);
  const pick = (n: number): Tensor =>
    values[n % 3 === 0 ? values.length - 1 - (n % Math.min(4, values.length)) : n % values.length]!;
  for (const { op, a, b, constant } of list) {
    // Entries of other graphs in between, so that this one is spread over chunks.
    for (let i = 0; i < padding; i++) idle.add(1);
    const x = pick(a);
    const y = constant ?? pick(b);
    const z = isUnary(op) ? x[op]() : x[op](y);
    values.push(Math.abs(z.item()) > 4 ? z.tanh() : z);
  }
  return values;
}

describe("the same bits as by nodes", () => {
  test.each([
    ["in one chunk", 40, 0],
    ["over many chunks", 60, chunkSize / 16],
  ])("%s: values, cotangents of every handle, of any root", (_, count, padding) => {
    fc.assert(
      fc.property(steps(count), fc.nat(1e6), (list, r) => {
        const all = run(list, padding);
        const nodes = watched(() => run(list, 0));
        expect(all.at(-1)!.origin).toBeInstanceOf(Reach);
        expect(nodes.at(-1)!.origin).not.toBeInstanceOf(Reach);
        expect(all.map(bits)).toEqual(nodes.map(bits));
        for (const root of [all.length - 1, r % all.length]) {
          const [found, wanted] = [all[root]!.backward(), nodes[root]!.backward()];
          const recorded = all[root]!.backward({ createGraph: true });
          all.forEach((x, i) => {
            expect([found.has(x), bits(found.get(x))]).toEqual([wanted.has(nodes[i]!), bits(wanted.get(nodes[i]!))]);
            expect(bits(recorded.get(x))).toBe(bits(wanted.get(nodes[i]!)));
          });
          // Nodes exist now; a sweep over the tape finds the same.
          expect(all.map((x) => bits(all[root]!.backward().get(x)))).toEqual(all.map((x) => bits(found.get(x))));
        }
      }),
      { numRuns: padding === 0 ? 100 : 30 },
    );
  });

  test("numbers and tensors in turn: cotangents of every handle", () => {
    const weights = tensor([0.3, -0.7]);
    const mixed = (list: readonly Step[], padding: number): Tensor[] => {
      const values = [0.5, -0.75, 1.25].map((v) => variable(v));
      const idle = variable(1);
      for (const { op, a, b } of list) {
        for (let i = 0; i < padding; i++) idle.add(1);
        const x = values[a % values.length]!;
        const y = values[b % values.length]!;
        // On the tape where both operands are, and never.
        if (isUnary(op)) values.push(stack([x, y]).mul(weights).sum());
        else values.push(x[op](y).mul(0.7).tanh());
      }
      values.push(stack(values).sum());
      return values;
    };
    fc.assert(
      fc.property(steps(40), fc.constantFrom(0, 0, chunkSize / 16, chunkSize / 3), (list, padding) => {
        const [all, nodes] = [mixed(list, padding), watched(() => mixed(list, 0))];
        const [found, wanted] = [all.at(-1)!.backward(), nodes.at(-1)!.backward()];
        const recorded = all.at(-1)!.backward({ createGraph: true });
        const expected = nodes.map((x) => bits(wanted.get(x)));
        expect(all.map((x) => bits(found.get(x)))).toEqual(expected);
        expect(all.map((x) => bits(recorded.get(x)))).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test("on the plain backend, and from one backend to the other in the middle", () => {
    fc.assert(
      fc.property(steps(30), fc.nat(29), (list, cut) => {
        const all = run(list, 0);
        const found = all.at(-1)!.backward();
        withBackend("reference", () => {
          expect(run(list, 0).map(bits)).toEqual(all.map(bits));
          const plain = all.at(-1)!.backward();
          expect(all.map((x) => bits(plain.get(x)))).toEqual(all.map((x) => bits(found.get(x))));
        });
        const early = run(list.slice(0, cut), 0);
        const both = withBackend("reference", () => early.at(-1)!.mul(early[0]!));
        expect(bits(both.tanh())).toBe(bits(early.at(-1)!.mul(early[0]!).tanh()));
      }),
      { numRuns: 60 },
    );
  });

  test("ids of entries and of nodes in between follow time", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), fc.nat(chunkSize), (kinds, padding) => {
        const x = variable(0.5);
        const idle = variable(1);
        for (let i = 0; i < padding; i++) idle.add(1);
        const made = kinds.map((onTape) => (onTape ? x.mul(2) : x.clamp({ min: 0 })));
        expect(made.map(({ origin }) => origin instanceof Reach)).toEqual(kinds);
        const ids = made.map((each) => each.node!.id);
        expect(ids).toEqual([...ids].sort((a, b) => a - b));
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 50 },
    );
  });

  test("compiled, of numbers and tensors in turn", () => {
    const w = tensor([0.3, 0.7]);
    for (let i = 0; i < 20; i++) {
      const f = (x: Tensor): Tensor => {
        const a = x.mul(0.7 + i / 7);
        const early = x.mul(w).sum();
        return stack([early, a, a.mul(1 / 3), x.add(w).square().sum(), x.mul(0.1).tanh()])
          .sum()
          .mul(a);
      };
      const at = scalar(0.1 + i / 13);
      expect(bits(compile((x: Tensor) => grad(f)(x))(at))).toBe(bits(grad(f)(at)));
    }
  });

  test("second derivatives and forward mode", () => {
    fc.assert(
      fc.property(steps(12), (list) => {
        const f = (x: Tensor): Tensor => {
          const values = [x, x.mul(0.5), x.tanh()];
          for (const { op, a, b } of list) {
            const p = values[a % values.length]!;
            values.push(isUnary(op) ? p[op]() : p[op](values[b % values.length]!).tanh());
          }
          return values.at(-1)!;
        };
        const seen = watched(() => [grad(f)(0.3), grad(grad(f))(0.3)]);
        expect([grad(f)(0.3), grad(grad(f))(0.3)].map(bits)).toEqual(seen.map(bits));
        expect(bits(jvp(f, [scalar(0.3)], [scalar(1)])[0] as Tensor)).toBe(bits(f(scalar(0.3))));
        expect(bits(compile((x: Tensor) => grad(f)(x))(scalar(0.3)))).toBe(bits(seen[0]!));
      }),
      { numRuns: 100 },
    );
  });
});

describe("one graph", () => {
  test("numbers into tensors and tensors into numbers", () => {
    const [x, y] = [variable(0.5), variable(-2)];
    const s = x.mul(y).add(3);
    const t = stack([s, s.mul(x), y]).square();
    const z = t.sum().mul(s).add(s.tanh());
    const found = z.backward();
    const seen = watched(() => {
      const [p, q] = [variable(0.5), variable(-2)];
      const u = p.mul(q).add(3);
      const w = stack([u, u.mul(p), q])
        .square()
        .sum()
        .mul(u)
        .add(u.tanh())
        .backward();
      return [w.get(p), w.get(q), w.get(u)];
    });
    expect([found.get(x), found.get(y), found.get(s)].map(bits)).toEqual(seen.map(bits));
  });

  test("what numbers and other operators share is added in the order of time", () => {
    const run = (): string[] => {
      const [x, y] = [variable(0.1), variable(0.7)];
      let z = x;
      for (let i = 0; i < 30; i++)
        z = i % 4 === 3 ? z.leakyRelu().add(y.mul(x)) : z.mul(0.3).add(x.mul(y)).add(y.leakyRelu()).tanh();
      const found = z.backward();
      return [x, y].map((v) => bits(found.get(v)));
    };
    expect(run()).toEqual(watched(run));
  });

  test("graphOf, labels of handles, explain", () => {
    const [a, b] = [variable(2), variable(-3)];
    const product = a.mul(b);
    const y = product.add(10).mul(product);
    const { nodes, edges } = graphOf(y, { labels: { a, b, product } });
    expect(nodes.map(({ label, name, value, cotangent }) => `${label ?? name} ${value} ${cotangent ?? "-"}`)).toEqual([
      "a 2 6", "b -3 -4", "product -6 -2", "constant 10 -", "add 4 -6", "mul -24 1",
    ]); // prettier-ignore
    expect(edges).toHaveLength(6);
    expect(product.node).toBe(product.node);
    const x = variable(0);
    const report = explain(x.mul(0).sqrt().add(x));
    expect(report.first).toMatchObject({ phase: "backward", op: "sqrt" });
  });

  test("grad by closed-over variables stays recorded, and only then", () => {
    const w = variable(3);
    const slope = grad((x) => x.mul(x).mul(w))(2);
    expect(slope.requiresGrad).toBe(true);
    expect(slope.backward().get(w).item()).toBe(4);
    const [value, gradient] = valueAndGrad((x: Tensor) => x.mul(x))(scalar(2));
    expect([value.requiresGrad, gradient.requiresGrad]).toEqual([false, false]);
    // Through an operator that is not on the tape.
    const through = valueAndGrad((x: Tensor) => stack([x.mul(2), x.mul(w)]).sum())(scalar(2));
    expect(through[0].requiresGrad).toBe(true);
    expect(through[0].backward().get(w).item()).toBe(2);
  });

  test("checkpoint and vmap", () => {
    const w = variable(0.5);
    const s = w.mul(3);
    const layer = checkpoint((x: Tensor) => x.mul(s).tanh());
    const y = layer(layer(variable(0.25)));
    const plain = variable(0.25).mul(s).tanh().mul(s).tanh();
    expect(bits(y.backward().get(s))).toBe(bits(plain.backward().get(s)));
    expect(bits(y.backward().get(w))).toBe(bits(plain.backward().get(w)));
    expect(s.origin).toBeInstanceOf(Reach);
    const each = vmap((x: Tensor) => x.mul(s))(tensor([1, 2]));
    expect(each.sum().backward().get(w).item()).toBe(9);
  });

  test("a variable whose buffer was transferred away is refused every time", () => {
    const x = tensor(new Float64Array([2]), { shape: [], requiresGrad: true });
    const { buffer } = x.data as Float64Array<ArrayBuffer>;
    structuredClone(buffer, { transfer: [buffer] });
    for (let i = 0; i < 2; i++) expect(() => x.mul(2)).toThrow(/^tensor: .* transferred away/);
  });

  test("a fresh leaf of a result is a leaf, and stays one", () => {
    const x = variable(3);
    const y = x.square();
    const leaf = variable(y);
    expect(typeof leaf.data).toBe("number");
    const found = leaf.mul(y).backward();
    expect([found.get(leaf), found.get(y), found.get(x)].map((t) => t.item())).toEqual([9, 9, 54]);
  });

  test("numbers on the way that recorded gradients reach too", () => {
    const x = variable(0.7);
    const u = x.square();
    const y = u.sin();
    const slope = y.backward({ createGraph: true }).get(u);
    // cos(u) sin(u)
    const z = slope.mul(y);
    const [plain, recorded] = [z.backward(), z.backward({ createGraph: true })];
    const byU = Math.cos(2 * u.item());
    for (const found of [plain, recorded]) {
      expect(found.get(u).item()).toBeCloseTo(byU, 14);
      expect(found.get(x).item()).toBeCloseTo(2 * x.item() * byU, 14);
    }
  });
});

test("very many variables, and sweeps between a sweep and the question", () => {
  const count = 40 * chunkSize;
  const weights = Array.from({ length: count }, (_, i) => variable(i % 7));
  const x = variable(2);
  let y = x.mul(0);
  for (const w of weights) y = y.add(w.mul(x));
  const found = y.backward();
  expect(y.mul(3).backward().get(weights[5]!).item()).toBe(6);
  expect(weights.filter((w) => found.get(w).item() !== 2)).toEqual([]);
  expect(found.get(x).item()).toBe(weights.reduce((sum, w) => sum + w.item(), 0));
});

describe("what a handle holds", () => {
  const chunks = (x: Tensor): number => chunksOf(new Set([x.origin as Reach])).length;

  test("nothing of other graphs that shared its chunks and its operands", () => {
    const x = variable(0.5);
    const idle = variable(1);
    const filled = (count: number): void => {
      for (let i = 0; i < count; i++) idle.add(1);
    };
    const kept = x.exp();
    for (let round = 0; round < 20; round++) {
      const fresh = kept.mul(0.5);
      expect(chunks(fresh)).toBeLessThanOrEqual(2);
      let y = fresh.add(kept);
      filled((2 * chunkSize) / 3);
      y = y.mul(2);
      y = y.add(kept);
      // One an operator, at most.
      expect(chunks(y)).toBeLessThanOrEqual(5);
    }
  });

  test("short lists of histories, however far and wide operands lie", () => {
    const all = [variable(1)];
    for (let i = 0; i < 8 * chunkSize; i++) {
      const back = (i * 7919) % Math.min(all.length, 3 * chunkSize);
      all.push(all[all.length - 1 - back]!.mul(all.at(-1)!));
    }
    const reaches = new Set(all.flatMap(({ origin }) => (origin instanceof Reach ? [origin] : [])));
    expect(Math.max(...[...reaches].map(({ older }) => older.length))).toBeLessThanOrEqual(8);
    expect(all.at(-1)!.backward().has(all[0]!)).toBe(true);
  });
});

test("operators beside the tape give their cotangents in the order of time, as in recorded sweeps and programs", () => {
  const points = random(3).uniform([100, 2]).toArray() as [number, number][];
  // A clamp has parameters, so it stands beside the tape; three cotangents make the order of a sum show.
  const f = ([x, y]: readonly [Tensor, Tensor]): Tensor => {
    const beside = x.clamp({ min: -9, max: 9 }).mul(0.1);
    return x.mul(y).tanh().add(x.mul(0.3)).add(x.sin()).add(beside);
  };
  const slope = (x: Tensor, y: Tensor): Tensor => valueAndGrad(f)([x, y])[1][0];
  const program = compile(slope);
  for (const [a, b] of points) {
    const [x, y] = [variable(a), variable(b)];
    const recorded = backward(f([x, y]), { createGraph: true })
      .get(x)
      .item();
    expect(slope(scalar(a), scalar(b)).item()).toBe(recorded);
    expect(program(scalar(a), scalar(b)).item()).toBe(recorded);
  }
});

test("sweeps over recorded gradients: third derivatives are those of nodes and of programs, bit for bit", () => {
  const third = (x: Tensor, y: Tensor): Tensor[] => {
    const output = y.log().mul(x).add(x.square().hypot(x)).add(y.div(x));
    const slopes = output.backward({ createGraph: true });
    const curve = slopes.get(x).mul(slopes.get(y)).add(slopes.get(x)).backward({ createGraph: true });
    const last = curve.get(x).add(curve.get(y).mul(2)).backward();
    // What was computed in between has cotangents too.
    return [output, slopes.get(x), curve.get(x), ...[x, y, output, slopes.get(x)].map((of) => last.get(of))];
  };
  const program = compile((x: Tensor, y: Tensor) => third(variable(x), variable(y)));
  for (const [a, b] of random(4).uniform([200, 2], { low: 0.1 }).toArray() as [number, number][]) {
    const eager = third(variable(a), variable(b)).map(bits);
    expect(eager).toEqual(watched(() => third(variable(a), variable(b)).map(bits)));
    expect(eager).toEqual(program(scalar(a), scalar(b)).map(bits));
  }
});
