/**
 * Matrix products by a C BLAS of the machine, switched on by name.
 * @module
 */
import { setBlas } from "../backends/blas.js";
import type { Blas } from "../backends/blasSlot.js";
import { ArgumentError, checkOptions, describe } from "../errors.js";
import { candidatesOn } from "./candidates.js";
import { loadKoffi, machine, textOf, type Koffi } from "./koffi.js";
import { openLibrary, type Library } from "./library.js";
import { faultOf } from "./probe.js";

/** What `useBlas` is told. */
export interface BlasOptions {
  /** The library's file, or a name that the platform's loader finds; else the usual ones are tried. */
  readonly path?: string;
  /** How many threads the library may use; else it keeps the number it has, which is all cores in most. */
  readonly threads?: number;
}

/** The library that products run on. */
export interface BlasInfo {
  /** Its maker: `"OpenBLAS"`, `"BLIS"`, `"MKL"`, `"Accelerate"`; `"BLAS"` if it does not say. */
  readonly name: string;
  /** Its version in its own words; `null` if it does not say. */
  readonly version: string | null;
  /** The file or name it was found by. */
  readonly path: string;
  /** How many threads it uses; `null` if it does not say. */
  readonly threads: number | null;
}

/** Libraries that were opened; they stay open, as programs may go on with their routines. */
const opened = new Map<string, Library>();

/** The library, or why it cannot serve; `found` says whether there is a library at all. */
function open(koffi: Koffi, path: string): Library | { readonly found: boolean; readonly reason: string } {
  const known = opened.get(path);
  if (known !== undefined) return known;
  let library: Library | readonly string[];
  try {
    library = openLibrary(koffi.load(path));
  } catch (error) {
    const reason = textOf(error);
    return {
      found: !/no such file|not found|could not be found/i.test(reason),
      reason: `it cannot be loaded: ${reason}`,
    };
  }
  if (!("blas" in library)) return { found: true, reason: `it has no ${library.join(", ")}` };
  const fault = faultOf(library.blas, "gemm");
  if (fault !== null) return { found: true, reason: `it does not multiply right: ${fault}` };
  // BLIS drops the terms of a vector's zeros, hence the NaN of 0 times infinity; its products of matrices are right.
  if (faultOf(library.blas, "gemv") !== null) library = { ...library, blas: withoutVectors(library.blas) };
  opened.set(path, library);
  return library;
}

function withoutVectors({ float32, float64 }: Blas): Blas {
  return { float32: { ...float32, gemv: null }, float64: { ...float64, gemv: null } };
}

function openGiven(koffi: Koffi, path: string): Library {
  const library = open(koffi, path);
  if ("blas" in library) return library;
  throw new ArgumentError(
    `useBlas: expected the path of a library with the C interface of BLAS, got ${JSON.stringify(path)} (${library.reason}); leave path out to search for one`,
  );
}

function search(koffi: Koffi): { readonly library: Library; readonly path: string } {
  const { platform, env } = machine()!;
  const { names, folders, remedy } = candidatesOn(platform, env);
  const separator = platform === "win32" ? "\\" : "/";
  const plain = names.filter((name) => !name.startsWith("/"));
  const paths = [...names, ...folders.flatMap((folder) => plain.map((name) => folder + separator + name))];
  const refused: string[] = [];
  for (const path of paths) {
    const library = open(koffi, path);
    // The reference implementation, say: slower than our own products.
    if ("blas" in library && library.name === null)
      refused.push(`${path} is of unknown make and may be slow, so it is used only if its path is given`);
    else if ("blas" in library) return { library, path };
    else if (library.found) refused.push(`${path} was not taken, as ${library.reason}`);
  }
  throw new ArgumentError(
    `useBlas: expected a C BLAS on this machine, found none${refused.length === 0 ? "" : ` (${refused.join("; ")})`}, having tried ${names.join(", ")} by the loader and in ${folders.join(", ")}; ${remedy}, or give a path: useBlas({ path: "…" })`,
  );
}

function checkThreads(threads: number | undefined): void {
  if (threads !== undefined && !(Number.isSafeInteger(threads) && threads >= 1 && threads <= mostThreads))
    throw new ArgumentError(
      `useBlas: expected a whole number of threads between 1 and ${mostThreads}, got ${describe(threads)}`,
    );
}
const mostThreads = 1024;

/**
 * From now on, matrix products of floats run on a C BLAS of this machine: OpenBLAS, BLIS, MKL or Accelerate, called by
 * [koffi](https://koffi.dev), which has to be installed beside this package. Operands are not copied, in programs of
 * `compile` neither. `stopBlas` ends it.
 *
 * **It changes bits.** A BLAS adds the terms of a product in an order of its own, with one rounding for product and sum,
 * and in another order on another processor or with other threads. Everything else stays as it is: products too small
 * to gain, those of int32, and those inside `withBackend("reference")`, `"source"` or `"wasm"` keep the canonical order.
 *
 * Where it fails, nothing has changed.
 *
 * @throws {@link ArgumentError} in a browser, without koffi, without a BLAS or with a `path` that is none (the message
 * says what was tried and what helps), or if the library cannot be told its `threads`
 * @example
 * ```ts
 * import { stopBlas, tensor, useBlas } from "@cotangent/core";
 * const note = await useBlas({ threads: 1 }).then(
 *   ({ name, version }) => `products run on ${name}: ${version}`,
 *   (error: Error) => `products run in WebAssembly: ${error.message}`,
 * );
 * note.startsWith("products run "); // → true
 * tensor([[1, 2]]).matmul(tensor([[3], [4]])).item(); // → 11
 * stopBlas(); // → undefined
 * ```
 * @see https://www.netlib.org/blas/#_cblas
 */
export async function useBlas(options: BlasOptions = {}): Promise<BlasInfo> {
  checkOptions("useBlas", options, ["path", "threads"]);
  const { path: given, threads } = options;
  if (given !== undefined && (typeof given !== "string" || given === ""))
    throw new ArgumentError(`useBlas: expected the path of a library, got ${describe(given)}`);
  checkThreads(threads);
  const koffi = loadKoffi();
  const { library, path } = given === undefined ? search(koffi) : { library: openGiven(koffi, given), path: given };
  const name = library.name ?? "BLAS";
  if (threads !== undefined) {
    if (library.threads === null)
      throw new ArgumentError(
        `useBlas: expected a library that can be told its number of threads, got ${name}, which takes it from the environment when the program starts; leave threads out`,
      );
    library.threads.set(threads);
  }
  setBlas(library.blas);
  return { name, version: library.version, path, threads: library.threads?.get() ?? null };
}

/**
 * Matrix products are our own again, with their canonical bits. Does nothing without `useBlas`.
 *
 * @example
 * ```ts
 * import { stopBlas } from "@cotangent/core";
 * stopBlas(); // → undefined
 * ```
 */
export function stopBlas(): void {
  setBlas(null);
}
