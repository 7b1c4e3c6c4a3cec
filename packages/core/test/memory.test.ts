/** Deep graphs do not overflow the stack, and what is kept does not pin what is not. */
import { spawnSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import {
  concat,
  grad,
  graphOf,
  jvp,
  ones,
  tensor,
  valueAndGrad,
  variable,
  where,
  zeros,
  type DType,
  type Tensor,
} from "@cotangent/core";

describe("deep graphs", () => {
  test("a chain of 1,000,000 scalars, backward", () => {
    const x = variable(1);
    let y = x;
    for (let i = 0; i < 250000; i++) y = y.mul(2).add(x).mul(0.5).sub(0.5);
    // y ← (2 y + x) / 2 - 1/2 = y + x/2 - 1/2: the value stays 1, the derivative grows by 1/2 a round.
    expect(y.item()).toBe(1);
    expect(y.backward().get(x).item()).toBe(125001);
  });

  test("a chain that contracts: the derivative is the plain recursion's", () => {
    const x = variable(0.3);
    let [y, slope] = [x, 1];
    for (let i = 0; i < 100000; i++) {
      const [before, wide] = [slope, y];
      y = y.tanh().mul(0.5).add(x);
      // d/dx (tanh(y)/2 + x)
      slope = before * 0.5 * (1 - wide.tanh().item() ** 2) + 1;
    }
    // Each step at least halves the errors of the steps before, so a dozen roundings are all there is.
    expect(Math.abs(y.backward().get(x).item() - slope)).toBeLessThan(12 * 2 ** -52 * slope);
  });

  test.each<[string, (y: Tensor, x: Tensor) => Tensor]>([
    ["operators with one input", (y) => y.neg()],
    ["with two", (y, x) => y.add(x).sub(x)],
    ["with three", (y, x) => where(1, y, x)],
    ["with a list", (y, x) => concat([y.unsqueeze(0), x.unsqueeze(0), x.unsqueeze(0)]).slice([0])],
  ])("20,000 %s", (_name, step) => {
    const x = variable(2);
    let y = x;
    for (let i = 0; i < 20000; i++) y = step(y, x);
    expect(y.item()).toBe(2);
    expect(y.backward().get(x).item()).toBe(1);
  });

  test("recorded sweeps, transformations and graphOf do not recurse either", () => {
    const length = 20000;
    const f = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < length; i++) y = y.neg();
      return y.mul(x);
    };
    const x = variable(3);
    const slope = f(x).backward({ createGraph: true }).get(x);
    expect([slope.item(), slope.backward().get(x).item()]).toEqual([6, 2]);
    expect(valueAndGrad(f)(3).map((t) => t.item())).toEqual([9, 6]);
    expect(grad(f)(x).item()).toBe(6);
    expect(jvp(f, [3], [1])[1].item()).toBe(6);
    expect(graphOf(f(x)).nodes.length).toBe(length + 2);
  });

  test("one node with 3,000 inputs, and one input of 100,000 nodes", () => {
    const parts = Array.from({ length: 3000 }, (_, i) => variable(tensor([i])));
    const gradients = concat(parts).square().sum().backward();
    expect(parts.every((part, i) => gradients.get(part).item() === 2 * i)).toBe(true);
    const x = variable(1);
    let y = x;
    for (let i = 0; i < 100000; i++) y = y.add(x);
    expect(y.backward().get(x).item()).toBe(100001);
  });
});

/** Bytes that a tensor keeps alive beside itself; a scalar may be held as a number. */
function pinned({ data }: { data: unknown }): number {
  return ArrayBuffer.isView(data) ? data.buffer.byteLength : 0;
}

describe("small tensors that are kept", () => {
  const dtypes: readonly DType[] = ["float64", "float32", "int32", "bool"];
  const sizes = [1, 2, 3, 100, 1000, 2048, 2049, 4096, 5000, 16384, 16385, 20000];
  const makers: Readonly<Record<string, (n: number, dtype: DType) => Tensor>> = {
    tensor: (n, dtype) => tensor(new Uint8Array(n), { dtype }),
    zeros: (n, dtype) => zeros([n], { dtype }),
    "an elementwise operator": (n, dtype) => zeros([n], { dtype }).maximum(ones([n], { dtype })),
    "a reduction": (n, dtype) => zeros([2, n], { dtype }).sum({ axis: 0 }),
    matmul: (n, dtype) => zeros([n, 1], { dtype }).matmul(zeros([1, 1], { dtype })),
    concat: (n, dtype) => concat([zeros([n - 1], { dtype }), zeros([1], { dtype })]),
    take: (n, dtype) => ones([1], { dtype }).take(zeros([n], { dtype: "int32" })),
  };

  test.each(Object.keys(makers))("pin at most 64 KB, and large ones only themselves: %s", (name) => {
    for (const dtype of dtypes)
      for (const n of sizes) {
        // Something between them, so that they do not all start a slab.
        tensor(new Float64Array(7));
        const made = makers[name]!(n, dtype);
        const bytes = made.toTypedArray().byteLength;
        expect(pinned(made), `${made.dtype} [${n}]`).toBeGreaterThanOrEqual(bytes);
        expect(pinned(made), `${made.dtype} [${n}]`).toBeLessThanOrEqual(Math.max(bytes, 65536));
      }
  });

  test("a scalar, from a reduction or used as an operand, pins next to nothing", () => {
    const cost = ones([100000]).sum();
    expect(pinned(cost)).toBe(0);
    expect(cost.broadcastTo([100000]).mul(2).sum().item()).toBe(2e10);
    expect(pinned(cost)).toBeLessThanOrEqual(65536);
  });

  test("toTypedArray is a copy of its own size", () => {
    const x = tensor([1, 2, 3]);
    const copy = x.toTypedArray();
    expect(copy.buffer.byteLength).toBe(24);
    copy[0] = 9;
    expect(x.toArray()).toEqual([1, 2, 3]);
  });
});

