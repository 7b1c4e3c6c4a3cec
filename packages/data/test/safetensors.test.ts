/** Safetensors: what was written comes back to the bit, Python's files are read, and what is wrong is named. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError, tensor, type DType, type Tensor } from "@cotangent/core";
import { decodeSafetensors, encodeSafetensors, restoreTree } from "@cotangent/data";
import { anyTensor, expectSame } from "./tensors.js";

/** A file with any header, and zeros for data. */
function file(header: unknown, data: number | Uint8Array = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + (typeof data === "number" ? data : data.length));
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  if (typeof data !== "number") bytes.set(data, 8 + text.length);
  return bytes;
}
const entry = (dtype: string, shape: unknown, begin: number, end: number): unknown => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test("any tensors under any names come back to the bit", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((text) => text !== "__metadata__");
  const texts = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, anyTensor), { maxLength: 6 }), texts, (entries, metadata) => {
      const tree = Object.fromEntries(entries);
      const bytes = encodeSafetensors(tree, { metadata });
      const { tensors, metadata: read } = decodeSafetensors(bytes);
      expect(Object.entries(read)).toEqual(Object.entries(metadata));
      expect([...tensors.keys()].sort()).toEqual(Object.keys(tree).sort());
      for (const [key, value] of tensors) expectSame(value, tree[key]!);
      expect(Buffer.compare(encodeSafetensors(tree, { metadata }), bytes)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("the layout is the format's: header padded to 8 with blanks, tensors aligned, side by side, in order", () => {
  const bytes = encodeSafetensors({
    flag: tensor([true, false, true]),
    list: [tensor([1, 2], { dtype: "int32" }), { x: tensor([[0.5]]) }],
    half: tensor(new Float32Array([1])),
    "0": 3,
  });
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  expect(length % 8).toBe(0);
  expect(text.trimEnd()).toBe(
    '{"0":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"list[1].x":{"dtype":"F64","shape":[1,1],"data_offsets":[8,16]},"list[0]":{"dtype":"I32","shape":[2],"data_offsets":[16,24]},"half":{"dtype":"F32","shape":[1],"data_offsets":[24,28]},"flag":{"dtype":"BOOL","shape":[3],"data_offsets":[28,31]}}',
  );
  expect(bytes.length).toBe(8 + length + 31);
});

test("a file that Python wrote", () => {
  const bytes = readFileSync(new URL("fixtures/python.safetensors", import.meta.url));
  const { tensors, metadata } = decodeSafetensors(bytes);
  expect(metadata).toEqual({ epoch: "3", naïve: "é" });
  const wanted: Readonly<Record<string, readonly [DType, readonly number[], readonly (number | boolean)[]]>> = {
    half: ["float32", [5], [1.5, -2, 65504, 2 ** -24, Infinity]],
    long: ["int32", [3], [1, -(2 ** 31), 2 ** 31 - 1]],
    byte: ["int32", [1, 2], [1, 255]],
    weight: ["float64", [2, 3], [0, 1, 2, 3, 4, 5]],
    flag: ["bool", [2], [1, 0]],
    short: ["int32", [1], [-3]],
    unsigned: ["int32", [1], [7]],
    scalar: ["float32", [], [2.5]],
    empty: ["float64", [0, 3], []],
  };
  expect([...tensors.keys()].sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, [dtype, shape, values]] of Object.entries(wanted)) {
    const found = tensors.get(name)!;
    expect([found.dtype, found.shape, [...found.toTypedArray()]], name).toEqual([dtype, shape, values]);
  }
});

test("every half and bfloat16 is read exactly", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const data = new Uint8Array(bits.buffer);
  const read = (dtype: string): ArrayLike<number> =>
    decodeSafetensors(file({ x: entry(dtype, [65536], 0, 131072) }, data))
      .tensors.get("x")!
      .toTypedArray();
  const [half, brain] = [read("F16"), read("BF16")];
  const view = new DataView(new ArrayBuffer(4));
  for (let i = 0; i < 65536; i++) {
    const [sign, e, m] = [i >> 15 ? -1 : 1, (i >> 10) & 31, i & 1023];
    const value = e === 31 ? (m ? NaN : Infinity) : e === 0 ? m / 2 ** 24 : (1024 + m) * 2 ** (e - 25);
    if (!Object.is(half[i], sign * value)) expect(half[i]).toBe(sign * value);
    view.setUint32(0, i * 65536);
    if (!Object.is(brain[i], view.getFloat32(0))) expect(brain[i]).toBe(view.getFloat32(0));
  }
});

