/** Everyone who is measured, by name. @module */
import type { Peer } from "../peer.js";
import { compiled } from "./compiled.js";
import { cotangent } from "./cotangent.js";
import { handWritten } from "./handWritten.js";
import { jaxjs } from "./jax.js";
import { plain } from "./plain.js";
import { withBlas, withThreads } from "./switched.js";
import { tfjs } from "./tfjs.js";

/** Peers in JavaScript; each is loaded in a process of its own. */
export const javascriptPeers: Readonly<Record<string, () => Peer | Promise<Peer>>> = {
  "cotangent-f64": () => cotangent("float64"),
  "cotangent-f32": () => cotangent("float32"),
  "compiled-f64": () => compiled("float64"),
  "compiled-f32": () => compiled("float32"),
  "cotangent-f64-2t": () => withThreads(2, () => cotangent("float64")),
  "cotangent-f32-2t": () => withThreads(2, () => cotangent("float32")),
  "compiled-f64-2t": () => withThreads(2, () => compiled("float64")),
  "compiled-f32-2t": () => withThreads(2, () => compiled("float32")),
  "cotangent-f64-blas": () => withBlas(() => cotangent("float64")),
  "cotangent-f32-blas": () => withBlas(() => cotangent("float32")),
  "compiled-f64-blas": () => withBlas(() => compiled("float64")),
  "compiled-f32-blas": () => withBlas(() => compiled("float32")),
  "hand-written": () => handWritten(),
  "js-f64": () => plain(Float64Array),
  "js-f32": () => plain(Float32Array),
  "tfjs-cpu": () => tfjs("cpu"),
  "tfjs-wasm": () => tfjs("wasm"),
  "jax-js": () => jaxjs(),
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
