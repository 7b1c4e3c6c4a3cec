/** NumPy's `.npy`: what was written comes back to the bit, and what is no array of numbers is refused. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError, tensor, type DType } from "@cotangent/core";
import { decodeNpy, encodeNpy } from "@cotangent/data";
import { anyTensor, expectSame } from "./tensors.js";

const latin = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** A file of any header and data, the header neither padded nor ended unless it is so given. */
function file(header: string, data: ArrayBufferView = new Uint8Array(), version = 1, minor = 0): Uint8Array {
  const start = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + header.length + data.byteLength);
  bytes.set(latin("\x93NUMPY"));
  bytes.set([version, minor], 6);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(latin(header), start);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + header.length);
  return bytes;
}
const header = (descr: string, shape: string, order = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const [f8, one] = [header("<f8", "(1,)"), new Float64Array(1)];

test("any tensor comes back to the bit", () => {
  fc.assert(
    fc.property(anyTensor, (x) => {
      const bytes = encodeNpy(x);
      expectSame(decodeNpy(bytes), x);
      // Wherever the bytes lie.
      const moved = new Uint8Array(bytes.length + 3).subarray(3);
      moved.set(bytes);
      expectSame(decodeNpy(moved), x);
    }),
    { numRuns: 300 },
  );
});

test("the layout is NumPy's: version 1.0, data from a multiple of 64, a header that ends its line", () => {
  const bytes = encodeNpy(tensor([[1, 2, 3]], { dtype: "int32" }));
  const text = `{'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), }`;
  expect(String.fromCharCode(...bytes.subarray(0, 128))).toBe(`\x93NUMPY\x01\x00v\x00${text.padEnd(117)}\n`);
  expect(bytes.length).toBe(128 + 12);
  expect(new TextDecoder("latin1").decode(encodeNpy(tensor([1])))).toContain("'shape': (1,), }");
  expect(new TextDecoder("latin1").decode(encodeNpy(tensor(1)))).toContain("'shape': (), }");
});

describe("either byte order, every type", () => {
  const writers: Readonly<Record<string, (view: DataView, at: number, v: number, little: boolean) => void>> = {
    f8: (view, at, v, little) => view.setFloat64(at, v, little),
    f4: (view, at, v, little) => view.setFloat32(at, v, little),
    i8: (view, at, v, little) => view.setBigInt64(at, BigInt(v), little),
    u8: (view, at, v, little) => view.setBigUint64(at, BigInt(v), little),
    i4: (view, at, v, little) => view.setInt32(at, v, little),
    u4: (view, at, v, little) => view.setUint32(at, v, little),
    i2: (view, at, v, little) => view.setInt16(at, v, little),
    u2: (view, at, v, little) => view.setUint16(at, v, little),
    i1: (view, at, v) => view.setInt8(at, v),
    u1: (view, at, v) => view.setUint8(at, v),
    b1: (view, at, v) => view.setUint8(at, v),
  };
  const dtypes: Readonly<Record<string, DType>> = { f8: "float64", f4: "float32", b1: "bool" };

  test.each(Object.entries(writers))("%s", (type, write) => {
    const size = Number(type[1]);
    const values = type.startsWith("b") ? [0, 1, 1] : type.startsWith("u") ? [0, 1, 127] : [0, -1, 127];
    for (const [sign, little] of size === 1 ? ([["|", true], ["<", true]] as const) : ([["<", true], [">", false], ["=", true]] as const)) {
      const data = new DataView(new ArrayBuffer(3 * size));
      values.forEach((v, i) => write(data, i * size, v, little));
      const read = decodeNpy(file(header(`${sign}${type}`, "(3,)"), data));
      expect([read.dtype, [...read.toTypedArray()]]).toEqual([dtypes[type] ?? "int32", values]);
    }
  }); // prettier-ignore
});

test("Fortran order of any shape", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(shapes, (shape) => {
      const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
      const size = shape.reduce((a, b) => a * b, 1);
      const data = Float64Array.from({ length: size }, (_, i) => i);
      const tuple = `(${shape.map((n) => `${n},`).join("")})`;
      const x = decodeNpy(file(header("<f8", tuple, "True"), data));
      expect(x.shape).toEqual(shape);
      let flat = 0;
      const index = shape.map(() => 0);
      for (const value of x.toTypedArray()) {
        expect(value).toBe(index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0));
        for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
        flat++;
      }
      expect(flat).toBe(size);
    }),
  );
});

