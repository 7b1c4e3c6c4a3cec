/** What holds for every optimiser: nothing is mutated, bits repeat, dtypes stay, derivatives flow, misuse is named. */
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  DTypeError,
  grad,
  leavesOf,
  mapTree,
  random,
  ShapeError,
  tensor,
  variable,
  type Tensor,
} from "@cotangent/core";
import { train, trainState, type Optimizer } from "@cotangent/optim";
import { elements, make, networkProblem, quadraticProblem, rows } from "./problems.js";

type Layers = ReturnType<typeof networkProblem.start>;
type AnyOptimizer = Optimizer<{ readonly step: Tensor }>;

const gradientOf = grad<[Layers]>(networkProblem.cost);

/** Parameters and state after some steps on the network. */
function run(optimizer: AnyOptimizer, start: Layers, steps: number): { params: Layers; state: { step: Tensor } } {
  let now = { params: start, state: optimizer.init(start) };
  for (let i = 0; i < steps; i++) now = optimizer.update(gradientOf(now.params), now.state, now.params);
  return now;
}

function freezeDeep<T>(value: T): T {
  if (typeof value === "object" && value !== null && [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value) as object))
    Object.values(Object.freeze(value)).forEach(freezeDeep);
  return value;
} // prettier-ignore

describe.each(rows)("%s", (_title, name, given) => {
  const optimizer = make(name, given);

  test("changes nothing of what goes in, and repeats its bits", () => {
    const { params, state } = freezeDeep(run(optimizer, networkProblem.start(), 3));
    const gradients = freezeDeep(gradientOf(params));
    const before = [params, state, gradients].map(elements);
    const [first, again] = [0, 1].map(() => optimizer.update(gradients, state, params));
    expect([params, state, gradients].map(elements)).toEqual(before);
    expect(elements(first)).toEqual(elements(again));
    expect(elements(first!.params)).not.toEqual(before[0]);
  });

  test("keeps a tree: every leaf of the state is a tensor, and an update gives one of the same paths", () => {
    const start = networkProblem.start();
    const shapes = (tree: unknown): string[] =>
      leavesOf(tree).map(({ path, leaf }) => `${path} ${(leaf as Tensor).dtype} [${(leaf as Tensor).shape.join()}]`);
    const { state, params } = run(optimizer, start, 2);
    expect(shapes(state)).toEqual(shapes(optimizer.init(start)));
    expect(shapes(state)[0]).toBe("step int32 []");
    expect(shapes(params)).toEqual(shapes(start));
  });

  test("float32 stays float32, and is float64 rounded", () => {
    const [single, double] = [networkProblem.start("float32"), networkProblem.start()].map((start) => run(optimizer, start, 10)); // prettier-ignore
    for (const { path, leaf } of leavesOf([single!.params, { ...single!.state, step: [], learningRate: [], product: [] }]))
      expect(`${path} ${(leaf as Tensor).dtype}`).toBe(`${path} float32`); // prettier-ignore
    const expected = elements(double!.params);
    elements(single!.params).forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThan(2e-4));
  });

  test("treats each element by itself: apart or together", () => {
    const start = networkProblem.start();
    const gradients = gradientOf(start);
    const whole = optimizer.update(gradients, optimizer.init(start), start).params;
    const [p, g] = [elements(start), elements(gradients)].map((all) => all.map((x) => tensor(x)));
    expect(elements(optimizer.update(g, optimizer.init(p), p!).params)).toEqual(elements(whole));
  });

  test("records derivatives exactly when what goes in is tracked", () => {
    const tracked = (tree: unknown): boolean[] =>
      leavesOf(tree).map(({ leaf }) => leaf !== 0 && (leaf as Tensor).requiresGrad);
    const [p, g] = [{ w: tensor([1, 2]) }, { w: tensor([0.5, -1]) }];
    const lift = (tree: { w: Tensor }): { w: Tensor } => mapTree(variable, tree);
    expect(tracked(optimizer.update(g, optimizer.init(p), p))).not.toContain(true);
    expect(tracked(optimizer.update(g, optimizer.init(p), lift(p)).params)).toEqual([true]);
    expect(tracked(optimizer.update(lift(g), optimizer.init(p), p).params)).toEqual([true]);
    const rate = variable(0.1);
    expect(tracked(optimizer.update(g, optimizer.init(p), p, { learningRate: rate }).params)).toEqual([true]);
  });

  test("the derivative through three steps is that of differences", () => {
    const inner = grad<[{ x: Tensor }]>(quadraticProblem.cost);
    const after = (x: Tensor, learningRate: Tensor | number): Tensor => {
      let [params, state] = [{ x }, optimizer.init({ x })];
      for (let i = 0; i < 3; i++)
        ({ params, state } = optimizer.update(inner(params), state, params, { learningRate }));
      return params.x.square().sum();
    };
    const x = quadraticProblem.start().x;
    const byStart = grad<[Tensor]>((y) => after(y, 0.03))(x).toTypedArray();
    const h = 1e-5;
    byStart.forEach((d, i) => {
      const to = (by: number): number => after(x.add(tensor([0, 1, 2].map((j) => (i === j ? by : 0)))), 0.03).item();
      expect(Math.abs(d - (to(h) - to(-h)) / (2 * h))).toBeLessThan(1e-6 * (1 + Math.abs(d)));
    });
    const byRate = grad<[Tensor]>((rate) => after(x, rate))(tensor(0.03)).item();
    const difference = (after(x, 0.03 + h).item() - after(x, 0.03 - h).item()) / (2 * h);
    expect(Math.abs(byRate - difference)).toBeLessThan(1e-6 * (1 + Math.abs(byRate)));
  });

  // The slope of a root at 0 is infinite, and infinity times 0 is no number.
  test("gradients of 0 move nothing but by decay, and their derivative through a step is finite", () => {
    const stepFrom = (g: Tensor): Tensor => {
      const p = { w: tensor([1, 2]) };
      return optimizer.update({ w: g }, optimizer.init(p), p).params.w;
    };
    const still = given["weightDecay"] === undefined && name !== "adamw";
    if (still) expect([...stepFrom(tensor([0, 0])).toTypedArray()]).toEqual([1, 2]);
    const through = grad<[Tensor]>((g) => stepFrom(g).sum())(tensor([0, 0])).toTypedArray();
    expect([...through].every(Number.isFinite)).toBe(true);
  });

  test("names what does not fit", () => {
    const p = { a: { w: tensor([1, 2]) }, b: [tensor(1)] };
    const state = optimizer.init(p);
    const update = (gradients: unknown, from: unknown = state) => () =>
      optimizer.update(gradients as typeof p, from as typeof state, p);
    const says = (text: string): RegExp => new RegExp(`^Error: ${name}\\.update: ${text}`);
    const thrown = (f: () => unknown): [unknown, string] => {
      try {
        return [f(), "nothing"];
      } catch (error) {
        return [error, `Error: ${(error as Error).message}`];
      }
    };
    const cases: [unknown, string, new (message: string) => Error][] = [
      [{ a: { w: tensor([1, 2]) }, b: [] }, "expected gradients of the parameters' structure, got none at \"b\\[0\\]\"", ArgumentError],
      [{ ...p, c: tensor(1) }, 'expected gradients .* got one at "c", where the parameters have none', ArgumentError],
      [{ ...p, a: { w: tensor([[1, 2]]) } }, 'expected gradients .* got \\[1, 2\\] for a parameter of shape \\[2\\] at "a.w"', ShapeError],
      [{ ...p, b: [tensor(1, { dtype: "float32" })] }, 'expected gradients .* got float32 for a parameter of float64 at "b\\[0\\]"', DTypeError],
      [{ ...p, b: ["1"] }, 'expected a tensor.* at "b\\[0\\]", got the string "1"', ArgumentError],
      [undefined, "expected a tensor.* got undefined", ArgumentError],
    ]; // prettier-ignore
    for (const [gradients, text, kind] of cases) {
      const [error, message] = thrown(update(gradients));
      expect(message).toMatch(says(text));
      expect(error).toBeInstanceOf(kind);
    }
    expect(thrown(update(p, {}))[1]).toMatch(says("expected a state that init or update gave, got undefined"));
    expect(thrown(update(p, optimizer.init({ v: tensor(1) })))[1]).toMatch(
      name === "sgd" && given["momentum"] === undefined ? /nothing/ : says("expected \\w+ of the parameters' structure"),
    );
    const integers = { w: tensor([1, 2], { dtype: "int32" }) };
    expect(() => optimizer.update(integers, optimizer.init(integers), integers)).toThrow(DTypeError);
    const wide = { learningRate: tensor([1, 2]) };
    expect(() => optimizer.update(p, state, p, wide)).toThrow(/expected a learningRate of shape \[\], got one of shape \[2\]/);
  }); // prettier-ignore

  test("trains: the same seed gives the same bits", () => {
    const options = {
      cost: (params: Layers, shift: Tensor) => networkProblem.cost(params).add(shift.mul(params[1]!.bias).sum()),
      optimizer,
    };
    const run = (seed: number): number[] => {
      const source = random(seed);
      let state = trainState({ params: networkProblem.start(), optimizer });
      for (let i = 0; i < 5; i++) state = train(state, source.normal([1], { std: 0.1 }), options);
      return elements(state.params);
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });
});

