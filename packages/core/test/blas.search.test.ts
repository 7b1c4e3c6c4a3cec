/** Finding a BLAS: what is tried, what is refused, and what the errors say; nothing changes where it fails. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LibraryHandle } from "koffi";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { ArgumentError, stopBlas, useBlas, type BlasOptions } from "@cotangent/core";
import { setBlas } from "../src/backends/blas.js";
import { blas, type Blas } from "../src/backends/blasSlot.js";
import { candidatesOn } from "../src/blas/candidates.js";
import { openLibrary, type Library } from "../src/blas/library.js";
import { faultOf } from "../src/blas/probe.js";
import { plainBlas } from "./plainBlas.js";

const folder = mkdtempSync(join(tmpdir(), "cotangent-blas-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  stopBlas();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** That it is refused so, and that the library used before is still in use. */
async function refused(message: RegExp, options?: BlasOptions): Promise<void> {
  setBlas(plainBlas);
  const error = await useBlas(options).then(
    (info) => info,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ArgumentError);
  expect((error as Error).message).toMatch(message);
  expect(blas).toBe(plainBlas);
}

test("options that make no sense", async () => {
  await refused(/^useBlas: expected an options object, got the string "x"; write \{ path: … \}/, "x" as never);
  await refused(/^useBlas: unknown option "thread"/, { thread: 1 } as never);
  await refused(/^useBlas: expected the path of a library, got 3$/, { path: 3 } as never);
  await refused(/^useBlas: expected the path of a library, got the string ""$/, { path: "" });
  for (const threads of [0, -1, 1.5, NaN, 1e6, "2"])
    await refused(/^useBlas: expected a whole number of threads between 1 and 1024, got /, { threads } as never);
});

