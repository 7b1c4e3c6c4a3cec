/**
 * Models made of models. Each of them has its own part of the parameters, of the state and of the random stream.
 * @module
 */
import { ArgumentError, checkRandom, concat, describe, ShapeError, type Random, type Tensor } from "@cotangent/core";
import { checkModel } from "./checks.js";
import type { Context, Layers, Model, NoState, ParamsOf, StatefulModel, StateOf } from "./model.js";

type Models = readonly Model<unknown, unknown>[];

/** The parameters of a list of models: the list of theirs. */
export type ListParams<M extends readonly unknown[]> = { readonly [I in keyof M]: ParamsOf<M[I]> };

/** The states of a list of models: the list of theirs, `undefined` if none keeps one. */
export type ListState<M extends readonly unknown[]> = [StateOf<M[number]>] extends [undefined]
  ? undefined
  : { readonly [I in keyof M]: [StateOf<M[I]>] extends [undefined] ? NoState : StateOf<M[I]> };

/** A model that keeps a state exactly when one of its models does. */
export type Composed<P, S> = [S] extends [undefined] ? Model<P> : StatefulModel<P, S>;

type Apply = (params: readonly unknown[], x: Tensor, contexts: (i: number) => Context<unknown> | undefined) => Tensor;

function checkList(operator: string, list: unknown, length: number, what: string): readonly unknown[] {
  if (Array.isArray(list) && list.length === length) return list;
  throw new ArgumentError(
    `${operator}: expected the list of ${length} ${what === "initState" ? "states" : "parameters"} that ${what} gives, got ${describe(list)}`,
  );
}

/**
 * The contexts of the models, and what tells the outer context afterwards. Their streams are forks of one that is split
 * off, since forks of the outer one would not depend on what was drawn: every step would drop the same units.
 */
function contextsFor(
  operator: string,
  models: Models,
  context: Context<unknown> | undefined,
): { of: (i: number) => Context<unknown> | undefined; done: () => void } {
  if (context === undefined) return { of: () => undefined, done: () => undefined };
  const stateful = models.some((model) => model.initState !== undefined);
  const states = stateful ? checkList(operator, context.state, models.length, "initState") : [];
  const stateOf = (i: number): unknown => (models[i]!.initState === undefined ? undefined : states[i]);
  if (!context.training) return { of: (i) => ({ training: false, state: stateOf(i) }), done: () => undefined };
  let own: Random | null = null;
  const streamOf = (i: number): Random => (own ??= checkRandom(operator, context.random).split()).fork(`layer ${i}`);
  const changes = new Map<number, unknown>();
  return {
    of: (i) => {
      let stream: Random | null = null;
      return {
        training: true,
        get random() {
          return (stream ??= streamOf(i));
        },
        state: stateOf(i),
        setState: (next) => {
          if (models[i]!.initState === undefined)
            throw new ArgumentError(`${operator}: expected initState of model ${i}, since it calls setState`);
          changes.set(i, next);
        },
      };
    },
    done: () => {
      if (changes.size > 0) context.setState(states.map((state, i) => (changes.has(i) ? changes.get(i) : state)));
    },
  };
}

function listed(operator: string, models: Models, chained: boolean, run: Apply): Model<unknown, unknown> {
  for (const model of models) checkModel(operator, model, "models, one an argument");
  const layers: Layers = { models, chained, part: (tree, i) => (tree as readonly unknown[])[i] };
  return {
    name: operator,
    layers,
    init: (random) => {
      checkRandom(operator, random);
      return models.map((model, i) => model.init(random.fork(`layer ${i}`)));
    },
    ...(models.some((model) => model.initState !== undefined)
      ? { initState: () => models.map((model) => model.initState?.() ?? {}) }
      : {}),
    apply: (params, x, context) => {
      const list = checkList(operator, params, models.length, "init");
      const contexts = contextsFor(operator, models, context);
      const y = run(list, x, contexts.of);
      contexts.done();
      return y;
    },
  };
}