test.each(rows)("%s: a missing rate, an unknown option and numbers out of range are refused", (_title, name, given) => {
  const refused = (change: object, says: string): void => {
    const run = (): unknown => make(name, { ...given, ...change } as never);
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(new RegExp(`^${name}: ${says}`));
  };
  refused({ learningrate: 1 }, 'unknown option "learningrate"');
  if (name !== "adadelta") refused({ learningRate: undefined }, "expected the option learningRate, which is missing");
  refused({ learningRate: -1 }, "expected a learningRate that is a finite number from 0, or a function of the step, got -1");
  refused({ weightDecay: NaN }, "expected a weightDecay that is a finite number from 0, got NaN");
  if (name.includes("ada") && name !== "adagrad" && name !== "adadelta") {
    refused({ beta1: 1 }, "expected a beta1 that is a number from 0 and below 1, got 1");
    refused({ beta2: -0.1 }, "expected a beta2 that is a number from 0 and below 1, got -0.1");
  }
  if (name !== "sgd") refused({ epsilon: "1e-8" }, 'expected an epsilon that is .*, got the string "1e-8"');
  if (name === "radam" || name === "adamax") refused({ amsgrad: true }, "expected an amsgrad that is false here .*, got true");
  if (name === "sgd") refused({ nesterov: true, momentum: 0.5, dampening: 0.1 }, "expected a momentum above 0 and no dampening");
  if (name === "sgd") refused({ nesterov: true, momentum: 0, dampening: 0 }, "expected a momentum above 0 and no dampening");
}); // prettier-ignore

test("amsgrad: false is allowed wherever the option is", () => {
  for (const name of ["adam", "adamw", "radam", "adamax"] as const)
    expect(() => make(name, { learningRate: 1, amsgrad: false })).not.toThrow();
});

// Its mean square and squared mean differ by rounding only, which may come out below 0.
test("centered RMSprop bears constant gradients", () => {
  const optimizer = make("rmsprop", { learningRate: 0.01, centered: true, rho: 0.5 });
  let [params, state] = [{ w: tensor([1, 1, 1]) }, optimizer.init({ w: tensor([1, 1, 1]) })];
  for (let i = 0; i < 200; i++) ({ params, state } = optimizer.update({ w: tensor([0.1, 0.3, 1 / 3]) }, state, params));
  expect(elements([params, state]).some(Number.isNaN)).toBe(false);
});
