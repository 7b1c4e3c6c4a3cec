/** Damaged and hostile files: a typed error or a correct read, and no allocation out of proportion to the file. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CotangentError, tensor, type Tensor } from "@cotangent/core";
import {
  decodeIdx,
  decodeNpy,
  decodeNpz,
  decodeSafetensors,
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  parseCsv,
} from "@cotangent/data";
import { anyTensor } from "./tensors.js";

/** Five readers of 2,500 files each. */
const numRuns = 2500;

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const word = fc.constantFrom(0, 1, 2, 8, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff);
const mutation = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: place, value: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("word" as const), at: place, value: word }),
  fc.record({ kind: fc.constant("start" as const), at: fc.nat(64), value: word }),
  fc.record({ kind: fc.constant("cut" as const), at: place, value: fc.nat(8) }),
  fc.record({ kind: fc.constant("remove" as const), at: place, value: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("repeat" as const), at: place, value: fc.integer({ min: 1, max: 200 }) }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, { kind, at: where, value }: Mutation): Uint8Array {
  const at = Math.min(kind === "start" ? where : Math.floor(where * bytes.length), Math.max(0, bytes.length - 1));
  const copy = bytes.slice();
  switch (kind) {
    case "flip":
      copy[at]! ^= value;
      return copy;
    case "word":
    case "start":
      copy.set(new Uint8Array(Uint32Array.of(value).buffer).subarray(0, copy.length - at), at);
      return copy;
    case "cut":
      return copy.subarray(0, at);
    case "remove":
      return Uint8Array.of(...copy.subarray(0, at), ...copy.subarray(at + value));
    case "repeat":
      return Uint8Array.of(...copy.subarray(0, at + value), ...copy.subarray(at));
  }
}

const damaged = (valid: fc.Arbitrary<Uint8Array>, few = fc.array(mutation, { maxLength: 3 })): fc.Arbitrary<Uint8Array> =>
  fc.tuple(valid, few).map(([bytes, list]) => list.reduce(mutate, bytes)); // prettier-ignore

const bytesOf = (tensors: Iterable<Tensor>): number =>
  [...tensors].reduce((sum, x) => sum + x.toTypedArray().byteLength, 0);

/** @param factor bytes that may come of one in the file */
function survives(read: () => Iterable<Tensor>, length: number, factor: number): boolean {
  const before = process.memoryUsage().arrayBuffers;
  try {
    const result = [...read()];
    // An int8 becomes an int32: four bytes of one.
    expect(bytesOf(result)).toBeLessThanOrEqual(4 * factor * length);
    return true;
  } catch (error) {
    if (!(error instanceof CotangentError)) throw error;
    expect(error.message).toMatch(/^\w+: /);
    expect(error.message.length).toBeLessThan(1000);
    return false;
  } finally {
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * factor * length + 2 ** 22);
  }
}

/** Both outcomes must happen, or the mutations are too weak or too strong to mean anything. */
function expectBoth(outcomes: readonly boolean[]): void {
  expect(outcomes.length).toBeGreaterThanOrEqual(numRuns);
  expect(outcomes.filter(Boolean).length).toBeGreaterThan(numRuns / 50);
  expect(outcomes.filter((ok) => !ok).length).toBeGreaterThan(numRuns / 10);
}

const trees = fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), anyTensor, { maxKeys: 4 });

