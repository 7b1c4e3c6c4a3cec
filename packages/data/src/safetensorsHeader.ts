/**
 * The header of safetensors files: where each tensor lies.
 * @module
 */
import { DataError, describe } from "@cotangent/core";
import { checkSizes, countOf, elementSize, type ElementType } from "./elements.js";
import { isRecord, parseJson } from "./json.js";

/** The format's names of the types that can be read. */
export const typeNames: Readonly<Record<string, ElementType>> = {
  F64: "f8", F32: "f4", F16: "f2", BF16: "g2", I64: "i8", I32: "i4", I16: "i2", I8: "i1", U64: "u8", U32: "u4",
  U16: "u2", U8: "u1", BOOL: "b1",
}; // prettier-ignore

/** The format's limit of the header. */
export const longestHeader = 100_000_000;

/** One tensor of a file. */
export interface Entry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** A view of its bytes. */
  readonly bytes: Uint8Array;
}

/** A file taken apart, nothing copied. */
export interface Parts {
  /** In the order in which they lie in the file. */
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** What follows the header. */
  readonly data: Uint8Array;
}

function headerText(operator: string, bytes: Uint8Array): string {
  if (bytes.length < 8)
    throw new DataError(
      `${operator}: expected a safetensors file, got ${bytes.length} bytes; its first 8 are the header's length`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length > longestHeader || length > bytes.length - 8)
    throw new DataError(
      `${operator}: expected a header of at most ${Math.min(longestHeader, bytes.length - 8)} bytes, got a length of ${length}; is it a whole safetensors file?`,
    );
  const header = bytes.subarray(8, 8 + length);
  if (header[0] !== 0x7b)
    throw new DataError(`${operator}: expected a header that starts with "{"; is it a safetensors file?`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch (error) {
    throw new DataError(`${operator}: expected a header in UTF-8, got other bytes`, { cause: error });
  }
}

function metadataOf(operator: string, value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === "string"))
    throw new DataError(`${operator}: expected texts by name in __metadata__, got something else`);
  return Object.freeze(value as Record<string, string>);
}

interface Place {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function placeOf(operator: string, name: string, value: unknown): Place {
  const where = `"${name.slice(0, 60)}"`;
  const { dtype, shape, data_offsets: offsets, ...rest } = isRecord(value) ? value : {};
  if (!isRecord(value) || Object.keys(rest).length > 0)
    throw new DataError(
      `${operator}: expected dtype, shape and data_offsets for ${where}, got ${isRecord(value) ? Object.keys(value).join(", ").slice(0, 60) : describe(value)}`,
    );
  if (typeof dtype !== "string" || !Object.hasOwn(typeNames, dtype))
    throw new DataError(
      `${operator}: expected a dtype out of ${Object.keys(typeNames).join(", ")} for ${where}, got ${describe(dtype)}; convert the tensor first`,
    );
  const type = typeNames[dtype]!;
  const sizes = checkSizes(operator, where, shape);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || (begin as number) < 0)
    throw new DataError(
      `${operator}: expected data_offsets [begin, end] from 0 for ${where}, got ${JSON.stringify(offsets)?.slice(0, 60)}`,
    );
  const [from, to] = [begin as number, end as number];
  if (to - from !== countOf(sizes) * elementSize(type))
    throw new DataError(
      `${operator}: expected ${countOf(sizes) * elementSize(type)} bytes for ${where}, of ${dtype} [${sizes.join(", ")}], got data_offsets ${from} to ${to}`,
    );
  return { name, type, shape: sizes, begin: from, end: to };
}

/**
 * Takes a safetensors file apart: checks everything, allocates next to nothing.
 *
 * @throws `DataError` if it is none, or is truncated, or tensors overlap or leave holes
 */
export function parseSafetensors(operator: string, bytes: Uint8Array): Parts {
  const text = headerText(operator, bytes);
  // Three levels: the names, one tensor's facts, its shape.
  const header = parseJson(operator, "the header", text, 3) as Readonly<Record<string, unknown>>;
  const data = bytes.subarray(8 + new DataView(bytes.buffer, bytes.byteOffset, 8).getUint32(0, true));
  const { __metadata__: metadata = {}, ...named } = header;
  const places = Object.entries(named).map(([name, value]) => placeOf(operator, name, value));
  places.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of places) {
    if (begin !== at)
      throw new DataError(
        `${operator}: expected "${name.slice(0, 60)}" to begin at byte ${at} of the data, where the tensor before it ends, got ${begin}; tensors must not overlap or leave holes`,
      );
    at = end;
  }
  if (at !== data.length)
    throw new DataError(
      `${operator}: expected ${at} bytes of data, as the header says, got ${data.length}; is the file complete?`,
    );
  const entries = places.map(({ name, type, shape, begin, end }) => ({
    name,
    type,
    shape,
    bytes: data.subarray(begin, end),
  }));
  return { entries, metadata: metadataOf(operator, metadata), data };
}
