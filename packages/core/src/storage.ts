/**
 * Where results live. Small results share slabs, because a typed array of its own costs more than the operator that
 * fills it; a slab is at most 64 KB, so that a small tensor which is kept never pins more.
 * @module
 */
import { newArray, type DType, type TypedArray } from "./dtype.js";

export const slabBytes = 65536;
const sharedBytes = 16384;

interface Slab {
  readonly elements: number;
  readonly shared: number;
  /** Of length 0 before the first request, and where somebody has transferred its buffer away. */
  array: TypedArray;
  next: number;
}

function slabOf(dtype: DType, bytes: number): Slab {
  const elements = slabBytes / bytes;
  return { elements, shared: sharedBytes / bytes, array: newArray(dtype, 0), next: 0 };
}

const slabs: Readonly<Record<DType, Slab>> = {
  float64: slabOf("float64", 8),
  float32: slabOf("float32", 4),
  int32: slabOf("int32", 4),
  bool: slabOf("bool", 1),
};

/** Where in the array of the latest `allocate` the new elements begin. */
export let allocatedOffset = 0;

/** Room for `size` elements, all zero, from `allocatedOffset` on in the returned array. */
export function allocate(dtype: DType, size: number): TypedArray {
  const slab = slabs[dtype];
  if (size > slab.shared) {
    allocatedOffset = 0;
    return newArray(dtype, size);
  }
  if (slab.next + size > slab.array.length) {
    slab.array = newArray(dtype, slab.elements);
    slab.next = 0;
  }
  allocatedOffset = slab.next;
  slab.next += size;
  return slab.array;
}

/** Whether the buffer was transferred to somebody else; an array of it has no elements then. */
export function isDetached({ buffer, byteLength }: ArrayBufferView): boolean {
  if (byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).length < 0;
  } catch {
    return true;
  }
}