/** The header's text with one thing exchanged for what a forger would write. */
const forged = fc
  .tuple(
    trees,
    fc.nat(),
    fc.constantFrom(
      "-1", "0", "8", "1e308", "9007199254740993", "0.5", "null", "[]", "{}", '"F64"', '"U8"', '"F8_E4M3"', "[0,8]", "[8,0]",
      "[[[[[[]]]]]]", '{"__proto__":[]}', "true", '"__proto__"', '"__metadata__"', '"x":1,"x":1', "[".repeat(5000), "1,".repeat(200),
    ),
  )
  .map(([tree, which, text]) => {
    const bytes = encodeSafetensors(tree, { metadata: { note: "x" } });
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const tokens = new TextDecoder().decode(bytes.subarray(8, 8 + length)).match(/"[^"]*"|\d+|./g)!;
    const values = tokens.flatMap((token, i) => (/^["\d]/.test(token) ? [i] : []));
    tokens[values[which % values.length]!] = text;
    const header = new TextEncoder().encode(tokens.join(""));
    const whole = new Uint8Array(8 + header.length + bytes.length - 8 - length);
    new DataView(whole.buffer).setUint32(0, header.length, true);
    whole.set(header, 8);
    whole.set(bytes.subarray(8 + length), 8 + header.length);
    return whole;
  }); // prettier-ignore

test("safetensors", () => {
  const outcomes: boolean[] = [];
  fc.assert(
    fc.property(fc.oneof(damaged(trees.map((tree) => encodeSafetensors(tree))), forged), (bytes) => {
      outcomes.push(survives(() => decodeSafetensors(bytes).tensors.values(), bytes.length, 1));
    }),
    { numRuns },
  );
  expectBoth(outcomes);
});

test("npy", () => {
  const outcomes: boolean[] = [];
  const descr = fc.constantFrom("<f8", "|O", ">i8", "<u8", "<f2", "|b1", "|S9", "<c8", "|V1", ">u2", "<U1");
  const shape = fc.constantFrom("()", "(1,)", "(-1,)", "(9007199254740992,)", "(1, 2)", "(0, 99999999999)", "((1,),)");
  const fields = fc.tuple(anyTensor, descr, shape).map(([x, type, sizes]) => {
    const text = new TextDecoder("latin1").decode(encodeNpy(x));
    const other = text.replace(/'descr': '...'/, `'descr': '${type}'`).replace(/'shape': \([^)]*\)/, `'shape': ${sizes}`);
    return Uint8Array.from(other, (c) => c.charCodeAt(0));
  }); // prettier-ignore
  fc.assert(
    fc.property(fc.oneof(damaged(anyTensor.map(encodeNpy)), damaged(fields)), (bytes) => {
      outcomes.push(survives(() => [decodeNpy(bytes)], bytes.length, 1));
    }),
    { numRuns },
  );
  expectBoth(outcomes);
});

test("npz", () => {
  const outcomes: boolean[] = [];
  const archive = fc.tuple(trees, fc.boolean()).map(([tree, compress]) => encodeNpz(tree, { compress }));
  fc.assert(
    fc.property(damaged(archive), (bytes) => {
      // Deflate makes at most 1032 bytes of one.
      outcomes.push(survives(() => decodeNpz(bytes).values(), bytes.length, 1032));
    }),
    { numRuns },
  );
  expectBoth(outcomes);
});

test("IDX, plain and gzip", () => {
  const outcomes: boolean[] = [];
  const type = fc.constantFrom([8, 1], [9, 1], [11, 2], [12, 4], [13, 4], [14, 8]);
  const file = fc
    .tuple(type, fc.array(fc.nat(5), { maxLength: 3 }), fc.infiniteStream(fc.nat(255)), fc.boolean())
    .map(([[code, size], sizes, stream, packed]) => {
      const count = sizes.reduce((a, b) => a * b, size!);
      const data = Array.from({ length: count }, () => stream.next().value);
      const plain = Uint8Array.of(0, 0, code!, sizes.length, ...sizes.flatMap((n) => [0, 0, 0, n]), ...data);
      return packed ? new Uint8Array(gzipSync(plain)) : plain;
    });
  fc.assert(
    fc.property(damaged(file), (bytes) => {
      outcomes.push(survives(() => [decodeIdx(bytes)], bytes.length + 1, 1032));
    }),
    { numRuns },
  );
  expectBoth(outcomes);
});

test("CSV", () => {
  const outcomes: boolean[] = [];
  const cell = fc.oneof(
    { weight: 40, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "NaN", "x", '"', '"1"', '"1', "1e999", "0x10", " 7 ", "-", "__proto__"),
    },
  );
  const text = fc.integer({ min: 1, max: 4 }).chain((columns) =>
    fc
      .array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 8 })
      .map((rows) => [Array.from({ length: columns }, (_, i) => `c${i}`), ...rows].map((row) => row.join(",")).join("\n")),
  ); // prettier-ignore
  const file = damaged(text.map((each) => new TextEncoder().encode(each)));
  fc.assert(
    fc.property(file, (bytes) => {
      const read = (): Tensor[] => [tensor(parseCsv(new TextDecoder().decode(bytes)).rows as number[][])];
      outcomes.push(survives(read, bytes.length, 4));
    }),
    { numRuns },
  );
  expectBoth(outcomes);
});