describe("integers that do not fit int32 are refused", () => {
  test.each<[string, ArrayBufferView & { buffer: ArrayBufferLike }, boolean]>([
    ["I64", BigInt64Array.of(1n, -(2n ** 31n)), true],
    ["I64", BigInt64Array.of(1n, 2n ** 31n), false],
    ["I64", BigInt64Array.of(1n, -(2n ** 31n) - 1n), false],
    ["I64", BigInt64Array.of(1n, 2n ** 32n), false],
    ["U64", BigUint64Array.of(1n, 2n ** 31n - 1n), true],
    ["U64", BigUint64Array.of(1n, 2n ** 31n), false],
    ["U64", BigUint64Array.of(1n, 2n ** 64n - 1n), false],
    ["U32", Uint32Array.of(1, 2 ** 31 - 1), true],
    ["U32", Uint32Array.of(1, 2 ** 31), false],
  ])("%s of %s: %s", (dtype, values, fits) => {
    const data = new Uint8Array(values.buffer);
    const read = (): Tensor =>
      decodeSafetensors(file({ x: entry(dtype, [2], 0, data.length) }, data)).tensors.get("x")!;
    if (fits) expect([...read().toTypedArray()].map(BigInt)).toEqual(Array.from(values as never, BigInt));
    else expect(read).toThrow(/from -2\^31 to 2\^31 - 1 in "x".*at element 1; write it as float64/);
  });
});

describe("what is no safetensors file is refused, and why is said", () => {
  const x = entry("F64", [1], 0, 8);
  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /got 0 bytes/],
    ["a huge header", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127, 123), /got a length of 9223372036854776000/],
    ["a header over the limit", file({}).fill(6, 3, 4), /at most 2 bytes, got a length of 1006/],
    ["a header longer than the file", file("{}").subarray(0, 9), /at most 1 bytes, got a length of 2/],
    ["another start", file('[{"a":1}]'), /a header that starts with "\{"/],
    ["no JSON", file("{x}"), /expected JSON in the header/],
    ["half an object", file('{"x":{'), /expected JSON in the header/],
    ["bytes that are no text", file("{}").fill(0xff, 9, 10), /in UTF-8/],
    ["deep JSON", file(`{"x":${"[".repeat(1e6)}${"]".repeat(1e6)}}`), /at most 3 deep in the header, got some 1000001 deep/],
    ["a name twice", file(`{"x":${JSON.stringify(x)},"x":${JSON.stringify(x)}}`, 8), /every name once/],
    ["a field twice", file('{"x":{"dtype":"F64","dtype":"F64","shape":[1],"data_offsets":[0,8]}}', 8), /every name once/],
    ["an entry that is none", file({ x: 5 }), /expected dtype, shape and data_offsets for "x", got 5/],
    ["another field", file({ x: { ...(x as object), y: 1 } }, 8), /for "x", got dtype, shape, data_offsets, y/],
    ["another dtype", file({ x: entry("C64", [1], 0, 8) }, 8), /a dtype out of F64, .*got the string "C64"/],
    ["a dtype of the prototype", file({ x: entry("constructor", [1], 0, 8) }, 8), /"constructor"/],
    ["a shape that is none", file({ x: entry("F64", "1", 0, 8) }, 8), /a shape of at most 64 sizes/],
    ["a negative size", file({ x: entry("F64", [-1], 0, 8) }, 8), /in "x", got \[-1\]/],
    ["two negative sizes", file({ x: entry("F64", [-1, -1], 0, 8) }, 8), /in "x", got \[-1,-1\]/],
    ["a fraction", file({ x: entry("F64", [0.5, 2], 0, 8) }, 8), /got \[0.5,2\]/],
    ["too many axes", file({ x: entry("F64", Array(65).fill(1), 0, 8) }, 8), /at most 64 sizes/],
    ["sizes that overflow", file({ x: entry("F64", [2 ** 33, 2 ** 33, 0, 1], 0, 0) }), /^$/],
    ["more than fits", file({ x: entry("U8", [2 ** 32, 2], 0, 8) }, 8), /2\^32 elements/],
    ["no offsets", file({ x: { dtype: "F64", shape: [1] } }, 8), /data_offsets \[begin, end\] from 0 for "x"/],
    ["three offsets", file({ x: { dtype: "F64", shape: [1], data_offsets: [0, 8, 8] } }, 8), /got \[0,8,8\]/],
    ["negative offsets", file({ x: entry("F64", [1], -8, 0) }, 8), /got \[-8,0\]/],
    ["offsets the wrong way round", file({ x: entry("F64", [1], 8, 0) }, 8), /expected 8 bytes for "x", of F64 \[1\], got data_offsets 8 to 0/],
    ["another length", file({ x: entry("F64", [2], 0, 8) }, 8), /expected 16 bytes for "x"/],
    ["tensors that overlap", file({ x, y: x }, 16), /expected "y" to begin at byte 8 .*got 0/],
    ["tensors that overlap in part", file({ x, y: entry("F64", [1], 4, 12) }, 12), /"y" to begin at byte 8 .*got 4/],
    ["a hole", file({ x, y: entry("F64", [1], 16, 24) }, 24), /"y" to begin at byte 8 .*got 16/],
    ["a hole at the start", file({ x: entry("F64", [1], 8, 16) }, 16), /"x" to begin at byte 0/],
    ["too little data", file({ x }, 7), /expected 8 bytes of data, as the header says, got 7; is the file complete/],
    ["too much data", file({ x }, 9), /expected 8 bytes of data, as the header says, got 9/],
    ["metadata that are no texts", file({ __metadata__: { a: 1 } }), /texts by name in __metadata__/],
    ["metadata that are a list", file({ __metadata__: ["a"] }), /texts by name in __metadata__/],
  ])("%s", (_name, bytes, message) => {
    const read = (): unknown => decodeSafetensors(bytes);
    if (message.source === "^$") return expect(read).not.toThrow();
    expect(read).toThrow(DataError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^decodeSafetensors: expected /);
  }); // prettier-ignore

  test("names that mean something to JavaScript are names", () => {
    const { tensors } = decodeSafetensors(
      file(`{"__proto__":${JSON.stringify(x)},"constructor":${JSON.stringify(entry("F64", [1], 8, 16))}}`, 16),
    );
    expect([...tensors.keys()]).toEqual(["__proto__", "constructor"]);
  });
});