/**
 * Models one after the other, $y = f_n(\dots f_1(x))$; the parameters are the list of theirs, and so is the state, with
 * an empty tree for models that keep none. In training each model draws from a stream of its own.
 *
 * @throws `ArgumentError` if an argument is no model, or parameters or states are not the list that belongs to it
 * @example
 * ```ts
 * import { ones, random, tanh } from "@cotangent/core";
 * import { dense, sequential } from "@cotangent/nn";
 * const model = sequential(dense({ inputs: 3, outputs: 4, activation: tanh }), dense({ inputs: 4, outputs: 1 }));
 * model.apply(model.init(random(1)), ones([5, 3])).shape; // → [5,1]
 * ```
 */
export function sequential<M extends Models>(...models: M): Composed<ListParams<M>, ListState<M>> {
  return listed("sequential", models, true, (params, x, contexts) =>
    models.reduce((a, model, i) => model.apply(params[i], a, contexts(i)), x),
  ) as Composed<ListParams<M>, ListState<M>>;
}

/**
 * Models side by side on the same inputs, their outputs joined along the last axis, $y = (f_1(x), \dots, f_n(x))$.
 * Parameters and states are lists, as those of `sequential`.
 *
 * @throws `ArgumentError` if an argument is no model or there are none
 * @throws `ShapeError` if the outputs differ in other axes than the last
 * @example
 * ```ts
 * import { ones, random, tanh } from "@cotangent/core";
 * import { activation, dense, parallel } from "@cotangent/nn";
 * const model = parallel(dense({ inputs: 3, outputs: 4 }), activation(tanh));
 * model.apply(model.init(random(1)), ones([5, 3])).shape; // → [5,7]
 * ```
 */
export function parallel<M extends Models>(...models: M): Composed<ListParams<M>, ListState<M>> {
  if (models.length === 0) throw new ArgumentError("parallel: expected models, one an argument, got none");
  return listed("parallel", models, false, (params, x, contexts) => {
    const outputs = models.map((model, i) => model.apply(params[i], x, contexts(i)));
    const leading = outputs.map(({ shape }) => shape.slice(0, -1).join(", "));
    if (
      outputs[0]!.rank === 0 ||
      leading.some((shape, i) => shape !== leading[0] || outputs[i]!.rank !== outputs[0]!.rank)
    )
      throw new ShapeError(
        `parallel: expected outputs that differ in their last axis only, got ${outputs.map(({ shape }) => `[${shape.join(", ")}]`).join(" and ")}`,
      );
    return concat(outputs, { axis: -1 });
  }) as Composed<ListParams<M>, ListState<M>>;
}

/**
 * A model around which the inputs pass, $y = x + f(x)$; parameters and state are those of f.
 *
 * @throws `ArgumentError` if it is no model
 * @throws `ShapeError` from `apply`, if the output has not the shape of the input
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { dense, residual, zerosInit } from "@cotangent/nn";
 * const block = residual(dense({ inputs: 2, outputs: 2, init: zerosInit }));
 * block.apply(block.init(random(1)), ones([1, 2])).toArray(); // → [[1,1]]
 * ```
 * @see He, Zhang, Ren, Sun: Deep residual learning for image recognition (2016), equation 1
 */
export function residual<M extends Model<unknown, unknown>>(model: M): Composed<ParamsOf<M>, StateOf<M>> {
  checkModel("residual", model, "a model");
  const around: Model<unknown, unknown> = {
    name: "residual",
    layers: { models: [model], chained: true, part: (tree) => tree },
    init: (random) => model.init(random),
    ...(model.initState === undefined ? {} : { initState: () => model.initState!() }),
    apply: (params, x, context) => {
      const y = model.apply(params, x, context);
      if (y.rank !== x.rank || y.shape.some((n, axis) => n !== x.shape[axis]))
        throw new ShapeError(
          `residual: expected outputs of the inputs' shape [${x.shape.join(", ")}], got [${y.shape.join(", ")}]`,
        );
      return x.add(y);
    },
  };
  return around as Composed<ParamsOf<M>, StateOf<M>>;
}
