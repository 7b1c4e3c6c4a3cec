/**
 * Where a C BLAS may be: names that the loader of the platform knows how to find, and folders it does not look into.
 * @module
 */

/** What to try, in this order, and how to get a BLAS where there is none. */
export interface Candidates {
  readonly names: readonly string[];
  readonly folders: readonly string[];
  readonly remedy: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Folders below those that variables name, as far as they are set. */
function below(env: Env, list: readonly (readonly [variable: string, rest: string])[]): string[] {
  return list.flatMap(([variable, rest]) => {
    const folder = env[variable];
    return folder === undefined || folder === "" ? [] : [folder + rest];
  });
}

/** The kinds of libraries, fastest first where they are equally well known; names without a maker come last. */
export function candidatesOn(platform: string, env: Env): Candidates {
  switch (platform) {
    case "darwin":
      return {
        names: [
          "/System/Library/Frameworks/Accelerate.framework/Accelerate",
          ...["libopenblas.dylib", "libopenblas.0.dylib", "libblis.dylib", "libblis.4.dylib"],
          ...["libmkl_rt.2.dylib", "libmkl_rt.dylib"],
        ],
        folders: [
          ...below(env, [["CONDA_PREFIX", "/lib"], ["MKLROOT", "/lib"]]),
          "/opt/homebrew/opt/openblas/lib", "/usr/local/opt/openblas/lib", "/opt/homebrew/opt/blis/lib",
          "/usr/local/opt/blis/lib", "/opt/intel/oneapi/mkl/latest/lib",
        ],
        remedy: "install one, for example with brew install openblas",
      }; // prettier-ignore
    case "win32":
      return {
        names: [
          ...["libopenblas.dll", "openblas.dll", "libopenblas64_.dll", "libblis.dll", "AOCL-LibBlis-Win-MT-dll.dll"],
          ...["mkl_rt.2.dll", "mkl_rt.3.dll", "mkl_rt.1.dll"],
        ],
        folders: [
          ...below(env, [["CONDA_PREFIX", "\\Library\\bin"], ["MKLROOT", "\\bin"], ["MKLROOT", "\\redist\\intel64"]]),
          "C:\\OpenBLAS\\bin", "C:\\msys64\\ucrt64\\bin", "C:\\msys64\\mingw64\\bin",
          "C:\\Program Files (x86)\\Intel\\oneAPI\\mkl\\latest\\bin",
        ],
        remedy: "unpack a release of OpenBLAS (libopenblas.dll), for example into C:\\OpenBLAS",
      }; // prettier-ignore
    default:
      return {
        names: [
          ...["libopenblas.so.0", "libopenblasp.so.0", "libopenblas.so", "libopenblas64_.so.0", "libopenblas64.so.0"],
          ...["libblis.so.4", "libblis.so.3", "libblis.so", "libblis-mt.so"],
          ...["libmkl_rt.so.2", "libmkl_rt.so.3", "libmkl_rt.so"],
          ...["libblas.so.3", "libcblas.so.3", "libblas.so"],
        ],
        folders: [
          ...below(env, [["CONDA_PREFIX", "/lib"], ["MKLROOT", "/lib"], ["MKLROOT", "/lib/intel64"]]),
          "/usr/local/lib", "/opt/OpenBLAS/lib", "/opt/intel/oneapi/mkl/latest/lib",
        ],
        remedy: "install one, for example with apt-get install libopenblas0 or dnf install openblas",
      }; // prettier-ignore
  }
}
