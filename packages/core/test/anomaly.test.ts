/** Planted NaN and infinities: the tools name the operator that made them, its line, and what they spoil. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  backward,
  defineOp,
  detectAnomaly,
  explain,
  grad,
  GraphError,
  hvp,
  jvp,
  mapTree,
  NumericError,
  random,
  sigmoid,
  tanh,
  tensor,
  variable,
  where,
  type Anomaly,
  type AnomalyPhase,
  type Tensor,
} from "@cotangent/core";
import { binaryCrossEntropy, deepNetwork, meanSquaredError } from "@cotangent/nn";

/** The anomaly that `detectAnomaly` throws; `null`: it is silent. */
function thrownBy(run: () => unknown, infinities = true): Anomaly | null {
  try {
    detectAnomaly(run, { infinities });
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(NumericError);
    return (error as NumericError).cause as Anomaly;
  }
}

/** What is planted; the operator, phase and element to be named; whether `explain` says that it comes out. */
interface Planted {
  readonly name: string;
  readonly at: readonly number[];
  readonly f: (x: Tensor) => Tensor;
  readonly says: readonly [phase: AnomalyPhase, op: string, made: Anomaly["made"], index: readonly number[]];
  /** What `explain` says first where that differs: an anomaly that does not come out is no fault of the result. */
  readonly explained?: Planted["says"] | null;
}

const inf = Infinity;
const planted: readonly Planted[] = [
  { name: "0 / 0", at: [1, 0], f: (x) => x.div(x), says: ["forward", "div", "NaN", [1]] },
  { name: "1 / 0", at: [1, 0], f: (x) => tensor(1).div(x), says: ["forward", "div", "infinity", [1]] },
  { name: "the logarithm of a negative number", at: [1, 2, -1], f: (x) => x.log(), says: ["forward", "log", "NaN", [2]] },
  { name: "the logarithm of 0", at: [0, 2], f: (x) => x.log(), says: ["forward", "log", "infinity", [0]] },
  { name: "the root of a negative number", at: [4, -4], f: (x) => x.add(0).sqrt(), says: ["forward", "sqrt", "NaN", [1]] },
  { name: "a fractional power", at: [1, -1], f: (x) => x.pow(0.5), says: ["forward", "pow", "NaN", [1]] },
  { name: "overflow of exp", at: [1, 1000], f: (x) => x.exp(), says: ["forward", "exp", "infinity", [1]] },
  { name: "∞ - ∞ of an overflow", at: [1000], f: (x) => x.exp().sub(x.exp()), says: ["forward", "exp", "infinity", [0]] },
  { name: "a softmax by hand", at: [1, 900], f: (x) => x.exp().div(x.exp().sum()), says: ["forward", "exp", "infinity", [1]] },
  { name: "overflow of a sum", at: [1e308, 1e308], f: (x) => x.sum(), says: ["forward", "sum", "infinity", []] },
  { name: "overflow of a square", at: [2, 1e200], f: (x) => x.square(), says: ["forward", "square", "infinity", [1]] },
  { name: "the arc sine beyond 1", at: [0, 2], f: (x) => x.asin(), says: ["forward", "asin", "NaN", [1]] },
  { name: "the root at 0, backward", at: [1, 0], f: (x) => x.sqrt(), says: ["backward", "sqrt", "infinity", [1]] },
  { name: "a power at 0, backward", at: [0, 1], f: (x) => x.pow(0.5), says: ["backward", "pow", "infinity", [0]] },
  { name: "the arc sine at 1, backward", at: [0, 1], f: (x) => x.asin(), says: ["backward", "asin", "infinity", [1]] },
  { name: "a slope that overflows", at: [1, 1e-310], f: (x) => x.log(), says: ["backward", "log", "infinity", [1]] },
  {
    name: "a sigmoid by hand: its infinity disappears forward and comes back as 0 · ∞",
    at: [0, -1000],
    f: (x) => x.neg().exp().add(1).reciprocal(),
    says: ["forward", "exp", "infinity", [1]],
    explained: ["backward", "exp", "NaN", [1]],
  },
  {
    name: "a logarithm masked by where",
    at: [1, -1],
    f: (x) => where(x.greater(0), x.log(), 0),
    says: ["forward", "log", "NaN", [1]],
    explained: null,
  },
  {
    name: "a root masked by where: the mask comes too late for 0 / 0",
    at: [1, 0],
    f: (x) => where(x.greater(0), x.sqrt(), 0),
    says: ["backward", "sqrt", "NaN", [1]],
  },
  { name: "NaN in the data", at: [1, 2], f: (x) => x.mul(tensor([1, NaN])), says: ["data", "constant", "NaN", [1]] },
  { name: "infinity in a parameter", at: [1, inf], f: (x) => x.mul(2), says: ["data", "variable", "infinity", [1]] },
  { name: "∞ - ∞ where infinities are data", at: [inf, 1], f: (x) => x.sub(x), says: ["forward", "sub", "NaN", [0]], explained: ["data", "variable", "infinity", [0]] },
]; // prettier-ignore

