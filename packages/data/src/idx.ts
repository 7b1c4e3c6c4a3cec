/**
 * The IDX format of MNIST.
 * @module
 */
import { ArgumentError, checkOptions, DataError, describe, tensor, type Tensor } from "@cotangent/core";
import { checkBytes, checkSizes, countOf, dtypeOf, elementSize, readElements, type ElementType } from "./elements.js";
import { inflateExactly } from "./inflate.js";

/** Options of `decodeIdx`. */
export interface DecodeIdxOptions {
  /** Most bytes that come of a gzip file. Default: 20 times the file's, but at least 256 MiB. */
  readonly limit?: number | undefined;
}

const types: Readonly<Record<number, ElementType>> = { 8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8" };

function gunzipped(operator: string, where: string, bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  if (bytes.length < 18)
    throw new DataError(`${operator}: expected a gzip file in ${where}, got only ${bytes.length} bytes`);
  const end = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const declared = { crc: end.getUint32(0, true), size: end.getUint32(4, true) };
  return inflateExactly(operator, where, bytes, "gzip", declared, limit);
}

/** An IDX file taken apart: elements as they lie in it. */
export interface IdxParts {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** @throws `DataError` naming `where`, if it is none */
export function parseIdx(operator: string, where: string, bytes: Uint8Array, options: DecodeIdxOptions): IdxParts {
  checkOptions(operator, options, ["limit"]);
  const { limit = Math.max(20 * bytes.length, 2 ** 28) } = options;
  if (!(typeof limit === "number" && limit >= 0))
    throw new ArgumentError(`${operator}: expected a limit that is a number of bytes, got ${describe(limit)}`);
  const plain = gunzipped(operator, where, bytes, limit);
  const [zero, none, code, rank] = plain;
  const start = 4 + 4 * (rank ?? 0);
  if (zero !== 0 || none !== 0 || !Object.hasOwn(types, code ?? 0) || plain.length < start)
    throw new DataError(
      `${operator}: expected an IDX file in ${where}, which begins with 0, 0, a type and the number of axes, got ${plain.length} bytes of something else`,
    );
  const view = new DataView(plain.buffer, plain.byteOffset, start);
  const type = types[code!]!;
  const sizes = Array.from({ length: rank! }, (_, i) => view.getUint32(4 + 4 * i));
  const shape = checkSizes(operator, where, sizes);
  const [wanted, data] = [countOf(shape) * elementSize(type), plain.subarray(start)];
  if (wanted !== data.length)
    throw new DataError(
      `${operator}: expected ${wanted} bytes of data for ${type} [${shape.join(", ")}] in ${where}, got ${data.length}; is it complete?`,
    );
  return { type, shape, data };
}

/** @throws `DataError` naming `where`, if it is no IDX file */
export function idxTensor(operator: string, where: string, bytes: Uint8Array, options: DecodeIdxOptions): Tensor {
  const { type, shape, data } = parseIdx(operator, where, bytes, options);
  return tensor(readElements(operator, where, type, data, "big"), { shape, dtype: dtypeOf(type) });
}

/**
 * Reads the bytes of an IDX file, as MNIST comes in, also compressed by gzip. Integers become int32, float32 and
 * float64 stay.
 *
 * @throws `DataError` if it is none, is truncated or damaged, or a gzip file holds more than the limit
 * @example
 * ```ts
 * import { decodeIdx } from "@cotangent/data";
 * decodeIdx(Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 255)).toArray(); // → [[7,8,255]]
 * ```
 * @see http://yann.lecun.com/exdb/mnist/
 */
export function decodeIdx(bytes: Uint8Array | ArrayBuffer, options: DecodeIdxOptions = {}): Tensor {
  return idxTensor("decodeIdx", "the bytes", checkBytes("decodeIdx", bytes), options);
}