describe("without what it needs", () => {
  test("in a browser", async () => {
    setBlas(plainBlas);
    vi.stubGlobal("process", undefined);
    const failed = useBlas();
    vi.unstubAllGlobals();
    await expect(failed).rejects.toThrow(ArgumentError);
    await expect(failed).rejects.toThrow(/^useBlas: expected Node .*, got a browser/);
    expect(blas).toBe(plainBlas);
  });

  /** Lets `require("koffi")` do something else. */
  function replaceKoffi(load: () => unknown): void {
    const modules = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
    const original = modules._load.bind(Module);
    vi.spyOn(modules, "_load").mockImplementation((request, ...rest) =>
      request === "koffi" ? load() : original(request, ...rest),
    );
  }

  test("without koffi", async () => {
    replaceKoffi(() => {
      throw Object.assign(new Error("Cannot find module 'koffi'\nRequire stack: …"), { code: "MODULE_NOT_FOUND" });
    });
    await refused(/^useBlas: expected the package koffi, .* not installed; run npm install koffi$/);
  });

  test("with a koffi that does not work", async () => {
    replaceKoffi(() => {
      throw new Error("Cannot find the native Koffi module;\n did you bundle it correctly?");
    });
    await refused(/^useBlas: expected koffi to load on this platform, got "Cannot find the native Koffi module; did/);
    replaceKoffi(() => ({}));
    await refused(/^useBlas: expected koffi to load on this platform, got "it has no function load"/);
  });

  test("without a library, it says what was tried, what was refused, and how to get one", async () => {
    const right = {
      cblas_sgemm: plainBlas.float32.gemm,
      cblas_sgemv: plainBlas.float32.gemv,
      cblas_dgemm: plainBlas.float64.gemm,
      cblas_dgemv: plainBlas.float64.gemv,
    };
    replaceKoffi(() => ({
      load: (path: string): unknown => {
        // Neither with a maker's functions, the second without doing anything.
        if (path === "openblas.dll") return handleOf((name) => Object.hasOwn(right, name), right);
        if (path === "libopenblas64_.dll") return handleOf((name) => Object.hasOwn(right, name));
        if (path === "C:\\OpenBLAS\\bin\\libblis.dll") return handleOf((name) => name === "cblas_sgemm");
        if (path === "mkl_rt.2.dll") throw new Error("Failed to load shared library: %1 is not a Win32 application");
        throw new Error("Failed to load shared library: The specified module could not be found");
      },
    }));
    vi.stubGlobal("process", Object.create(process, { platform: { value: "win32" }, env: { value: {} } }));
    setBlas(plainBlas);
    const message = await useBlas().catch((error: Error) => error.message);
    expect(blas).toBe(plainBlas);
    const [, head, reasons, tail] = /^(.*?) \((.*)\), having tried (.*)$/.exec(message as string)!;
    expect(head).toBe("useBlas: expected a C BLAS on this machine, found none");
    expect(reasons!.split("; ")).toEqual([
      "openblas.dll is of unknown make and may be slow, so it is used only if its path is given",
      expect.stringMatching(
        /^libopenblas64_\.dll was not taken, as it does not multiply right: a product of \[3, 4\] and \[4, 5\] in float32 has NaN where -?\d+ is right$/,
      ),
      expect.stringMatching(/^mkl_rt\.2\.dll was not taken, as it cannot be loaded: .* not a Win32 application$/),
      expect.stringMatching(/libblis\.dll was not taken, as it has no cblas_sgemv, cblas_dgemm, cblas_dgemv$/),
    ]);
    expect(tail).toMatch(
      /^libopenblas\.dll, .*, mkl_rt\.1\.dll by the loader and in C:\\OpenBLAS\\bin, .*; unpack .*, or give a path: useBlas\(\{ path: "…" \}\)$/,
    );
    await expect(useBlas({ path: "openblas.dll" })).resolves.toEqual({
      name: "BLAS",
      version: null,
      path: "openblas.dll",
      threads: null,
    });
    expect(blas).not.toBe(plainBlas);
    await refused(/^useBlas: expected a library that can be told its number of threads, got BLAS, /, {
      path: "openblas.dll",
      threads: 2,
    });
  });
});

/** A library with the functions that `has` admits; calls are written down, and give `results`. */
function handleOf(
  has: (name: string) => boolean,
  results: Readonly<Record<string, unknown>> = {},
  calls: unknown[][] = [],
): LibraryHandle {
  const func = (name: string, result: string, types: readonly string[]): unknown => {
    if (!has(name)) throw new Error(`Cannot find function '${name}' in shared library`);
    return (...args: unknown[]) => {
      calls.push([name, result, types, args]);
      const value = results[name];
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown)(...args) : value;
    };
  };
  return { func } as unknown as LibraryHandle;
}