const phaseOf = ({ phase, op, made, index }: Anomaly): unknown[] => [phase, op, made, index];

describe("planted", () => {
  test.each(planted)("$name", ({ at, f, says, explained }) => {
    const x = variable(at);
    const found = thrownBy(() => f(x).sum().backward())!;
    expect(phaseOf(found)).toEqual(says);
    const report = explain(() => f(x).sum(), { labels: { variable: x } });
    const expected = explained === undefined ? says : explained;
    expect(report.first === null ? null : phaseOf(report.first)).toEqual(expected);
    expect(report.ok).toBe(expected === null);
    const gradient = f(x).sum().backward().get(x).toTypedArray();
    const spoilt = gradient.some((v) => !Number.isFinite(v));
    expect(report.first?.flowsTo ?? []).toEqual(spoilt ? ["variable"] : []);
    expect(report.layers[0]!.verdict === "not finite").toBe(spoilt);
    // What detectAnomaly stopped at is told, even where it does no harm.
    if (says[0] !== "backward") expect(report.anomalies.map(phaseOf)).toContainEqual(says);
    for (const { line, phase } of [found, ...report.anomalies])
      if (phase === "data") expect(line).toBeNull();
      else expect(line).toMatch(/anomaly\.test\.ts:\d+:\d+$/);
  });

  test("nothing where all is finite", () => {
    const x = variable([0.5, 2]);
    expect(thrownBy(() => x.log().square().sum().backward())).toBeNull();
    const { ok, first, anomalies } = explain(x.log().sum());
    expect([ok, first, anomalies]).toEqual([true, null, []]);
  });
});

describe("detectAnomaly", () => {
  const x = tensor([0, 1]);
  const root = (t: Tensor): Tensor => t.sqrt().sum();

  test.each<[string, AnomalyPhase, () => unknown]>([
    ["grad", "backward", () => grad(root)(x)],
    ["jvp", "tangent", () => jvp(root, [x], [x.add(1)])],
    ["grad of grad", "backward", () => grad((t: Tensor) => grad((s: Tensor) => s.pow(1.5).sum())(t).sum())(x)],
    ["hvp", "tangent", () => hvp((t: Tensor) => t.pow(1.5).sum())(x, x.add(1))],
    ["jvp of jvp", "tangent", () => jvp((t) => jvp((s) => s.pow(1.5), [t], [x.add(1)])[1], [x], [x.add(1)])],
    ["a pullback", "backward", () => backward(root(variable(x)))],
  ])("sees rules through %s", (_name, phase, run) => {
    const found = thrownBy(run)!;
    expect([found.phase, found.op, found.index]).toEqual([phase, expect.stringMatching(/sqrt|pow/), [0]]);
    expect(found.line).toMatch(/anomaly\.test\.ts/);
  });

  test("returns what the function returns, and leaves no trace", () => {
    const y = detectAnomaly(() => x.add(1));
    expect(y.toArray()).toEqual([1, 2]);
    expect(() => detectAnomaly(() => x.log())).toThrow(NumericError);
    expect(x.log().toArray()).toEqual([-inf, 0]);
  });

  test("names the operator, the line, the element, the ranges and a remedy", () => {
    let message = "";
    try {
      detectAnomaly(() => tensor([[1, 2], [-3, 4]]).log()); // prettier-ignore
    } catch (error) {
      message = (error as Error).message;
    }
    const [head, input, output] = message.split("\n");
    expect(head).toMatch(
      /^detectAnomaly: expected finite values, got NaN from log at \S+anomaly\.test\.ts:\d+:\d+, first at \[1, 0\]: log\(-3\); keep the argument positive/,
    );
    expect([input, output]).toEqual(["  input 0, constant: [2, 2] -3 … 4", "  output: [2, 2] 0 … 1.386, 1 of 4 NaN"]);
  });

  test("lets infinities pass where they are meant", () => {
    const scores = tensor([1, 2]);
    const masked = (): Tensor => where(tensor([true, false]), scores, -Infinity).softmax();
    expect(thrownBy(masked)!.phase).toBe("data");
    expect(thrownBy(masked, false)).toBeNull();
    expect(thrownBy(() => scores.sub(Infinity).sub(-Infinity), false)!.op).toBe("sub");
  });

  test("tells what was made outside from what was made inside", () => {
    const outside = variable([-1, 1]).log();
    const found = thrownBy(() => outside.mul(2).sum())!;
    expect([found.phase, found.op, found.line]).toEqual(["data", "log", null]);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["no function", () => detectAnomaly(3 as never), /^detectAnomaly: expected a function, got 3/],
    ["a promise", () => detectAnomaly(async () => 1), /^detectAnomaly: expected a synchronous function/],
    ["an unknown option", () => detectAnomaly(() => 1, { nan: true } as never), /unknown option "nan"/],
    ["an option of another type", () => detectAnomaly(() => 1, { infinities: 1 } as never), /true or false, got 1/],
  ])("refuses %s", (_name, run, says) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(says);
  });
});

