import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, grad, leavesOf, mapTree, scalar, tensor, variable, type Tensor } from "@cotangent/core";

/** A nested tree whose leaves number themselves, in insertion order, with the paths that they ought to have. */
interface Drawn {
  readonly tree: unknown;
  readonly paths: readonly string[];
}

const key = fc.constantFrom("weight", "bias", "b1", "__proto__", "length", "constructor", "x y");

const drawn: fc.Arbitrary<Drawn> = fc
  .letrec<{ node: unknown; leaf: unknown; list: unknown[]; object: [string, unknown][] }>((tie) => ({
    node: fc.oneof({ depthSize: "small", withCrossShrink: true }, tie("leaf"), tie("list"), tie("object")),
    leaf: fc.constant("leaf"),
    list: fc.array(tie("node"), { maxLength: 3 }),
    object: fc
      .array(fc.tuple(key, tie("node")), { maxLength: 3 })
      .map((entries) => [...new Map(entries)].map(([k, v]): [string, unknown] => [`.${k}`, v])),
  }))
  .node.map((node) => {
    const paths: string[] = [];
    const build = (at: unknown, path: string): unknown => {
      if (at === "leaf") {
        paths.push(path);
        return tensor(paths.length);
      }
      const items = at as readonly unknown[];
      const entries = items.filter((item): item is [string, unknown] => isEntry(item));
      if (entries.length > 0)
        return Object.fromEntries(entries.map(([k, v]) => [k.slice(1), build(v, path === "" ? k.slice(1) : path + k)]));
      return items.map((item, i) => build(item, `${path}[${i}]`));
    };
    const tree = build(node, "");
    return { tree, paths };
  });

function isEntry(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === "string" && item[0].startsWith(".");
}

describe("leavesOf", () => {
  test("lists paths and leaves in insertion order", () => {
    fc.assert(
      fc.property(drawn, ({ tree, paths }) => {
        const leaves = leavesOf(tree);
        expect(leaves.map(({ path }) => path)).toEqual(paths);
        expect(leaves.map(({ leaf }) => (leaf as Tensor).item())).toEqual(paths.map((_, i) => i + 1));
      }),
      { numRuns: 300 },
    );
  });

  test("names paths as one writes them", () => {
    const tree = { layers: [{ weight: scalar(1), bias: 2 }, [[3]]], z: 4, a: 5 };
    expect(leavesOf(tree).map(({ path }) => path)).toEqual([
      "layers[0].weight",
      "layers[0].bias",
      "layers[1][0][0]",
      "z",
      "a",
    ]);
    expect(leavesOf(7)).toEqual([{ path: "", leaf: 7 }]);
    expect(leavesOf({ a: [], b: {} })).toEqual([]);
  });
});

