/**
 * One array in NumPy's format `.npy`.
 * @module
 */
import { checkOptions, DataError, expectTensor, tensor, type DType, type Tensor } from "@cotangent/core";
import { checkBytes, countOf, dtypeOf, elementSize, readElements, writeElements } from "./elements.js";
import { parseNpyHeader } from "./npyHeader.js";

const magic = "\x93NUMPY";
const descriptions: Readonly<Record<DType, string>> = { float64: "<f8", float32: "<f4", int32: "<i4", bool: "|b1" };

/** The bytes of a tensor in version 1.0, data from a multiple of 64. */
export function npyBytes(value: Tensor): Uint8Array {
  const { shape, dtype } = value;
  const sizes = shape.length === 1 ? `${shape[0]!},` : shape.join(", ");
  const fields = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = Math.ceil((10 + fields.length + 1) / 64) * 64;
  const header = `${fields.padEnd(start - 11)}\n`;
  const data = writeElements(value.toTypedArray());
  const bytes = new Uint8Array(start + data.length);
  bytes.set(Array.from(`${magic}\x01\x00`, (c) => c.charCodeAt(0)));
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(data, start);
  return bytes;
}

/**
 * A tensor as the bytes of an `.npy` file, which `numpy.load` reads: float64 as `<f8`, float32 as `<f4`, int32 as
 * `<i4`, bool as `|b1`, in row-major order.
 *
 * @throws `ArgumentError` if it is no tensor
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { decodeNpy, encodeNpy } from "@cotangent/data";
 * decodeNpy(encodeNpy(tensor([[1, 2], [3, 4]]))).toArray(); // → [[1,2],[3,4]]
 * ```
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy(x: Tensor): Uint8Array {
  expectTensor("encodeNpy", x, "a tensor");
  return npyBytes(x);
}

/** @throws `DataError` naming `where`, if it is no array of numbers */
export function npyTensor(operator: string, where: string, bytes: Uint8Array): Tensor {
  const latin = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  const fail = (expected: string, got: string): DataError =>
    new DataError(`${operator}: expected ${expected} in ${where}, got ${got}`);
  if (latin(0, 6) !== magic || bytes.length < 12)
    throw fail("an .npy file", `${bytes.length} bytes of something else; is it complete?`);
  const version = bytes[6]!;
  if (version < 1 || version > 3 || bytes[7] !== 0) throw fail("version 1.0, 2.0 or 3.0", `${version}.${bytes[7]!}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  // NumPy's own limit, beyond which it would have to be trusted.
  if (end > bytes.length || end - start > 65536)
    throw fail("a header of at most 65536 bytes", `a length of ${end - start} in ${bytes.length} bytes`);
  const header = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(bytes.subarray(start, end));
  const { type, order, fortran, shape } = parseNpyHeader(operator, header);
  const [wanted, data] = [countOf(shape) * elementSize(type), bytes.subarray(end)];
  if (wanted !== data.length)
    throw fail(`${wanted} bytes of data for ${type} [${shape.join(", ")}]`, `${data.length}; is it complete?`);
  const values = readElements(operator, where, type, data, order);
  const dtype = dtypeOf(type);
  if (!fortran) return tensor(values, { shape, dtype });
  // Read as if reversed; the copy lies in row-major order.
  return tensor(tensor(values, { shape: shape.slice().reverse(), dtype }).permute(shape.map((_, i) => -1 - i)));
}

/** Options of `decodeNpy`. */
export interface DecodeNpyOptions {
  /** What to call the bytes in messages. Default: "the bytes". */
  readonly source?: string | undefined;
}

/**
 * Reads the bytes of an `.npy` file of version 1.0, 2.0 or 3.0, of either byte order, in row-major or Fortran order.
 * `f8` becomes float64; `f4` and `f2` become float32; `i4`, `i2`, `i1`, `u2` and `u1` become int32, and so do `i8`, `u8`
 * and `u4` if every element fits; `b1` becomes bool.
 *
 * @throws `DataError` if it is none, is truncated or longer than its header says, holds text, records, objects,
 * dates or complex numbers, or an integer that does not fit int32
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { decodeNpy, encodeNpy } from "@cotangent/data";
 * decodeNpy(encodeNpy(tensor([true, false]))).dtype; // → bool
 * ```
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function decodeNpy(bytes: Uint8Array | ArrayBuffer, options: DecodeNpyOptions = {}): Tensor {
  checkOptions("decodeNpy", options, ["source"]);
  return npyTensor("decodeNpy", options.source ?? "the bytes", checkBytes("decodeNpy", bytes));
}