describe("explain", () => {
  const model = deepNetwork({ sizes: [3, 4, 4, 1], activation: tanh });
  const params = mapTree(variable, model.init(random(1)));
  const x = random(2).normal([5, 3]);

  test("names the parameters that a NaN flows to, and no others", () => {
    const [a, b, c] = [variable([0, 1]), variable([1, 2]), variable([3, 4])];
    const report = explain(() => a.sqrt().mul(b).add(c).sum(), { labels: { root: { a }, b, c } });
    expect(report.first!.flowsTo).toEqual(["root.a"]);
    expect(report.layers.map(({ layer, verdict }) => [layer, verdict])).toEqual([
      ["root", "not finite"],
      ["b", "fine"],
      ["c", "fine"],
    ]);
  });

  test("a loss that takes the logarithm of 0 is told by the line that called it", () => {
    const report = explain(
      () => model.apply(params, x).mul(1000).sigmoid().log().mean(),
      { labels: params },
    ); // prettier-ignore
    expect([report.ok, report.first!.op]).toEqual([false, "log"]);
    expect(report.first!.flowsTo.length).toBeGreaterThan(0);
    expect(report.first!.line).toMatch(/anomaly\.test\.ts/);
  });

  test("finds what went wrong where nothing is tracked, in the preparation of the data", () => {
    const raw = tensor([[1, 2], [1, 3]]); // prettier-ignore
    const w = variable([1, 1]);
    const run = (): Tensor => raw.sub(raw.mean({ axis: 0 })).div(raw.std({ axis: 0 })).mul(w).sum(); // prettier-ignore
    expect(phaseOf(explain(run).first!)).toEqual(["forward", "div", "NaN", [0, 0]]);
    // Of a finished tensor nothing is known but that the data were so.
    expect(explain(run()).first!.phase).toBe("data");
  });

  test("tells a sum of cotangents that overflows", () => {
    const a = variable([1e-300]);
    const y = a.mul(1e308).add(a.mul(1e308)).sum();
    const { first, ok } = explain(y);
    expect(ok).toBe(false);
    expect([first!.phase, first!.op, first!.made]).toEqual(["backward", "add", "infinity"]);
  });

  test("a deep network of sigmoids vanishes, one of large weights explodes, a healthy one does neither", () => {
    const sizes = [3, 8, 8, 8, 8, 8, 8, 1];
    const verdicts = (activation: (t: Tensor) => Tensor, scale: number): string[] => {
      const deep = deepNetwork({ sizes, activation });
      const given = mapTree((p) => variable(p.mul(scale)), deep.init(random(3)));
      return explain(meanSquaredError(deep.apply(given, x), tensor([[1], [0], [1], [0], [1]])), { labels: given })
        .layers.map(({ verdict }) => verdict); // prettier-ignore
    };
    expect(verdicts(sigmoid, 1)[0]).toBe("vanishing");
    expect(verdicts((t) => t.sin(), 30)[0]).toBe("exploding");
    expect(new Set(verdicts(tanh, 1))).toEqual(new Set(["fine"]));
  });

  test("norms are those of the gradients, without overflow, and unused variables have none", () => {
    const [a, b] = [variable([1e200, 1e200]), variable([3, 4])];
    const { layers } = explain(a.sum().mul(0).add(b.square().sum().mul(0.5)), { labels: { a, m: { b } } });
    expect(layers[0]).toMatchObject({ layer: "a", size: 2, gradientNorm: 0, verdict: "zero" });
    expect(layers[0]!.norm / 1e200).toBeCloseTo(Math.SQRT2, 12);
    expect(layers[1]).toMatchObject({ layer: "m", parameters: ["m.b"], norm: 5, gradientNorm: 5, relative: 1 });
  });

  test("the text reads well, and the report is JSON", () => {
    const [a, w] = [variable([1, 0, 4]), variable(3)];
    const report = explain(() => a.sqrt().mul(w).sum(), { labels: { a, w } });
    expect(String(report).replace(/ at \S+?(?=,)/, " at LINE")).toBe(
      [
        "explain: output [] 9, finite; gradients not finite in a",
        "first: infinity from the backward rule of sqrt at LINE, first at [1], where it computed sqrt(0)",
        "  input 0, a: [3] 0 … 4",
        "  cotangent that came: [3] 3",
        "  cotangent of input 0: [3] 0.75 … 1.5, 1 of 3 infinite",
        "  spoils the gradients of a",
        "  remedy: add a small number under the root; its slope at 0 is infinite",
        "gradients by layer, from the input to the output:",
        "  layer  size   ‖w‖       ‖g‖  rms of g  to last",
        "  a         3  4.12  Infinity  Infinity        –  not finite",
        "  w         1     3         3         3        1",
      ].join("\n"),
    );
    const json = JSON.parse(JSON.stringify(report)) as typeof report;
    expect([json.ok, json.first!.op, json.first!.index, json.layers.length]).toEqual([false, "sqrt", [1], 2]);
  });

  test("20,000 operators, and as many anomalies", () => {
    let y = variable([1]);
    for (let i = 0; i < 10000; i++) y = y.add(1).sub(1);
    expect(explain(y.log().sum()).ok).toBe(true);
    const bad = explain(y.sub(2).log().sum());
    expect([bad.first!.op, bad.anomalies.length]).toEqual(["log", 1]);
  });

  test.each<[string, () => unknown, RegExp, new (...args: never) => Error]>([
    ["data", () => explain(tensor([1])), /^explain: expected a tensor computed from a variable, got one without/, GraphError],
    ["a number", () => explain(3 as never), /^explain: expected a tensor computed from a variable, got 3/, GraphError],
    ["labels of text", () => explain(variable(1).mul(2), { labels: { a: "b" } }), /^explain: .*"a"/, ArgumentError],
    ["an unknown option", () => explain(variable(1).mul(2), { label: {} } as never), /unknown option "label"/, ArgumentError],
  ])("refuses %s", (_name, run, says, type) => {
    expect(run).toThrow(type);
    expect(run).toThrow(says);
  }); // prettier-ignore

  test("a clipped loss is finite", () => {
    expect(explain(binaryCrossEntropy(variable([0.5]), tensor([1]))).ok).toBe(true);
  });
});

