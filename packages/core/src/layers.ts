/**
 * How large gradients are, layer by layer.
 * @module
 */
import { moduleOf } from "./labels.js";
import type { Tensor } from "./tensor.js";

/** What the size of a layer's gradient, beside that of the last layer, says. */
export type GradientVerdict = "fine" | "vanishing" | "exploding" | "zero" | "not finite";

/** The gradient of one layer: of all variables whose labels begin alike, such as `layers[0].weight` and `layers[0].bias`. */
export interface LayerGradient {
  readonly layer: string;
  readonly parameters: readonly string[];
  /** How many numbers. */
  readonly size: number;
  /** $\|w\|_2$ of the parameters. */
  readonly norm: number;
  /** $\|g\|_2$ of their gradients. */
  readonly gradientNorm: number;
  /** $\|g\|_2 / \sqrt n$, which does not depend on the layer's size. */
  readonly rms: number;
  /** `rms` over that of the last layer, where the sweep began; `null`: that is 0 or not finite. */
  readonly relative: number | null;
  readonly verdict: GradientVerdict;
}

/** A variable with its gradient. */
export interface NamedGradient {
  readonly label: string;
  readonly variable: Tensor;
  readonly gradient: Tensor;
}

const far = 1000;

/** The 2-norm, scaled so that squares do not overflow. */
function normOf(list: readonly Tensor[]): number {
  let [scale, sum] = [0, 0];
  for (const x of list)
    for (const value of x.toTypedArray()) {
      const size = Math.abs(value);
      if (!Number.isFinite(size)) return size;
      if (size > scale) [sum, scale] = [1 + sum * (scale / size) ** 2, size];
      else if (scale > 0) sum += (size / scale) ** 2;
    }
  return scale * Math.sqrt(sum);
}

function judge(norm: number, relative: number | null): GradientVerdict {
  if (!Number.isFinite(norm)) return "not finite";
  if (norm === 0) return "zero";
  if (relative === null) return "fine";
  return relative < 1 / far ? "vanishing" : relative > far ? "exploding" : "fine";
}

/** One row a layer, in the order in which the variables are used. */
export function layerGradients(list: readonly NamedGradient[]): LayerGradient[] {
  const groups = new Map<string, NamedGradient[]>();
  for (const each of list) {
    const layer = moduleOf(each.label) ?? each.label;
    groups.set(layer, [...(groups.get(layer) ?? []), each]);
  }
  const rows = [...groups].map(([layer, members]) => {
    const size = members.reduce((n, { variable }) => n + variable.size, 0);
    const gradientNorm = normOf(members.map(({ gradient }) => gradient));
    return {
      layer,
      parameters: members.map(({ label }) => label),
      size,
      norm: normOf(members.map(({ variable }) => variable)),
      gradientNorm,
      rms: size === 0 ? 0 : gradientNorm / Math.sqrt(size),
    };
  });
  const reference = rows.at(-1)?.rms ?? 0;
  return rows.map((row) => {
    const ratio = row.rms / reference;
    const relative = Number.isFinite(reference) && reference > 0 && Number.isFinite(ratio) ? ratio : null;
    return { ...row, relative, verdict: judge(row.gradientNorm, relative) };
  });
}