describe("a library and its maker", () => {
  const routines = ["cblas_sgemm", "cblas_sgemv", "cblas_dgemm", "cblas_dgemv"];
  const spell = (prefix: string, suffix: string): string[] => routines.map((name) => `${prefix}${name}${suffix}`);
  const makers = [
    {
      what: "OpenBLAS",
      names: spell("", ""),
      results: { openblas_get_config: "OpenBLAS 0.3.21 Zen ", openblas_get_num_threads: 4 },
      setter: "openblas_set_num_threads",
      expected: ["OpenBLAS", "OpenBLAS 0.3.21 Zen", 4, "int"],
    },
    {
      what: "OpenBLAS with wide integers and plain names",
      names: spell("", ""),
      results: { openblas_get_config: "OpenBLAS 0.3.21 USE64BITINT Zen", openblas_get_num_threads: 2 },
      setter: "openblas_set_num_threads",
      expected: ["OpenBLAS", "OpenBLAS 0.3.21 USE64BITINT Zen", 2, "int64_t"],
    },
    {
      what: "OpenBLAS with names for wide integers",
      names: spell("", "64_"),
      results: { openblas_get_config64_: "OpenBLAS", openblas_get_num_threads64_: 2 },
      setter: "openblas_set_num_threads64_",
      expected: ["OpenBLAS", "OpenBLAS", 2, "int64_t"],
    },
    {
      what: "SciPy's OpenBLAS",
      names: spell("scipy_", "64_"),
      results: { scipy_openblas_get_config64_: "OpenBLAS", scipy_openblas_get_num_threads64_: 2 },
      setter: "scipy_openblas_set_num_threads64_",
      expected: ["OpenBLAS", "OpenBLAS", 2, "int64_t"],
    },
    {
      what: "BLIS",
      names: spell("", ""),
      results: {
        bli_info_get_version_str: "0.9.0",
        bli_info_get_blas_int_type_size: 64,
        bli_thread_get_num_threads: -1,
      },
      setter: "bli_thread_set_num_threads",
      expected: ["BLIS", "0.9.0", 1, "int64_t"],
    },
    {
      what: "MKL",
      names: spell("", ""),
      results: {
        MKL_Get_Version_String: (text: Uint8Array) => void text.set([..."Intel MKL"].map((c) => c.charCodeAt(0))),
        MKL_Set_Interface_Layer: 2,
        MKL_Get_Max_Threads: 8,
      },
      setter: "MKL_Set_Num_Threads",
      expected: ["MKL", "Intel MKL", 8, "int"],
    },
    {
      what: "MKL that was started with wide integers",
      names: spell("", ""),
      results: { MKL_Get_Version_String: undefined, MKL_Set_Interface_Layer: 1, MKL_Get_Max_Threads: 8 },
      setter: "MKL_Set_Num_Threads",
      expected: ["MKL", "", 8, "int64_t"],
    },
    {
      what: "Accelerate",
      names: spell("", ""),
      results: { vDSP_vadd: undefined },
      setter: null,
      expected: ["Accelerate", null, null, "int"],
    },
    {
      what: "one of unknown make",
      names: spell("", ""),
      results: {},
      setter: null,
      expected: [null, null, null, "int"],
    },
  ] as const;

  test.each(makers)("$what", ({ names, results, setter, expected: [name, version, threads, integer] }) => {
    const calls: unknown[][] = [];
    const all = new Set([...names, ...Object.keys(results), ...(setter === null ? [] : [setter])]);
    const library = openLibrary(handleOf((each) => all.has(each), results, calls)) as Library;
    expect([library.name, library.version, library.threads?.get() ?? null]).toEqual([name, version, threads]);
    library.threads?.set(3);
    if (setter !== null) expect([calls.at(-1)![0], calls.at(-1)![3]]).toEqual([setter, [3]]);
    const room = new Float64Array(4);
    library.blas.float64.gemm(101, 111, 111, 2, 2, 2, 1, room, 2, room, 2, 0, room, 2);
    const [called, , types] = calls.at(-1)!;
    expect(called).toBe(names[2]);
    expect((types as string[]).join()).toBe(
      `int,int,int,${integer},${integer},${integer},double,void *,${integer},void *,${integer},double,void *,${integer}`,
    );
    library.blas.float32.gemv!(101, 111, 2, 2, 1, room, 2, room, 1, 0, room, 1);
    expect([calls.at(-1)![0], (calls.at(-1)![2] as string[]).join()]).toEqual([
      names[1],
      `int,int,${integer},${integer},float,void *,${integer},void *,${integer},float,void *,${integer}`,
    ]);
  });

  test("what lacks a routine is none", () => {
    expect(openLibrary(handleOf((name) => name.startsWith("cblas_d")))).toEqual(["cblas_sgemm", "cblas_sgemv"]);
  });
});