describe("a rule is judged by its result", () => {
  /** The reciprocal, 0 at 0, whose rules divide by 0 on the way and mask what comes of it, or do not. */
  const safe = (mask: (x: Tensor, slope: Tensor) => Tensor) =>
    defineOp({
      name: "safe",
      forward: (x: Tensor) => where(x.equal(0), 0, x.reciprocal()),
      vjp: (ct, [x]) => [ct.mul(mask(x, x.square().reciprocal().neg()))],
      jvp: ([t], [x]) => t.mul(mask(x, x.square().reciprocal().neg())),
    });
  const masked = safe((x, slope) => where(x.equal(0), 0, slope));
  const open = safe((_x, slope) => slope);
  const x = tensor([2, 0]);
  const ways: readonly (readonly [string, AnomalyPhase, (op: typeof masked) => unknown])[] = [
    ["grad", "backward", (op) => grad((t: Tensor) => op(t).sum())(x)],
    ["backward", "backward", (op) => op(variable([2, 0])).sum().backward()],
    ["jvp", "tangent", (op) => jvp(op, [x], [tensor([1, 1])])],
    ["grad of grad", "backward", (op) => grad((t: Tensor) => grad((s: Tensor) => op(s).sum())(t).sum())(tensor([2, 3, 0]))],
  ];

  test.each(ways)("%s", (_name, phase, run) => {
    expect(thrownBy(() => run(open))).toMatchObject({ phase, op: "safe", made: "infinity" });
  });

  test.each(ways.slice(0, 3))("%s: what the rule masks itself is no anomaly", (_name, _phase, run) => {
    expect(thrownBy(() => run(masked))).toBeNull();
  });

  test("in the function itself, every operator counts", () => {
    const byHand = (t: Tensor): Tensor => where(t.equal(0), 0, t.square().reciprocal());
    expect(thrownBy(() => byHand(x))).toMatchObject({ phase: "forward", op: "reciprocal" });
  });
}); // prettier-ignore

test("JSON keeps what is not finite, as text", () => {
  const [a, b] = [variable([1, -1]), variable([2, 3])];
  const report = explain(() => a.log().mul(b).sum(), { labels: { a, b } });
  const plain = JSON.parse(JSON.stringify(report)) as typeof report;
  expect(plain.layers.map(({ gradientNorm, rms }) => [gradientNorm, rms])).toEqual([
    [report.layers[0]!.gradientNorm, report.layers[0]!.rms],
    ["NaN", "NaN"],
  ]);
  const divided = JSON.parse(JSON.stringify(explain(() => b.div(a.sub(a)).sum()))) as typeof report;
  expect(divided.anomalies[0]).toMatchObject({ op: "div", elements: [2, 0] });
  const spread = explain(() => a.exp().mul(1e308).square().mul(0).sum());
  expect(JSON.stringify(spread)).toContain('"Infinity"');
  expect(plain.first).toEqual(report.first);
});
