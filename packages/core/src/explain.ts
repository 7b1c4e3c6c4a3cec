/**
 * Where NaN and infinities come from, and how gradients fare from layer to layer.
 * @module
 */
import { anomalyAt, type Anomaly, type Site } from "./anomaly.js";
import { sweep } from "./backward.js";
import { withContext } from "./context.js";
import { checkOptions } from "./errors.js";
import type { Gradients } from "./gradients.js";
import { showExplanation } from "./explanation.js";
import { ancestorsOf, computed, madeOf, type Computed, type Untracked } from "./history.js";
import { labelling, type Labels } from "./labels.js";
import { layerGradients, type LayerGradient } from "./layers.js";
import { booleanOption } from "./ops/options.js";
import { stretch } from "./ops/linear.js";
import { plainData } from "./print.js";
import { allFinite, rangeOf, type Range } from "./range.js";
import { scalarLayout, showShape } from "./shape.js";
import { scalarTensor, type Tensor } from "./tensor.js";

/** Options of `explain`. */
export interface ExplainOptions {
  /** Names for tensors: a map, or a tree such as a model's parameters, whose paths are the names. */
  readonly labels?: Labels | undefined;
  /** Whether infinities count as well as NaN. Default: true. */
  readonly infinities?: boolean | undefined;
}

/** What `explain` found. */
export interface Explanation {
  /** Whether the output and the gradients of all variables are finite. */
  readonly ok: boolean;
  readonly output: Range;
  /** To look at first: the earliest anomaly of the forward pass that comes out, else the first one of the backward pass. */
  readonly first: Anomaly | null;
  /** In the order of computation, forward then backward; those that are masked on the way included. At most 20 a pass. */
  readonly anomalies: readonly Anomaly[];
  /** Gradients by layer, in the order in which the layers are used. */
  readonly layers: readonly LayerGradient[];
  /** A report to read. */
  toString(): string;
  /** Plain data; numbers that JSON does not have become text, such as `"NaN"`. */
  toJSON(): Omit<Explanation, "toJSON" | "toString">;
}

const most = 20;

/** The tensors of one output, which of them are not finite, and who uses whom. */
class Findings {
  readonly #infinities: boolean;
  readonly #untracked: Untracked;
  readonly #gradients: Gradients;
  readonly list: readonly Tensor[];
  readonly #bad = new Map<Tensor, boolean>();

  constructor(y: Tensor, untracked: Untracked, gradients: Gradients, infinities: boolean) {
    this.#untracked = untracked;
    this.#gradients = gradients;
    this.#infinities = infinities;
    this.list = ancestorsOf(y, untracked);
  }

