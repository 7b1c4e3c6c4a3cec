/** The WebAssembly backend beyond the laws that all backends share: its memory, its windows, and when it is asked. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { random, ShapeError, withBackend, type Tensor } from "@cotangent/core";
import { wasmEngine } from "../src/backends/wasmEngine.js";
import { Heap, NoRoom, slack } from "../src/backends/wasmHeap.js";
import { overshoot } from "../src/backends/wasmMapText.js";
import { Operands } from "../src/backends/wasmOperands.js";
import { columnsStep } from "../src/backends/wasmColumnsText.js";
import { contiguousLayout } from "../src/shape.js";
import { bits } from "./bits.js";
import { elements } from "./elements.js";

afterEach(() => vi.restoreAllMocks());

const agree = (run: () => Tensor): void => {
  expect(withBackend("wasm", () => bits(run()))).toBe(withBackend("reference", () => bits(run())));
};

describe.each(["float64", "float32"] as const)("larger than its windows, in %s", (dtype) => {
  const [long, short] = [9001, 3];

  test.each([[long], [long, short], [short, long], [2, 3, long], [70, 130]])("maps of [%j, %j, %j]", (...sizes) => {
    const shape = sizes.filter((n) => n !== undefined);
    const x = elements(shape, dtype, 1, true);
    agree(() => x.mul(2).add(x.tanh()));
    agree(() => x.greater(0));
    if (shape.length === 1) return;
    const row = elements([shape.at(-1)!], dtype, 2, false);
    const column = elements([shape.at(-2)!, 1], dtype, 3, false);
    const turned = elements([...shape].reverse(), dtype, 4, false).permute(shape.map((_, i) => shape.length - 1 - i));
    agree(() => x.mul(row).add(column).sub(turned));
    agree(() => row.exp().mul(column));
    agree(() =>
      turned
        .sin()
        .slice([[null, null, -1]])
        .add(x),
    );
  });

  test("sums and extremes over each axis", () => {
    for (const shape of [[long, short], [short, long], [3, 200, 1100], [129, 5, 7]]) {
      const x = elements(shape, dtype, 5, false);
      for (const axis of [...shape.keys(), [...shape.keys()], [0, 1]])
        for (const name of ["sum", "max", "min", "mean"] as const) agree(() => x[name]({ axis }));
    }
  }); // prettier-ignore

  test("products of more rows than are copied out at once, in batches", () => {
    const x = elements([2, 259, 270], dtype, 6, false);
    agree(() => x.matmul(elements([270, 11], dtype, 7, false)));
    agree(() => elements([1100, 3], dtype, 11, false).matmul(elements([3, 601], dtype, 12, false)));
    agree(() => x.transpose().matmul(elements([2, 259, 1], dtype, 8, false)));
    agree(() => elements([long, 40], dtype, 9, false).matmul(elements([40, 1], dtype, 10, false)));
  });
});

describe("memory", () => {
  test("blocks never overlap, and what is given back is one piece again", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(200000)), { maxLength: 60 }), (steps) => {
        const heap = new Heap();
        const held: { start: number; end: number }[] = [];
        for (const [take, n] of steps)
          if (take || held.length === 0) {
            const start = heap.reserve(n);
            const block = { start, end: start + n };
            expect(start % 64).toBe(0);
            expect(block.end).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
            expect(heap.bytes.length).toBe(heap.memory.buffer.byteLength);
            for (const other of held) expect(block.end <= other.start || other.end <= block.start).toBe(true);
            held.push(block);
          } else heap.release(held.splice(n % held.length, 1)[0]!.start);
        for (const { start } of held) heap.release(start);
        const before = heap.memory.buffer.byteLength;
        heap.reserve(before - 128);
        expect(heap.memory.buffer.byteLength).toBe(before);
      }),
      { numRuns: 50 },
    );
  });

  test("loops that run past the end of a row stay in its block", () => {
    expect(Math.max(overshoot, columnsStep)).toBeLessThanOrEqual(slack);
  });

  test("says so when there is no more", () => {
    const heap = new Heap(4);
    const block = heap.reserve(100000);
    expect(() => heap.reserve(200000)).toThrow(NoRoom);
    heap.release(block);
    expect(heap.reserve(200000)).toBe(block);
  });

  test("keeps copies of what comes again, drops the least recently used ones, and never one in use", () => {
    const heap = new Heap();
    const operands = new Operands(heap, 2 ** 20);
    const n = 50000;
    const arrays = Array.from({ length: 8 }, (_, i) => new Float32Array(n).fill(i));
    const layout = contiguousLayout([n]);
    const place = (i: number): number =>
      operands.place({ data: arrays[i]!, offset: 0, layout, dtype: "float32" }).address;
    const written = vi.spyOn(operands as unknown as { write: () => void }, "write");
    /** Whether the array had to be copied. */
    const copied = (i: number): boolean => {
      written.mockClear();
      const address = place(i);
      expect(heap.float32[address / 4 + n - 1]).toBe(i);
      operands.end();
      return written.mock.calls.length > 0;
    };
    expect([copied(0), copied(0), copied(0), copied(0)]).toEqual([true, true, false, false]);
    // Five arrays of 200 KB fit into a megabyte; 0 is used in between and stays, 1 is the oldest of the others.
    for (const i of [1, 2, 3, 4]) expect([copied(i), copied(i), copied(0)]).toEqual([true, true, false]);
    expect([copied(5), copied(5)]).toEqual([true, true]);
    expect([0, 2, 3, 4, 5].map(copied)).toEqual([false, false, false, false, false]);
    expect(copied(1)).toBe(true);
    // All in use at once: more than may be kept stays until the end.
    for (let round = 0; round < 3; round++) {
      const places = arrays.map((_, i) => place(i));
      places.forEach((address, i) => expect(heap.float32[address / 4]).toBe(i));
      expect(new Set(places).size).toBe(arrays.length);
      operands.end();
    }
    expect(heap.memory.buffer.byteLength).toBeLessThan(4 * 2 ** 20);
  });

  test("where it ends, ordinary arrays take over, but not for those who want WebAssembly by name", () => {
    const x = random(1).normal([150, 150]);
    const engine = wasmEngine()!;
    const expected = withBackend("source", () => bits(x.matmul(x)));
    vi.spyOn(engine.heap, "reserve").mockImplementation(() => {
      throw new NoRoom("no more memory");
    });
    expect(bits(x.matmul(x))).toBe(expected);
    const named = (): Tensor => withBackend("wasm", () => x.matmul(x));
    expect(named).toThrow(ShapeError);
    expect(named).toThrow(/^withBackend\("wasm"\): expected .* got shapes \[150, 150\], .*; leave/);
    vi.restoreAllMocks();
    expect(bits(named())).toBe(expected);
  });
});