describe("the probe", () => {
  const broken = (change: (c: Float64Array) => void): Blas => {
    const gemm: Blas["float64"]["gemm"] = (...args) => {
      plainBlas.float64.gemm(...args);
      change(args[12] as Float64Array);
    };
    return { ...plainBlas, float64: { ...plainBlas.float64, gemm } };
  };

  test("trusts what multiplies right, and tells what does not", () => {
    expect(faultOf(plainBlas, "gemm")).toBeNull();
    expect(faultOf(plainBlas, "gemv")).toBeNull();
    expect(faultOf(broken((c) => (c[1]! += 1)), "gemm")).toMatch(/^a product of \[3, 4\] and \[4, 5\] in float64 has /); // prettier-ignore
    expect(faultOf(broken((c) => c.fill(0, 15)), "gemm")).toMatch(/writes past its end$/); // prettier-ignore
    expect(faultOf(broken((c) => c.forEach((v, i) => (c[i] = Number.isNaN(v) ? 0 : v))), "gemm")).toMatch(/has 0 where NaN is right$/); // prettier-ignore
  });
});

describe("where to look", () => {
  test.each(["linux", "darwin", "win32", "freebsd"])(
    "on %s: names, folders of variables that are set, a remedy",
    (on) => {
      const { names, folders, remedy } = candidatesOn(on, { CONDA_PREFIX: "/conda", MKLROOT: "" });
      for (const library of ["openblas", "blis", "mkl_rt"])
        expect(names.some((name) => name.toLowerCase().includes(library))).toBe(true);
      expect(folders.filter((name) => name.startsWith("/conda"))).toHaveLength(1);
      expect(folders.join()).not.toMatch(/undefined|^\/lib|,\/lib/);
      expect(new Set(names).size).toBe(names.length);
      expect(remedy).toMatch(/^(install|unpack)/);
    },
  );
});

const linux = process.platform === "linux" && existsSync("/etc/os-release");

describe.skipIf(!linux)("files of this machine", () => {
  test("that are no libraries, or others", async () => {
    const file = join(folder, "text.so");
    writeFileSync(file, "no library at all\n");
    await refused(/^useBlas: expected the path of a library with the C interface of BLAS, got ".*text\.so" \(it cannot be loaded: .*\); leave path out/, { path: file }); // prettier-ignore
    await refused(/\(it cannot be loaded: .*\)/, { path: folder });
    await refused(/\(it cannot be loaded: .*No such file/, { path: join(folder, "none.so") });
    await refused(/\(it cannot be loaded: .*\)/, { path: `${file}\0` });
    await refused(/\(it has no cblas_sgemm, cblas_sgemv, cblas_dgemm, cblas_dgemv\)/, { path: "libm.so.6" });
  });

  const core = new URL("../dist/index.js", import.meta.url).href;

  test("the built package finds koffi beside itself, and the process ends by itself", () => {
    const text = `const { useBlas } = await import(${JSON.stringify(core)});
      await useBlas({ path: "libm.so.6" }).catch((error) => console.log(error.message));`;
    const child = spawnSync(process.execPath, ["--input-type=module", "--eval", text], {
      encoding: "utf8",
      cwd: folder,
    });
    expect(child.stdout).toMatch(/^useBlas: .*\(it has no cblas_sgemm/);
    expect(child.stderr).toBe("");
    expect(child.status).toBe(0);
  });
});

const [info, why] = await useBlas().then(
  (found) => [found, ""] as const,
  (error: Error) => [null, error.message] as const,
);
stopBlas();
if (info === null) console.warn(`Tests on a BLAS of the machine are skipped: ${why}`);

describe.skipIf(info === null)("the machine's own", () => {
  test("is described, takes its number of threads, and is one and the same when it comes again", async () => {
    const one = await useBlas({ threads: 1 });
    const first = blas;
    expect(["OpenBLAS", "BLIS", "MKL", "Accelerate"]).toContain(one.name);
    if (one.name !== "Accelerate") expect([one.threads, typeof one.version]).toEqual([1, "string"]);
    expect(await useBlas()).toEqual(one);
    expect(await useBlas({ path: one.path })).toEqual(one);
    expect(blas).toBe(first);
    stopBlas();
    expect(blas).toBeNull();
  });

  test("does not go when another cannot be had", async () => {
    await useBlas();
    const first = blas;
    await expect(useBlas({ path: join(folder, "none.so") })).rejects.toThrow(ArgumentError);
    expect(blas).toBe(first);
  });
});