  isBad(x: Tensor): boolean {
    const known = this.#bad.get(x);
    if (known !== undefined) return known;
    const bad = !allFinite(x, this.#infinities);
    this.#bad.set(x, bad);
    return bad;
  }

  cotangentOf(x: Tensor): Tensor | null {
    return x.node !== null && this.#gradients.has(x) ? this.#gradients.get(x) : null;
  }

  /** Whether sources do not explain what came of them: NaN of no NaN, or an infinity of finite numbers. */
  isNew(result: Tensor, sources: readonly Tensor[]): boolean {
    if (!this.isBad(result) || !sources.every((x) => allFinite(x, false))) return false;
    return !allFinite(result, false) || sources.every((x) => allFinite(x, true));
  }

  inputsOf(x: Tensor): readonly Tensor[] {
    return madeOf(x, this.#untracked)?.inputs ?? [];
  }

  /** Where values that are not finite begin in the forward pass. */
  forward(reaching: ReadonlySet<Tensor>): Site[] {
    return this.list.flatMap((x): Site[] => {
      if (!this.isBad(x)) return [];
      const made = madeOf(x, this.#untracked);
      const site = { output: x, result: x, given: [], input: null };
      if (made === null) return [{ ...site, phase: "data", name: "", inputs: [] }];
      // What is filled in on purpose, and then masked, is nothing to tell.
      if (!this.isNew(x, made.inputs) || !(made.computes || reaching.has(x))) return [];
      return [{ ...site, phase: "forward", name: made.name, inputs: made.inputs }];
    });
  }

  /** Where cotangents that are not finite begin, by descending order of computation. */
  backward(): Site[] {
    const sites: Site[] = [];
    const accounted = new Set<Tensor>();
    for (let i = this.list.length - 1; i >= 0; i--) {
      const output = this.list[i]!;
      const { node } = output;
      const ct = this.cotangentOf(output);
      if (node === null || ct === null) continue;
      const { primitive, inputs, params } = node;
      if (this.isBad(ct) && i < this.list.length - 1 && !accounted.has(output))
        sites.push({
          phase: "backward", name: "add", inputs: [], output, given: [], input: null, result: ct,
        }); // prettier-ignore
      inputs.forEach((x, input) => {
        const total = this.cotangentOf(x);
        if (total === null || !this.isBad(total)) return;
        const result = primitive.vjp!(input, ct, inputs, output, params as never);
        if (result === null || !this.isBad(result)) return;
        accounted.add(x);
        if (this.isNew(result, [ct, ...inputs, output]) || this.#metInfinity(result, ct, [...inputs, output]))
          sites.push({ phase: "backward", name: primitive.name, inputs, output, given: [ct], input, result });
      });
    }
    return sites;
  }

  /** An infinity of the forward pass that did not show in the output, but makes the slope infinite or NaN. */
  #metInfinity(result: Tensor, ct: Tensor, values: readonly Tensor[]): boolean {
    return !this.isBad(ct) && this.isBad(result) && values.every((x) => allFinite(x, false));
  }

  /** Tensors from which a chain of values that are not finite leads to the output. */
  reaching(): ReadonlySet<Tensor> {
    const y = this.list.at(-1)!;
    const found = new Set<Tensor>(this.isBad(y) ? [y] : []);
    for (const x of found) for (const input of this.inputsOf(x)) if (this.isBad(input)) found.add(input);
    return found;
  }

  /** Variables to which cotangents that are not finite flow from `x`. */
  spoiltFrom(x: Tensor): Tensor[] {
    const spoilt = (t: Tensor): boolean => {
      const ct = this.cotangentOf(t);
      return ct !== null && this.isBad(ct);
    };
    const found = new Set<Tensor>(spoilt(x) ? [x] : []);
    for (const t of found) for (const input of t.node?.inputs ?? []) if (spoilt(input)) found.add(input);
    return [...found].filter((t) => t.node?.isLeaf === true);
  }
}

/**
 * Explains a result that is not finite, or whose gradients are not, and shows how gradients fare from layer to layer.
 * The report tells the first operator, forward or backward, that made a NaN or an infinity out of finite numbers: the
 * line that applied it, the first such element, the ranges of its inputs, and the variables whose gradients it spoils.
 * It also lists anomalies that are masked on the way, and says of every layer whether its gradient vanishes (below
 * 1/1000 of the last layer's, by root mean square) or explodes (above 1000 times).
 *
 * @param output a tensor, or a function that computes it: then the report has lines of source, and sees untracked
 *   computations too, such as those that prepare the data. Of an output that is no scalar, the sum is differentiated
 * @throws {@link GraphError} if the output was not computed from a variable
 * @throws {@link ArgumentError} if `labels` holds something else than tensors, or an option is unknown
 * @example
 * ```ts
 * import { explain, variable } from "@cotangent/core";
 * const [x, w] = [variable([1, 0, 4]), variable(3)];
 * const report = explain(() => x.sqrt().mul(w).sum(), { labels: { x, w } });
 * report.ok; // → false
 * const { phase, op, made, index, flowsTo } = report.first!;
 * `${phase} ${op} ${made}`; // → backward sqrt infinity
 * index; // → [1]
 * flowsTo; // → ["x"]
 * explain(x.add(1).sqrt().sum()).ok; // → true
 * ```
 */
export function explain(output: Computed, options?: ExplainOptions): Explanation {
  checkOptions("explain", options, ["labels", "infinities"]);
  const infinities = booleanOption("explain", "infinities", options?.infinities ?? true);
  const given = labelling("explain", options?.labels);
  const { y, untracked } = computed("explain", output);
  return withContext({ observer: null, recording: false }, () => {
    const one = scalarTensor(scalarLayout, y.dtype, 1);
    const gradients = sweep(y, stretch(one, y.layout.shape), false);
    const findings = new Findings(y, untracked, gradients, infinities);
    const variables = findings.list.filter((x) => x.node?.isLeaf === true);
    const labelOf = namesFor(variables, given);
    const named = (list: readonly Tensor[]): string[] => list.map((x) => labelOf(x)!);
    const spoilt = variables.filter((x) => findings.isBad(findings.cotangentOf(x) ?? gradients.get(x)));
    const reaching = findings.reaching();
    const describe = (site: Site): Anomaly => {
      const forward = site.phase !== "backward";
      const target = site.input === null ? site.output : site.inputs[site.input]!;
      const reaches = !forward || reaching.has(site.output);
      const flowsTo = named(!forward ? findings.spoiltFrom(target) : reaches ? spoilt : []);
      return anomalyAt(site, labelOf, infinities, { reaches, flowsTo });
    };
    const sites = findings.forward(reaching);
    // What comes out matters first, and must not be cut off.
    const forward = [
      ...sites.filter((site) => reaching.has(site.output)).slice(0, most),
      ...sites.filter((site) => !reaching.has(site.output)).slice(0, most),
    ].slice(0, most).map(describe); // prettier-ignore
    const backward = findings.backward().slice(0, most).map(describe);
    const found = {
      ok: !findings.isBad(y) && spoilt.length === 0,
      output: rangeOf(y),
      first: forward.find(({ reaches }) => reaches) ?? backward[0] ?? null,
      anomalies: [...forward, ...backward],
      layers: layerGradients(
        variables.map((variable) => ({ label: labelOf(variable)!, variable, gradient: gradients.get(variable) })),
      ),
    };
    return { ...found, toString: () => showExplanation(found), toJSON: () => plainData(found) };
  });
}

/** Variables without a label are told by number and shape. */
function namesFor(
  variables: readonly Tensor[],
  given: (x: Tensor) => string | undefined,
): (x: Tensor) => string | undefined {
  const own = new Map(
    variables.map((x, i) => [x, given(x) ?? `variable ${i + 1} of shape ${showShape(x.layout.shape)}`]),
  );
  return (x) => own.get(x) ?? given(x);
}
