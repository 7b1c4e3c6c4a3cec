/** IDX, MNIST's format: every type, plain and gzip, and what is refused. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "@cotangent/core";
import { decodeIdx } from "@cotangent/data";

const file = (type: number, sizes: readonly number[], data: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(4 + 4 * sizes.length + data.length);
  bytes.set([0, 0, type, sizes.length]);
  sizes.forEach((n, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, n));
  bytes.set(data, 4 + 4 * sizes.length);
  return bytes;
};

test.each<[number, string, readonly number[], readonly number[]]>([
  [8, "int32", [0, 200], [0, 200]],
  [9, "int32", [0, 200], [0, -56]],
  [11, "int32", [1, 2, 255, 255], [258, -1]],
  [12, "int32", [0, 0, 1, 2, 128, 0, 0, 0], [258, -(2 ** 31)]],
  [13, "float32", [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], [1, -2]],
  [14, "float64", [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], [1, -2]],
])("type %i is %s, big end first, plain and gzip", (type, dtype, data, values) => {
  const plain = file(type, [2, 1], data);
  for (const bytes of [plain, gzipSync(plain), gzipSync(plain, { level: 0 })]) {
    const x = decodeIdx(bytes);
    expect([x.dtype, x.shape, [...x.toTypedArray()]]).toEqual([dtype, [2, 1], values]);
  }
});

describe("what is no IDX file is refused, and why is said", () => {
  const good = file(8, [2, 3], [1, 2, 3, 4, 5, 6]);
  const packed = new Uint8Array(gzipSync(good));
  const at = (bytes: Uint8Array, place: number, value: number): Uint8Array => bytes.with(place, value);
  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /an IDX file in the bytes, .* got 0 bytes/],
    ["another start", at(good, 0, 1), /an IDX file/],
    ["another type", at(good, 2, 10), /an IDX file/],
    ["axes that are not there", at(good, 3, 200), /an IDX file/],
    ["a huge size", at(good, 4, 255), /expected 12834570246 bytes of data|a shape of at most/],
    ["sizes that overflow", file(14, Array<number>(64).fill(2 ** 32 - 1), []), /a shape of at most 64 sizes/],
    ["too many axes", file(8, Array<number>(65).fill(1), [1]), /a shape of at most 64 sizes/],
    ["too little data", good.subarray(0, 17), /expected 6 bytes of data for u1 \[2, 3\] in the bytes, got 5; is it complete/],
    ["too much data", file(8, [2], [1, 2, 3]), /expected 2 bytes of data .* got 3/],
    ["half a gzip file", packed.subarray(0, 16), /a gzip file in the bytes, got only 16 bytes/],
    ["a gzip file cut short", packed.subarray(0, packed.length - 3), /bytes of compressed data|when inflated/],
    ["a gzip file with another size", at(packed, packed.length - 4, 17), /expected 17 bytes of compressed data in the bytes, got/],
    ["a gzip file with another checksum", at(packed, packed.length - 8, packed.at(-8)! ^ 1), /their checksum differs/],
    ["a gzip file of something else", gzipSync(new Uint8Array(9).fill(7)), /an IDX file/],
    ["a bomb", gzipSync(new Uint8Array(300 * 2 ** 20), { level: 1 }), /at most 268435456 bytes in the bytes, it says 314572800 when inflated/],
  ])("%s", (_name, bytes, message) => {
    expect(() => decodeIdx(bytes)).toThrow(DataError);
    expect(() => decodeIdx(bytes)).toThrow(message);
    expect(() => decodeIdx(bytes)).toThrow(/^decodeIdx: expected /);
  }); // prettier-ignore

  test("a bomb that lies about its size stops early", () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(2 ** 24)));
    new DataView(bomb.buffer).setUint32(bomb.length - 4, 100, true);
    expect(() => decodeIdx(bomb)).toThrow(/expected 100 bytes of compressed data in the bytes, got more/);
  });

  test("arguments that make no sense", () => {
    expect(() => decodeIdx("x" as never)).toThrow(ArgumentError);
    expect(() => decodeIdx(good, { limit: -1 })).toThrow(ArgumentError);
    expect(() => decodeIdx(good, { max: 1 } as never)).toThrow(/unknown option "max"/);
  });
});
