/** Everyone who is measured, by name. @module */
import type { Peer } from "../peer.js";
type Make = () => Promise<Peer>;
type DType = "float64" | "float32";

// Loaded when they are wanted, so that the time of loading one is its own.
const eager =
  (dtype: DType): Make =>
  async () =>
    (await import("./cotangent.js")).cotangent(dtype);
const program =
  (dtype: DType): Make =>
  async () =>
    (await import("./compiled.js")).compiled(dtype);
const threads =
  (make: Make): Make =>
  async () =>
    (await import("./switched.js")).withThreads(2, make);
const blas =
  (make: Make): Make =>
  async () =>
    (await import("./switched.js")).withBlas(make);

/** Peers in JavaScript; each is loaded in a process of its own. */
export const javascriptPeers: Readonly<Record<string, Make>> = {
  "cotangent-f64": eager("float64"),
  "cotangent-f32": eager("float32"),
  "compiled-f64": program("float64"),
  "compiled-f32": program("float32"),
  "cotangent-f64-2t": threads(eager("float64")),
  "cotangent-f32-2t": threads(eager("float32")),
  "compiled-f64-2t": threads(program("float64")),
  "compiled-f32-2t": threads(program("float32")),
  "cotangent-f64-blas": blas(eager("float64")),
  "cotangent-f32-blas": blas(eager("float32")),
  "compiled-f64-blas": blas(program("float64")),
  "compiled-f32-blas": blas(program("float32")),
  "hand-written": async () => (await import("./handWritten.js")).handWritten(),
  "hand-written-accurate": async () => (await import("./handWritten.js")).handWrittenAccurately(),
  "js-f64": async () => (await import("./plain.js")).plain(Float64Array),
  "js-f32": async () => (await import("./plain.js")).plain(Float32Array),
  "tfjs-cpu": async () => (await import("./tfjs.js")).tfjs("cpu"),
  "tfjs-wasm": async () => (await import("./tfjs.js")).tfjs("wasm"),
  "jax-js": async () => (await import("./jax.js")).jaxjs(),
};

/** What PyTorch is told; by default it takes as many threads as there are processors. */
export interface TorchSettings {
  readonly dtype: "float64" | "float32";
  readonly threads: number;
}

export const torchPeers: Readonly<Record<string, TorchSettings>> = {
  "torch-f64": { dtype: "float64", threads: 1 },
  "torch-f64-2t": { dtype: "float64", threads: 2 },
  "torch-f32": { dtype: "float32", threads: 1 },
  "torch-f32-2t": { dtype: "float32", threads: 2 },
};

export const peerNames: readonly string[] = [...Object.keys(javascriptPeers), ...Object.keys(torchPeers)];
export const isDouble = (peer: string): boolean => peer.includes("f64");
