/**
 * Elements of file formats as the arrays that tensors are made of.
 * @module
 */
import { ArgumentError, DataError, describe, type DType, type TypedArray } from "@cotangent/core";

/** Kind and bytes of one element, as NumPy writes them; `g2` is bfloat16, the upper half of a float32. */
export type ElementType = "f8" | "f4" | "f2" | "g2" | "i8" | "i4" | "i2" | "i1" | "u8" | "u4" | "u2" | "u1" | "b1";

/** Bytes of one element. */
export function elementSize(type: ElementType): number {
  return Number(type[1]);
}

/** The dtype of the tensor that holds such elements. */
export function dtypeOf(type: ElementType): DType {
  if (type === "b1") return "bool";
  if (type === "f8") return "float64";
  return type.startsWith("f") || type === "g2" ? "float32" : "int32";
}

const here: "little" | "big" = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? "little" : "big";

/** @throws `ArgumentError` if it is no array of bytes */
export function checkBytes(operator: string, bytes: unknown): Uint8Array {
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  // A Buffer's own slice would be a view.
  if (bytes instanceof Uint8Array) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  throw new ArgumentError(`${operator}: expected the file's bytes in a Uint8Array, got ${describe(bytes)}`);
}

/** Product of the sizes; above 2^53 only its magnitude is right. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** More axes than any program writes; NumPy stops here as well. */
const mostAxes = 64;

/** @throws `DataError` if it is no list of sizes that a tensor can have */
export function checkSizes(operator: string, where: string, shape: unknown): readonly number[] {
  const fits = Array.isArray(shape) && shape.length <= mostAxes;
  if (!fits || !shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0) || !(countOf(shape) <= 2 ** 32))
    throw new DataError(
      `${operator}: expected a shape of at most ${mostAxes} sizes from 0 and 2^32 elements in ${where}, got ${JSON.stringify(shape)?.slice(0, 60)}`,
    );
  return shape as number[];
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const turned = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += size) for (let k = 0; k < size; k++) turned[i + k] = bytes[i + size - 1 - k]!;
  return turned;
}

/** $\pm 2^{e-15} (1 + m / 1024)$ of the 16 bits of a half; exact in float32. */
function halfToNumber(bits: number): number {
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023];
  const size =
    exponent === 31
      ? mantissa === 0
        ? Infinity
        : NaN
      : exponent === 0
        ? mantissa * 2 ** -24
        : (1 + mantissa / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

function narrowed(operator: string, where: string, type: ElementType, words: Int32Array): Int32Array {
  const wide = type.endsWith("8");
  const values = wide ? new Int32Array(words.length / 2) : words;
  const low = here === "little" ? 0 : 1;
  for (let i = 0; i < values.length; i++) {
    const value = wide ? words[2 * i + low]! : words[i]!;
    const fits = type === "u4" ? value >= 0 : words[2 * i + 1 - low]! === (type === "u8" ? 0 : value >> 31);
    if (!fits || (type === "u8" && value < 0))
      throw new DataError(
        `${operator}: expected integers from -2^31 to 2^31 - 1 in ${where}, as int32 holds them, got another at element ${i}; write it as float64`,
      );
    values[i] = value;
  }
  return values;
}

/**
 * Elements as an array that `tensor` takes, a view of `bytes` where they lie as this machine wants them.
 *
 * @param where for messages: which array it is
 * @throws `DataError` if an integer does not fit int32
 */
export function readElements(
  operator: string,
  where: string,
  type: ElementType,
  bytes: Uint8Array,
  order: "little" | "big" = "little",
): TypedArray | Int16Array | Int8Array | Uint16Array {
  const size = elementSize(type);
  const turned = size > 1 && order !== here ? swapped(bytes, size) : bytes;
  const whole = turned.byteOffset % Math.min(size, 8) === 0 ? turned : turned.slice();
  const { buffer, byteOffset, byteLength } = whole;
  const count = byteLength / size;
  switch (type) {
    case "f8":
      return new Float64Array(buffer, byteOffset, count);
    case "f4":
      return new Float32Array(buffer, byteOffset, count);
    case "f2":
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), halfToNumber);
    case "g2":
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer, byteOffset, count), (b) => b << 16).buffer);
    case "i8":
    case "u8":
      return narrowed(operator, where, type, new Int32Array(buffer, byteOffset, 2 * count));
    case "u4":
      return narrowed(operator, where, type, new Int32Array(buffer, byteOffset, count).slice());
    case "i4":
      return new Int32Array(buffer, byteOffset, count);
    case "i2":
      return new Int16Array(buffer, byteOffset, count);
    case "u2":
      return new Uint16Array(buffer, byteOffset, count);
    case "i1":
      return new Int8Array(buffer, byteOffset, count);
    case "u1":
    case "b1":
      return whole;
  }
}

/** The elements as a file holds them, little end first. */
export function writeElements(values: TypedArray): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return here === "little" ? bytes : swapped(bytes, values.BYTES_PER_ELEMENT);
}