describe("garbage", () => {
  setFlagsFromString("--expose_gc");
  const collect = runInNewContext("gc") as () => void;

  /** Whether what `make` refers to weakly goes, within a few turns of the event loop: the stack may hold a stale word. */
  async function collected(make: () => { kept: unknown; dropped: Tensor }): Promise<boolean> {
    let kept: unknown;
    const weak = ((): WeakRef<Tensor> => {
      const made = make();
      kept = made.kept;
      return new WeakRef(made.dropped);
    })();
    let gone = false;
    for (let turn = 0; turn < 10 && !gone; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      collect();
      gone = weak.deref() === undefined;
    }
    expect(kept).toBeDefined();
    return gone;
  }

  test("history is kept by results, not by variables, gradients or fresh leaves", async () => {
    const run = (pick: (w: Tensor, y: Tensor, z: Tensor) => unknown) => () => {
      const w = variable(tensor([1, 2, 3]));
      const y = w.mul(2);
      const z = y.square().sum();
      return { kept: pick(w, y, z), dropped: y };
    };
    expect(await collected(run((_w, _y, z) => z))).toBe(false);
    expect(await collected(run((w, _y, z) => [w, z.backward().get(w)]))).toBe(true);
    expect(await collected(run((_w, _y, z) => variable(z)))).toBe(true);
    expect(await collected(run((w, _y, z) => variable(w.sub(z.backward().get(w).mul(0.1)))))).toBe(true);
  });

  test("of numbers too, though the end of one graph and the beginning of the next share a chunk of the tape", async () => {
    const run = (pick: (x: Tensor, y: Tensor) => unknown, rounds: number) => () => {
      let dropped: Tensor | null = null;
      let kept: unknown;
      for (let round = 0; round < rounds; round++) {
        const x = variable(0.5);
        dropped ??= x;
        let y = x;
        // Of no length that divides a chunk's, so that ends and beginnings fall anywhere.
        for (let i = 0; i < 701; i++) y = y.mul(1.001).add(x);
        kept = pick(x, y);
      }
      return { kept, dropped: dropped! as Tensor };
    };
    expect(await collected(run((_x, y) => y, 1))).toBe(false);
    expect(await collected(run((_x, y) => y, 10))).toBe(true);
    expect(await collected(run((x, y) => y.backward().get(x), 10))).toBe(true);
    expect(await collected(run((_x, y) => [y.backward({ createGraph: true }), y], 10))).toBe(true);
  });

  test("valueAndGrad and jvp keep no history of what went on inside", async () => {
    const run = (transform: (f: (x: Tensor) => Tensor) => unknown) => () => {
      let dropped: Tensor | null = null;
      const kept = transform((x) => (dropped = x.mul(2)).square().sum());
      return { kept, dropped: dropped! as Tensor };
    };
    expect(await collected(run((f) => valueAndGrad(f)(tensor([1, 2]))))).toBe(true);
    expect(await collected(run((f) => jvp(f, [tensor([1, 2])], [tensor([1, 1])])))).toBe(true);
  });
});

test("the memory of dropped programs goes with them, within a loop that awaits nothing", () => {
  const core = new URL("../dist/index.js", import.meta.url).href;
  const script = `
    import { compile, ones } from ${JSON.stringify(core)};
    const x = ones([16, 16]);
    const make = (i) => {
      const program = compile((y) => y.matmul(y).mul(i).sum());
      program(x);
      return program;
    };
    const external = () => (gc(), gc(), process.memoryUsage().external);
    make(0);
    const before = external();
    const kept = Array.from({ length: 10 }, (_, i) => make(i));
    const each = (external() - before) / kept.length;
    for (let i = 0; i < 200; i++) make(i);
    console.log(JSON.stringify([each, (external() - before) / each, kept.length]));
  `;
  const flags = ["--expose-gc", "--input-type=module", "--eval", script];
  const { stdout } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  const [each, held, kept] = JSON.parse(stdout) as [number, number, number];
  // Room for packed operands alone is more than a megabyte.
  expect(each).toBeGreaterThan(1e6);
  expect(held).toBeGreaterThan(kept - 1);
  expect(held).toBeLessThan(100);
});