describe("what cannot be written is refused", () => {
  const w = tensor([1]);
  test.each<[string, () => unknown, RegExp]>([
    ["a text", () => encodeSafetensors({ w, a: ["x"] }), /^encodeSafetensors: expected a tensor, .* at "a\[0\]"/],
    ["two leaves of one path", () => encodeSafetensors({ "a.b": w, a: { b: w } }), /one tensor a path, got two at "a.b"/],
    ["the name of the metadata", () => encodeSafetensors({ __metadata__: w }), /got "__metadata__"; rename/],
    ["half a character", () => encodeSafetensors({ "\ud800": w }), /half of a surrogate pair/],
    ["metadata that are no texts", () => encodeSafetensors({ w }, { metadata: { step: 3 } as never }), /write numbers as text/],
    ["an unknown option", () => encodeSafetensors({ w }, { meta: {} } as never), /unknown option "meta"/],
    ["bytes that are none", () => decodeSafetensors("x" as never), /the file's bytes in a Uint8Array, got the string "x"/],
  ])("%s", (_name, run, message) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(message);
  }); // prettier-ignore
});

describe("restoreTree", () => {
  test("gives the tree back, frozen, with its variables", () => {
    const tree = { a: [tensor([1, 2], { requiresGrad: true }), { b: tensor([true]) }], n: 3, none: {} };
    const { tensors } = decodeSafetensors(encodeSafetensors(tree));
    const back = restoreTree(tensors, tree);
    expectSame(back.a[0] as Tensor, tree.a[0] as Tensor);
    expect((back.a[0] as Tensor).requiresGrad).toBe(true);
    expect([back.n, back.none, Object.isFrozen(back), Object.isFrozen(back.a)]).toEqual([3, {}, true, true]);
  });

  test("says every difference", () => {
    const given = new Map([["a", tensor([1])], ["b", tensor([1])], ["c", tensor([1, 2])]]); // prettier-ignore
    const like = { b: tensor([1], { dtype: "int32" }), c: tensor([[1, 2]]), d: { e: tensor(1) } };
    expect(() => restoreTree(given, like)).toThrow(
      new DataError(
        'restoreTree: expected what "like" has in the tensors, got 4 differences; was it saved by another model?\n  "d.e" is missing, expected float64 []\n  "a" is not expected, got float64 [1]\n  "b": expected int32 [1], got float64 [1]\n  "c": expected float64 [1, 2], got float64 [2]',
      ),
    );
    expect(() => restoreTree({} as never, like)).toThrow(ArgumentError);
    expect(() => restoreTree(given, { a: "x" })).toThrow(/^restoreTree: expected a tensor/);
  });
});
