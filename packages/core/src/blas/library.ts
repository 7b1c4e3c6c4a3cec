/**
 * A C BLAS, opened: its routines, who made it, how wide its integers are, and how many threads it uses.
 * @module
 */
import type { LibraryHandle } from "koffi";
import type { Blas } from "../backends/blasSlot.js";
import type { Precision } from "../scalar.js";

/** A library that has what is needed. */
export interface Library {
  readonly blas: Blas;
  /** `null`: of unknown make. */
  readonly name: string | null;
  readonly version: string | null;
  /** Reads and sets the number of threads; `null`: the library cannot be told. */
  readonly threads: { get(): number; set(n: number): void } | null;
}

/** How libraries spell their names, so that several can live in one program. */
const spellings = [
  { prefix: "", suffix: "" },
  { prefix: "", suffix: "64_" },
  { prefix: "scipy_", suffix: "" },
  { prefix: "scipy_", suffix: "64_" },
] as const;
type Spelling = (typeof spellings)[number];

const letters: Readonly<Record<Precision, string>> = { float32: "s", float64: "d" };
const routineNames = ["cblas_sgemm", "cblas_sgemv", "cblas_dgemm", "cblas_dgemv"];

/** What a function of C takes; arrays are handed over as they are, by their addresses. */
const array = "void *";

type Integer = "int" | "int64_t";
type Call = (...args: unknown[]) => unknown;

/** A function of the library; `null` if it has none of that name. */
function find(handle: LibraryHandle, name: string, result: string, args: readonly string[]): Call | null {
  try {
    return handle.func(name, result, [...args]) as Call;
  } catch {
    return null;
  }
}

const has = (handle: LibraryHandle, name: string): boolean => find(handle, name, "void", []) !== null;

/** Who made the library: how it says its version, its threads, and that its integers are wide. */
interface Maker {
  readonly name: string;
  readonly version: string | null;
  readonly threads: Library["threads"];
  readonly wide: boolean;
}

/** Functions that read and set the number of threads, or `null`. */
function threadsBy(
  handle: LibraryHandle,
  getter: string,
  setter: string,
  integer: Integer,
): { get(): number; set(n: number): void } | null {
  const [get, set] = [find(handle, getter, integer, []), find(handle, setter, "void", [integer])];
  return get === null || set === null ? null : { get: () => Number(get()), set: (n) => void set(n) };
}

function openBlas(handle: LibraryHandle, { prefix, suffix }: Spelling): Maker | null {
  const spelled = (name: string): string => `${prefix}openblas_${name}${suffix}`;
  const config = find(handle, spelled("get_config"), "const char *", []);
  if (config === null) return null;
  const version = String(config()).trim();
  const threads = threadsBy(handle, spelled("get_num_threads"), spelled("set_num_threads"), "int");
  return { name: "OpenBLAS", version, threads, wide: version.includes("USE64BITINT") };
}

function blis(handle: LibraryHandle): Maker | null {
  const version = find(handle, "bli_info_get_version_str", "const char *", []);
  if (version === null) return null;
  const width = find(handle, "bli_info_get_blas_int_type_size", "int64_t", []);
  const threads = threadsBy(handle, "bli_thread_get_num_threads", "bli_thread_set_num_threads", "int64_t");
  return {
    name: "BLIS",
    version: String(version()).trim(),
    // Unset, it says -1 and uses one.
    threads: threads && { get: () => Math.max(1, threads.get()), set: threads.set },
    wide: width !== null && Number(width()) === 64,
  };
}

function mkl(handle: LibraryHandle): Maker | null {
  const length = 200;
  const read = find(handle, "MKL_Get_Version_String", "void", [array, "int"]);
  if (read === null) return null;
  // Asks for 32 bits before the first product decides it; what comes back is what holds, by its lowest bit.
  const layer = find(handle, "MKL_Set_Interface_Layer", "int", ["int"]);
  const wide = layer !== null && (Number(layer(0)) & 1) === 1;
  const text = new Uint8Array(length);
  read(text, length);
  const end = text.indexOf(0);
  return {
    name: "MKL",
    version: String.fromCharCode(...text.subarray(0, end < 0 ? length : end)).trim(),
    threads: threadsBy(handle, "MKL_Get_Max_Threads", "MKL_Set_Num_Threads", "int"),
    wide,
  };
}

function accelerate(handle: LibraryHandle): Maker | null {
  if (!has(handle, "vDSP_vadd")) return null;
  return { name: "Accelerate", version: null, threads: null, wide: false };
}

function routinesOf(
  handle: LibraryHandle,
  { prefix, suffix }: Spelling,
  precision: Precision,
  int: Integer,
): Blas[Precision] {
  const scalar = precision === "float32" ? "float" : "double";
  const named = (name: string): string => `${prefix}cblas_${letters[precision]}${name}${suffix}`;
  const gemm = [...["int", "int", "int"], int, int, int, scalar, array, int, array, int, scalar, array, int];
  const gemv = [...["int", "int"], int, int, scalar, array, int, array, int, scalar, array, int];
  return {
    gemm: handle.func(named("gemm"), "void", gemm),
    gemv: handle.func(named("gemv"), "void", gemv),
  };
}

/** The library, or the names of the routines that it lacks. */
export function openLibrary(handle: LibraryHandle): Library | readonly string[] {
  const missing = (spelling: Spelling): string[] =>
    routineNames.filter((name) => !has(handle, `${spelling.prefix}${name}${spelling.suffix}`));
  const spelling = spellings.find((each) => missing(each).length === 0);
  if (spelling === undefined) return missing(spellings[0]);
  const maker = openBlas(handle, spelling) ?? blis(handle) ?? mkl(handle) ?? accelerate(handle);
  const integer = spelling.suffix === "64_" || maker?.wide === true ? "int64_t" : "int";
  return {
    blas: {
      float32: routinesOf(handle, spelling, "float32", integer),
      float64: routinesOf(handle, spelling, "float64", integer),
    },
    name: maker?.name ?? null,
    version: maker?.version ?? null,
    threads: maker?.threads ?? null,
  };
}
