/** NumPy's `.npz`: archives of others are read, damaged ones and bombs are refused. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError, tensor, zeros, type DType } from "@cotangent/core";
import { decodeNpz, encodeNpy, encodeNpz } from "@cotangent/data";
import { anyTensor, expectSame } from "./tensors.js";

const fixture = (name: string): Uint8Array => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

test("any tensors under any names come back to the bit, deflated or not", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, anyTensor), { maxLength: 4 }), fc.boolean(), (entries, compress) => {
      const arrays = new Map(entries);
      const bytes = encodeNpz(arrays, { compress });
      const back = decodeNpz(bytes);
      expect([...back.keys()].sort()).toEqual([...arrays.keys()].sort());
      for (const [key, value] of back) expectSame(value, arrays.get(key)!);
      expect(Buffer.compare(encodeNpz(Object.fromEntries(arrays), { compress }), bytes)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test("a file that NumPy wrote, deflated", () => {
  const wanted: Readonly<Record<string, readonly [DType, unknown]>> = {
    plain: ["float64", [[0, 1, 2], [3, 4, 5]]],
    fortran: ["float64", [[0, 1, 2], [3, 4, 5]]],
    big: ["float32", [[[0, 6, 12, 18], [2, 8, 14, 20], [4, 10, 16, 22]], [[1, 7, 13, 19], [3, 9, 15, 21], [5, 11, 17, 23]]]],
    bigInt: ["int32", [0, 1, 2]],
    half: ["float32", [1, -0.5]],
    long: ["int32", [-2, -1, 0, 1]],
    unsigned: ["int32", [7]],
    empty: ["float64", [[], [], []]],
    scalar: ["float64", 2.5],
    flags: ["bool", [[true], [false]]],
    byte: ["int32", [-1, 2]],
  }; // prettier-ignore
  const arrays = decodeNpz(fixture("python.npz"));
  expect([...arrays.keys()]).toEqual(Object.keys(wanted));
  for (const [name, x] of arrays) expect([x.dtype, x.toArray()], name).toEqual(wanted[name]);
});

test("the three versions of the format", () => {
  const arrays = decodeNpz(fixture("versions.npz"));
  expect([...arrays].map(([name, x]) => [name, x.toArray()])).toEqual([1, 2, 3].map((v) => [`v${v}`, [1.5, 2.5]]));
});

describe("damaged archives are refused", () => {
  const good = encodeNpz({ x: tensor([1, 2, 3]), y: tensor([4]) }, { compress: true });
  const directory = new DataView(good.buffer).getUint32(good.length - 6, true);
  /** The archive with other bytes; a number counts from the directory, where the first member's facts stand. */
  const changed = (at: number, ...values: number[]): Uint8Array => {
    const copy = good.slice();
    copy.set(values, directory + at);
    return copy;
  };
  const npy = encodeNpy(tensor([1]));
  const u32 = (value: number): number[] => [...new Uint8Array(Uint32Array.of(value).buffer)];

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /a zip archive, got something else; is the file complete/],
    ["half a file", good.subarray(0, good.length - 1), /a zip archive/],
    ["an .npy file", npy, /a zip archive/],
    ["a directory that is none", changed(0, 0), /a zip archive/],
    ["a directory elsewhere", changed(good.length - directory - 6, 255, 255, 255, 255), /a zip archive/],
    ["another number of members", changed(good.length - directory - 12, 9), /a zip archive/],
    ["a wrong checksum", changed(16, 1, 2, 3, 4), /for compressed data in "x.npy"|checksum differs/],
    ["an encrypted member", changed(8, 1), /for "x.npy" in the archive, got an encrypted one/],
    ["another method", changed(10, 12), /for "x.npy" in the archive, got method 12/],
    ["a size too small", changed(24, 8), /expected 8 bytes of compressed data in "x.npy", got more/],
    ["a size too large", changed(24, 255), /expected 255 bytes of compressed data in "x.npy", got 152/],
    ["a size that cannot be", changed(24, ...u32(2 ** 27)), /got only \d+ to make them of/],
    ["a size over the limit", changed(24, ...u32(2 ** 31)), /at most 268435456 bytes in the archive, it says 2147483\d+ when inflated; give a higher \{ limit \}/],
    ["data elsewhere", changed(42, ...u32(2 ** 31)), /a member for "x.npy"/],
    ["a member longer than the file", changed(20, ...u32(good.length - 20)), /that overlap/],
    ["data that were changed", good.slice().fill(0x55, 60, 70), /in "x.npy"/],
    ["something else inside", zipSync({ "readme.txt": npy }), /arrays that end in .npy, got "readme.txt"/],
    ["a broken array inside", zipSync({ "x.npy": npy.subarray(0, 20) }), /in "x.npy", got/],
    ["a member twice", (() => {
      const twice = zipSync({ "x.npy": npy, "y.npy": npy }, { level: 0 });
      for (let i = 0; i < twice.length - 4; i++) if (twice[i] === 0x79 && twice[i + 1] === 0x2e) twice[i] = 0x78;
      return twice;
    })(), /one member for "x.npy" in the archive, got two/],
    ["a stored member that was changed", encodeNpz({ x: tensor([1]) }).fill(0x20, 60, 61).fill(7, 170, 171), /the data that were packed for "x.npy"/],
  ])("%s", (_name, bytes, message) => {
    expect(() => decodeNpz(bytes)).toThrow(DataError);
    expect(() => decodeNpz(bytes)).toThrow(message);
    expect(() => decodeNpz(bytes)).toThrow(/^decodeNpz: expected /);
  }); // prettier-ignore

  test("the limit counts what comes out, in all", () => {
    const bytes = encodeNpz({ x: zeros([1000]), y: zeros([1000]) }, { compress: true });
    expect(bytes.length).toBeLessThan(1000);
    expect(decodeNpz(bytes, { limit: 16256 }).get("y")!.size).toBe(1000);
    expect(() => decodeNpz(bytes, { limit: 16255 })).toThrow(/at most 16255 bytes .* it says 16256/);
  });
});

test.each<[string, () => unknown]>([
  ["a tensor alone", () => encodeNpz(tensor([1]) as never)],
  ["a list", () => encodeNpz([tensor([1])] as never)],
  ["a number", () => encodeNpz({ x: 1 } as never)],
  ["an empty name", () => encodeNpz({ "": tensor([1]) })],
  ["a name too long", () => encodeNpz({ ["x".repeat(65536)]: tensor([1]) })],
  ["a misspelt option", () => encodeNpz({}, { compressed: true } as never)],
  ["a limit that is none", () => decodeNpz(encodeNpz({}), { limit: NaN })],
  ["no bytes", () => decodeNpz(undefined as never)],
])("%s is refused", (_name, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(/^(en|de)codeNpz: /);
});