describe("headers as others write them", () => {
  test.each([
    ["another order", "{'shape': (1,), 'descr': '<f8', 'fortran_order': False}"],
    ["double quotes, without blanks", '{"descr":"<f8","fortran_order":False,"shape":(1,)}\n'],
    ["Python 2's long integers", "{'descr': '<f8', 'fortran_order': False, 'shape': (1L,), }   \n"],
    ["many blanks", `{ 'descr' : '<f8' ,\n 'fortran_order':  False, 'shape': ( 1 , ) , }${" ".repeat(1000)}\n`],
  ])("%s", (_name, text) => {
    for (const version of [1, 2, 3]) expect(decodeNpy(file(text, one, version)).toArray()).toEqual([0]);
  });
});

describe("what is no array of numbers is refused, and why is said", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /an .npy file in the bytes, got 0 bytes/],
    ["a start alone", latin("\x93NUMPY\x01\x00"), /an .npy file/],
    ["another magic", file(f8, one).fill(0x42, 1, 2), /an .npy file/],
    ["version 4.0", file(f8, one, 4), /version 1.0, 2.0 or 3.0 in the bytes, got 4.0/],
    ["version 1.1", file(f8, one, 1, 1), /got 1.1/],
    ["a header longer than the file", file(f8).subarray(0, 40), /a header of at most 65536 bytes in the bytes, got a length of 58 in 40 bytes/],
    ["a huge header", file(f8, one, 2).fill(255, 8, 12), /got a length of 4294967295/],
    ["a header over NumPy's limit", file(f8.padEnd(70000), one, 2), /at most 65536 bytes/],
    ["objects", file(header("|O", "(1,)"), one), /got "\|O", Python objects/],
    ["text", file(header("<U8", "(1,)"), one), /got "<U8", text/],
    ["bytes", file(header("|S8", "(1,)"), one), /got "\|S8", text/],
    ["untyped", file(header("|V8", "(1,)"), one), /got "\|V8", records/],
    ["records", file("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", one), /of one type, got records; save one array a field/],
    ["complex numbers", file(header("<c16", "(1,)"), new Float64Array(2)), /got "<c16", complex numbers/],
    ["dates", file(header("<M8[ns]", "(1,)"), one), /got "<M8\[ns\]", dates/],
    ["long doubles", file(header("<f16", "(1,)"), new Float64Array(2)), /got "<f16"; convert/],
    ["no byte order", file(header("|f8", "(1,)"), one), /got "\|f8"/],
    ["no type", file(header("", "(1,)"), one), /got ""/],
    ["other text", file("hello"), /expected a header \{'descr': …, 'fortran_order': …, 'shape': …\}, got "hello"/],
    ["half a header", file(f8.slice(0, 30)), /expected a header/],
    ["no shape", file("{'descr': '<f8', 'fortran_order': False}"), /expected a header/],
    ["another field", file(`{'x': 1, ${f8.slice(1)}`, one), /expected a header/],
    ["a field twice", file(`{'descr': '<f8', ${f8.slice(1)}`, one), /expected a header/],
    ["something after it", file(`${f8}x`, one), /expected a header/],
    ["a call", file("__import__('os').system('true')"), /expected a header/],
    ["an order that is none", file(header("<f8", "(1,)", "1"), one), /expected a header/],
    ["a shape that is none", file(header("<f8", "1"), one), /expected a header/],
    ["two commas", file(header("<f8", "(1,,)"), one), /expected a header/],
    ["a negative size", file(header("<f8", "(-1,)"), one), /expected a header/],
    ["a fraction", file(header("<f8", "(1.5,)"), one), /expected a header/],
    ["a huge size", file(header("<f8", "(9007199254740993,)"), one), /expected a shape of at most 64 sizes/],
    ["a size of many digits", file(header("<f8", `(${"9".repeat(400)},)`), one), /expected a header/],
    ["too many axes", file(header("<f8", `(${"1,".repeat(65)})`), one), /at most 64 sizes/],
    ["too little data", file(header("<f8", "(2, 3)"), one), /expected 48 bytes of data for f8 \[2, 3\] in the bytes, got 8; is it complete/],
    ["too much data", file(f8, new Float64Array(2)), /expected 8 bytes of data .* got 16/],
    ["an integer too large", file(header(">u4", "(1,)"), Uint8Array.of(128, 0, 0, 0)), /as int32 holds them, got another at element 0/],
  ])("%s", (_name, bytes, message) => {
    expect(() => decodeNpy(bytes)).toThrow(DataError);
    expect(() => decodeNpy(bytes)).toThrow(message);
    expect(() => decodeNpy(bytes)).toThrow(/^decodeNpy: expected /);
  }); // prettier-ignore

  test("arguments that make no sense", () => {
    expect(() => encodeNpy([1] as never)).toThrow(/^encodeNpy: expected a tensor, got an array/);
    for (const run of [() => decodeNpy("x" as never), () => decodeNpy(new Uint8Array(), { sourc: "x" } as never)])
      expect(run).toThrow(ArgumentError);
  });
});