test("large work goes there by itself, small work does not", () => {
  const engine = wasmEngine()!;
  const used = vi.spyOn(engine, "read");
  const large = random(2).normal([200, 200]);
  const small = random(2).normal([10, 10]);
  for (let i = 0; i < 10; i++) small.matmul(small).tanh().sum();
  expect(used).not.toHaveBeenCalled();
  for (let i = 0; i < 110; i++) large.tanh();
  const maps = used.mock.calls.length;
  expect(maps).toBeGreaterThan(0);
  for (let i = 0; i < 3; i++) large.matmul(large);
  expect(used.mock.calls.length).toBeGreaterThan(maps);
});

const core = new URL("../dist/index.js", import.meta.url).href;
const program = (before: string): string => `
  ${before}
  const { random, withBackend } = await import(${JSON.stringify(core)});
  const x = random(1).normal([300, 200]);
  for (let i = 0; i < 2; i++) console.log(x.tanh().matmul(x.transpose()).sum().item());
  try { withBackend("wasm", () => x.sum()); console.log("wasm"); } catch (error) { console.log(error.message); }
`;

function run(before: string, ...flags: readonly string[]): { out: readonly string[]; err: string } {
  const child = spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", program(before)], {
    encoding: "utf8",
  });
  return { out: child.stdout.trim().split("\n"), err: child.stderr.trim() };
}

test("without WebAssembly, or where a policy forbids it, the rest computes the same bits, with one notice", () => {
  const free = run("");
  expect(free.err).toBe("");
  expect(free.out).toHaveLength(3);
  expect(free.out[2]).toBe("wasm");
  const missing = run("delete globalThis.WebAssembly;");
  const forbidden = run(
    "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('policy'); } };",
  );
  for (const { out, err } of [missing, forbidden]) {
    expect(out.slice(0, 2)).toEqual(free.out.slice(0, 2));
    expect(out[2]).toMatch(/^withBackend: expected an engine with WebAssembly/);
    expect(err.match(/WebAssembly/g)).toHaveLength(1);
  }
});

test("without functions made from text, WebAssembly does large work, with the same bits", () => {
  const strict = run("", "--disallow-code-generation-from-strings");
  expect(strict.out).toEqual(run("").out);
  expect(strict.err.match(/Cotangent:/g)).toHaveLength(1);
  expect(strict.err).toMatch(/so WebAssembly does large work, and the slower reference backend all other/);
});

test("without both, one notice does not promise the other", () => {
  const strict = run("delete globalThis.WebAssembly;", "--disallow-code-generation-from-strings");
  expect(strict.out.slice(0, 2)).toEqual(run("").out.slice(0, 2));
  expect(strict.err.match(/Cotangent:/g)).toHaveLength(1);
  expect(strict.err).toMatch(
    /and WebAssembly .* is missing or forbidden too, so the slow reference backend does everything/,
  );
});
