/**
 * Picking and adding by index in WebAssembly, on operands where they lie in the program's memory.
 * @module
 */
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "../backends/axes.js";
import { checkIndex } from "../backends/indices.js";
import { moveElements } from "../backends/sourceCopy.js";
import type { GatherKernel, ScatterKernel } from "../kernel.js";
import type { Precision } from "../scalar.js";
import { bytesOf } from "./memory.js";
import { constantOf, type Equation } from "./trace.js";
import type { Surroundings, Views, WasmKernel } from "./wasmKernel.js";

/** More rows of rows than this, each a call of its own, run elsewhere. */
const mostCalls = 16;

/** The equation in WebAssembly; `null` where it runs elsewhere. */
export function indexKernel(
  kernel: GatherKernel<unknown> | ScatterKernel<unknown>,
  { inputs, params, output }: Equation,
  precision: Precision,
): WasmKernel | null {
  const scatter = kernel.kind === "scatter";
  const [x, indices] = inputs as [Equation["output"], Equation["output"]];
  const [indexed, partner] = scatter ? [output, inputs[2]!] : [x, output];
  if (indices.dtype !== "int32" || [indexed, partner].some(({ dtype }) => dtype !== precision)) return null;
  const size = bytesOf[precision];
  const axis = kernel.axis(params);
  const length = indexed.layout.shape[axis]!;
  const rest = indexed.layout.strides.map((stride, a) => (a === axis ? 0 : stride));
  const axes = mergeAxes(indices.layout.shape, [indices.layout.strides, rest, partner.layout.strides]);
  const calls: (readonly [number, number, number])[] = [];
  forEachOuter(axes, 2, [indices.offset, indexed.offset, partner.offset], ([e, p, u]) => calls.push([e!, p!, u!]));
  if (calls.length > mostCalls) return null;
  const [{ n: m, strides: down }, { n, strides: along }] = innerAxes(axes, 2) as [MergedAxis, MergedAxis];
  const whole = along[0] === 0 && along[1] === 1 && along[2] === 1;
  const make = ({ addressOf, functions, view }: Surroundings & Views): (() => void) => {
    const run = functions("index", precision)[`${kernel.kind}${whole ? "Rows" : ""}`]!;
    const more = whole ? [n * size] : [n, along[0]! * 4, along[1]! * size, along[2]! * size];
    const all = calls.map(([e, p, u]) => [
      m, addressOf(indices.buffer) + e * 4, down[0]! * 4, length, indexed.layout.strides[axis]! * size,
      addressOf(indexed.buffer) + p * size, down[1]! * size, addressOf(partner.buffer) + u * size, down[2]! * size, ...more,
    ]); // prettier-ignore
    const values = view(precision, addressOf(x.buffer), x.buffer.size);
    const target = view(precision, addressOf(output.buffer), output.buffer.size);
    const start = constantOf(x);
    return () => {
      if (scatter && start !== null) target.fill(start);
      else if (scatter) moveElements({ ...x, data: values }, target, precision, output.offset, output.layout.strides);
      for (const call of all) {
        const bad = run(...call);
        if (bad !== -1) checkIndex(kernel.name, view("int32", bad >>> 0, 1)[0]!, length);
      }
    };
  };
  return { kind: "run", make };
}
