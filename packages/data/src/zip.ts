/**
 * Members of zip archives, checked before they are inflated.
 * @module
 */
import { DataError } from "@cotangent/core";
import { crc32, inflateExactly } from "./inflate.js";

interface Member {
  readonly name: string;
  /** 0: stored; 8: deflated. */
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
  readonly flags: number;
  /** Of the member's own header. */
  readonly at: number;
}

const [endMark, memberMark, localMark] = [0x06054b50, 0x02014b50, 0x04034b50];

function findEnd(view: DataView): number {
  // A comment of at most 65535 bytes may follow.
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 65535); at--)
    if (view.getUint32(at, true) === endMark && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  return -1;
}

function directory(operator: string, bytes: Uint8Array): Member[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const broken = (): DataError =>
    new DataError(`${operator}: expected a zip archive, got something else; is the file complete?`);
  const end = findEnd(view);
  if (end < 0) throw broken();
  const [count, length, start] = [view.getUint16(end + 10, true), view.getUint32(end + 12, true), view.getUint32(end + 16, true)]; // prettier-ignore
  if (start + length > end || view.getUint16(end + 8, true) !== count) throw broken();
  const members: Member[] = [];
  let at = start;
  while (members.length < count) {
    if (at + 46 > end || view.getUint32(at, true) !== memberMark) throw broken();
    const names = view.getUint16(at + 28, true);
    members.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + names)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at += 46 + names + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return members;
}

/**
 * The members of a zip archive by name. Sizes are checked before anything is inflated, checksums after.
 *
 * @param limit bytes in all
 * @throws `DataError` if it is no zip archive, is encrypted or larger than 4 GB, names a member twice, holds more than
 * the limit, or a checksum differs
 */
export function unzip(operator: string, bytes: Uint8Array, limit: number): ReadonlyMap<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = directory(operator, bytes);
  const total = members.reduce((sum, { size }) => sum + size, 0);
  if (total > limit)
    throw new DataError(
      `${operator}: expected at most ${limit} bytes in the archive, it says ${total} when inflated; give a higher { limit } if you trust it`,
    );
  // Members that share their bytes are a bomb by another name.
  if (members.reduce((sum, { packed }) => sum + packed, 0) > bytes.length)
    throw new DataError(`${operator}: expected members beside each other in the archive, got some that overlap`);
  const found = new Map<string, Uint8Array>();
  for (const { name, method, packed, size, crc, flags, at } of members) {
    const where = `"${name.slice(0, 60)}"`;
    const wrong = (expected: string, got: string): DataError =>
      new DataError(`${operator}: expected ${expected} for ${where} in the archive, got ${got}`);
    if (found.has(name)) throw wrong("one member", "two");
    if (flags & 1) throw wrong("a readable member", "an encrypted one");
    if (at + 30 > bytes.length || view.getUint32(at, true) !== localMark)
      throw wrong("a member", "something else (or an archive above 4 GB)");
    const from = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
    if (from + packed > bytes.length) throw wrong(`${packed} bytes`, `${Math.max(0, bytes.length - from)}`);
    const data = bytes.subarray(from, from + packed);
    if (method === 8) {
      found.set(name, inflateExactly(operator, where, data, "deflate", { size, crc }, limit));
      continue;
    }
    if (method !== 0) throw wrong("stored or deflated data", `method ${method}; pack it with another`);
    if (packed !== size || crc32(data) !== crc) throw wrong("the data that were packed", "others; is it damaged?");
    found.set(name, data);
  }
  return found;
}