describe("mapTree", () => {
  test("keeps the structure and visits leaves in order, without touching the tree", () => {
    fc.assert(
      fc.property(drawn, ({ tree, paths }) => {
        let next = 0;
        const mapped = mapTree(() => scalar(100 + next++), tree);
        const leaves = leavesOf(mapped);
        expect(leaves.map(({ path }) => path)).toEqual(paths);
        expect(leaves.map(({ leaf }) => (leaf as Tensor).item())).toEqual(paths.map((_, i) => 100 + i));
        expect(leavesOf(tree).map(({ leaf }) => (leaf as Tensor).item())).toEqual(paths.map((_, i) => i + 1));
      }),
      { numRuns: 300 },
    );
  });

  test("composes: mapping twice is mapping the composition", () => {
    fc.assert(
      fc.property(drawn, ({ tree }) => {
        const [f, g] = [(x: Tensor): Tensor => x.mul(2), (x: Tensor): Tensor => x.add(1)];
        const values = (t: unknown): number[] => leavesOf(t).map(({ leaf }) => (leaf as Tensor).item());
        expect(values(mapTree(f, mapTree(g, tree)))).toEqual(values(mapTree((x) => f(g(x)), tree)));
      }),
    );
  });

  test("gives the leaves in the same place of several trees, whatever the order of their keys", () => {
    const sum = mapTree((a, b, c) => a.add(b).mul(c), { x: scalar(1), y: [scalar(2)] }, { y: [scalar(20)], x: scalar(10) }, { x: scalar(3), y: [scalar(4)] });
    expect([sum.x.item(), sum.y[0]!.item()]).toEqual([33, 88]);
    expect(Object.keys(sum)).toEqual(["x", "y"]);
  }); // prettier-ignore

  test("keeps history: a tree of results can be differentiated", () => {
    const w = { a: variable(2), b: [variable(3)] };
    const scaled = mapTree((x) => x.square(), w);
    expect(scaled.a.add(scaled.b[0]!).backward().get(w.b[0]!).item()).toBe(6);
  });

  test("takes objects without a prototype; its types are those of tensors", () => {
    const bare = Object.assign(Object.create(null) as object, { a: scalar(2) });
    expect(mapTree((x) => x.mul(2), bare).a.item()).toBe(4);
    const typed: { readonly a: Tensor; readonly b: readonly Tensor[] } = mapTree((x) => x, { a: 1, b: [scalar(1)] });
    expect(typed.b[0]!.item()).toBe(1);
  });

  test("number leaves are tensors to the function, as its type says", () => {
    expect(mapTree((x) => x.mul(2), { rate: 0.5 }).rate.item()).toBe(1);
    expect(mapTree((x) => x, { rate: 0.5 }).rate.item()).toBe(0.5);
  });
});

describe("what is not a tree is refused with its path", () => {
  class Layer {
    readonly weight = scalar(1);
  }
  test.each<[string, unknown, RegExp]>([
    ["text", { optimiser: { name: "adam" } }, /"optimiser\.name", got the string "adam"/],
    ["null", [scalar(1), null], /"\[1\]", got null/],
    ["undefined", { a: undefined }, /"a", got undefined/],
    ["a boolean", { a: [true] }, /"a\[0\]", got true/],
    ["a function", { a: Math.sin }, /"a", got a function/],
    ["an instance of a class", { layer: new Layer() }, /"layer", got a Layer/],
    ["a typed array", { w: new Float64Array(2) }, /"w", got a Float64Array/],
    ["a Map", new Map(), /the tree itself, got a Map/],
    ["a BigInt", { a: 1n }, /"a", got the BigInt 1n/],
  ])("%s", (_name, tree, message) => {
    for (const call of [() => mapTree((x) => x, tree), () => leavesOf(tree)]) {
      expect(call).toThrow(ArgumentError);
      expect(call).toThrow(message);
    }
    expect(() => grad((_: object) => scalar(1))(tree as object)).toThrow(message);
  });

  test.each<[string, unknown, unknown, RegExp]>([
    ["a leaf for an object", { a: { b: 1 } }, { a: 1 }, /got 1 where the first tree has an object with b, at "a"/],
    ["an object for a leaf", { a: 1 }, { a: { b: 1 } }, /an object with b where .* a leaf, at "a"/],
    ["a missing key", { a: 1, b: 2 }, { a: 1 }, /an object with a where .* an object with a, b, at the root/],
    ["another key", { a: 1 }, { b: 1 }, /an object with b where .* an object with a, at the root/],
    ["an extra key", { a: 1 }, { a: 1, b: 1 }, /an object with a, b where .* an object with a, at the root/],
    ["a shorter list", { l: [1, 2] }, { l: [1] }, /an array of length 1 where .* an array of length 2, at "l"/],
    ["a list for an object", {}, [], /an array of length 0 where .* an object with no keys, at the root/],
    ["nothing", { a: 1 }, { a: undefined }, /got undefined where .* a leaf, at "a"/],
  ])("a second tree of another structure: %s", (_name, first, second, message) => {
    const call = (): unknown => mapTree((x) => x, first, second);
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});
