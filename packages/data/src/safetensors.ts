/**
 * Tensors by name in the safetensors format.
 * @module
 */
import { ArgumentError, checkOptions, describe, tensor, type DType, type Tensor } from "@cotangent/core";
import { checkBytes, dtypeOf, readElements, writeElements } from "./elements.js";
import { isRecord } from "./json.js";
import { namedLeaves } from "./leaves.js";
import { longestHeader, parseSafetensors, type Entry } from "./safetensorsHeader.js";

/** Options of `encodeSafetensors`. */
export interface SafetensorsOptions {
  /** Texts by name, for whoever reads the file. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order in which they lie in the file. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const formatNames: Readonly<Record<DType, string>> = { float64: "F64", float32: "F32", int32: "I32", bool: "BOOL" };
const sizes: Readonly<Record<DType, number>> = { float64: 8, float32: 4, int32: 4, bool: 1 };

/** @throws `ArgumentError` in the name of the function that was called */
export function metadataFrom(operator: string, options: SafetensorsOptions): Readonly<Record<string, string>> {
  checkOptions(operator, options, ["metadata"]);
  const metadata: unknown = options.metadata ?? {};
  if (isRecord(metadata) && Object.values(metadata).every((text) => typeof text === "string"))
    return metadata as Record<string, string>;
  throw new ArgumentError(
    `${operator}: expected metadata that are texts by name, got ${describe(metadata)}; write numbers as text`,
  );
}

function checkNames(operator: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name))
      throw new ArgumentError(
        `${operator}: expected one tensor a path, got two at "${name}"; rename a key that has "." or "[" in it`,
      );
    if (name === "__metadata__" || /\p{Surrogate}/u.test(name))
      throw new ArgumentError(
        `${operator}: expected names that the format permits, got ${name === "__metadata__" ? '"__metadata__"' : "half of a surrogate pair"}; rename the key`,
      );
    seen.add(name);
  }
}

/** The file's bytes for tensors under names; large elements first, so that each is aligned. */
export function encodeEntries(
  operator: string,
  named: readonly (readonly [name: string, value: Tensor])[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  checkNames(
    operator,
    named.map(([name]) => name),
  );
  const sorted = named.slice().sort(([, a], [, b]) => sizes[b.dtype] - sizes[a.dtype]);
  let at = 0;
  const header = Object.keys(metadata).length === 0 ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
  for (const [name, { dtype, shape, size }] of sorted) {
    const end = at + size * sizes[dtype];
    const entry = { dtype: formatNames[dtype], shape, data_offsets: [at, end] };
    header.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    at = end;
  }
  // As text, since an object would move names such as "0" to the front.
  const text = new TextEncoder().encode(`{${header.join(",")}}`);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > longestHeader)
    throw new ArgumentError(
      `${operator}: expected names and metadata of at most ${longestHeader} bytes, the format's limit, got ${length}; save large values as tensors`,
    );
  const bytes = new Uint8Array(8 + length + at);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.fill(0x20, 8, 8 + length).set(text, 8);
  let next = 8 + length;
  for (const [, value] of sorted) {
    const part = writeElements(value.toTypedArray());
    bytes.set(part, next);
    next += part.length;
  }
  return bytes;
}

/** The tensor of an entry. */
export function tensorOf(operator: string, { name, type, shape, bytes }: Entry): Tensor {
  return tensor(readElements(operator, `"${name.slice(0, 60)}"`, type, bytes), { shape, dtype: dtypeOf(type) });
}

/**
 * A tree of tensors as the bytes of a safetensors file, which Python's `safetensors` reads. Names are the paths that
 * `leavesOf` gives, such as `layers[0].weight`; numbers are written as float64 scalars. The types are F64, F32, I32 and
 * BOOL. Everything is aligned, without holes.
 *
 * @throws `ArgumentError` if the tree has other leaves, two leaves of one path, or one named `__metadata__`; if
 * metadata are no texts
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { decodeSafetensors, encodeSafetensors } from "@cotangent/data";
 * const bytes = encodeSafetensors({ layers: [{ weight: tensor([[1, 2]]) }] }, { metadata: { epoch: "3" } });
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * tensors.get("layers[0].weight").toArray(); // → [[1,2]]
 * metadata.epoch; // → 3
 * ```
 * @see https://huggingface.co/docs/safetensors
 */
export function encodeSafetensors(tree: unknown, options: SafetensorsOptions = {}): Uint8Array {
  const metadata = metadataFrom("encodeSafetensors", options);
  return encodeEntries("encodeSafetensors", namedLeaves("encodeSafetensors", tree), metadata);
}

/** @throws `DataError` in the name of the function that was called */
export function safetensorsFrom(operator: string, bytes: Uint8Array): Safetensors {
  const { entries, metadata } = parseSafetensors(operator, bytes);
  return { tensors: new Map(entries.map((entry) => [entry.name, tensorOf(operator, entry)])), metadata };
}

/**
 * Reads the bytes of a safetensors file. F64 becomes float64; F32, F16 and BF16 become float32, which holds them
 * exactly; I32, I16, I8, U16 and U8 become int32, and so do I64, U64 and U32 if every element fits; BOOL becomes bool.
 * Everything is checked before anything is allocated.
 *
 * @throws `DataError` if it is no safetensors file, is truncated, has tensors that overlap or leave holes, a name
 * twice, a type that is not listed, or an integer that does not fit int32
 * @example
 * ```ts
 * import { decodeSafetensors } from "@cotangent/data";
 * try {
 *   decodeSafetensors(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 123));
 * } catch (error) {
 *   error.name; // → DataError
 * }
 * ```
 * @see https://huggingface.co/docs/safetensors
 */
export function decodeSafetensors(bytes: Uint8Array | ArrayBuffer): Safetensors {
  return safetensorsFrom("decodeSafetensors", checkBytes("decodeSafetensors", bytes));
}
