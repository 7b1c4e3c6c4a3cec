/** Everyone who is measured, by name. @module */
import type { Peer } from "../peer.js";
import { compiled } from "./compiled.js";
import { cotangent } from "./cotangent.js";
import { jaxjs } from "./jax.js";
import { plain } from "./plain.js";
import { tfjs } from "./tfjs.js";

/** Peers in JavaScript; each is loaded in a process of its own. */
export const javascriptPeers: Readonly<Record<string, () => Peer | Promise<Peer>>> = {
  "cotangent-f64": () => cotangent("float64"),
  "cotangent-f32": () => cotangent("float32"),
  "compiled-f64": () => compiled("float64"),
  "compiled-f32": () => compiled("float32"),
  "compiled-f64-2t": () => compiled("float64", 2),
  "compiled-f32-2t": () => compiled("float32", 2),
  "js-f64": () => plain(Float64Array),
  "js-f32": () => plain(Float32Array),
  "tfjs-cpu": () => tfjs("cpu"),
  "tfjs-wasm": () => tfjs("wasm"),
  "jax-js": () => jaxjs(),
};

export const torchPeers = { "torch-f64": "float64", "torch-f32": "float32" } as const;

export const peerNames: readonly string[] = [...Object.keys(javascriptPeers), ...Object.keys(torchPeers)];
