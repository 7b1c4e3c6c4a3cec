/**
 * A quasi-Newton method with limited memory.
 * @module
 */
import {
  ArgumentError,
  concat,
  describe,
  mapTree,
  NumericError,
  scalar,
  Tensor,
  zeros,
  zerosLike,
} from "@cotangent/core";
import { strongWolfe, type Trial } from "./lineSearch.js";
import {
  beginState,
  beginUpdate,
  latestRate,
  type Evaluation,
  type LearningRate,
  type Optimizer,
} from "./optimizer.js";
import { count, fromZero, learningRate, oneOf, optional, readOptions } from "./options.js";
import { mapLeaves, named } from "./trees.js";

/** Options of `lbfgs`. */
export interface LbfgsOptions {
  /** The length of a step, or that of its first trial: a number, or a function of the updates done. Default: 1. */
  readonly learningRate?: LearningRate | undefined;
  /** Steps in one update. Default: 20. */
  readonly maxIterations?: number | undefined;
  /** Evaluations of the objective in one update. Default: 5/4 of `maxIterations`. */
  readonly maxEvaluations?: number | undefined;
  /** How many steps are remembered. Default: 100. */
  readonly historySize?: number | undefined;
  /** An update ends where no element of the gradient is larger. Default: 1e-7. */
  readonly toleranceGradient?: number | undefined;
  /** An update ends where neither the objective nor a parameter changes by more. Default: 1e-9. */
  readonly toleranceChange?: number | undefined;
  /** How lengths are found; `null` takes the learning rate as it is. Default: `null`. */
  readonly lineSearch?: "strongWolfe" | null | undefined;
}

/** State of `lbfgs`: vectors have one element per parameter, in the order of the tree. */
export interface LbfgsState {
  /** Updates done, int32, shape `[]`. */
  readonly step: Tensor;
  /** The learning rate of the latest update, that of the first before it; float64, shape `[]`. */
  readonly learningRate: Tensor;
  /** Steps done in all updates, int32, shape `[]`. */
  readonly iterations: Tensor;
  /** Gradient before the latest step, shape `[parameters]`. */
  readonly gradient: Tensor;
  /** The latest step, shape `[parameters]`. */
  readonly move: Tensor;
  /** Start of the inverse Hessian, a multiple of the identity, shape `[]`. */
  readonly scale: Tensor;
  /** Remembered steps, oldest first. */
  readonly moves: readonly Tensor[];
  /** How gradients changed in them. */
  readonly changes: readonly Tensor[];
}

type Memory = Omit<LbfgsState, "step" | "learningRate" | "iterations">;

const held = ["iterations", "gradient", "move", "scale", "moves", "changes"] as const;

/** All leaves in one vector. */
function flatten(operator: string, params: unknown, gradients: unknown): Tensor {
  const parts: Tensor[] = [];
  mapLeaves(operator, params, { gradients }, [], (_p, [g]) => (parts.push(g!.reshape([-1])), {}));
  return parts.length === 0 ? zeros([0]) : concat(parts);
}

/** The tree moved by a vector. */
function moved<P>(params: P, move: Tensor): P {
  let start = 0;
  const next = (p: Tensor): Tensor => {
    const part = move.slice([[start, (start += p.size)]]);
    return p.add(part.reshape(p.shape).astype(p.dtype));
  };
  return mapTree(next, params) as P;
}

const largest = (x: Tensor): number => x.abs().max().item();

/** @throws `NumericError` if there is no going on from it */
function checkValue(value: number): void {
  if (!Number.isFinite(value))
    throw new NumericError(
      `lbfgs.update: expected a finite value of the objective, got ${value}; lower the learning rate, or ask for lineSearch: "strongWolfe"`,
    );
}

/** What the latest step taught. Steps along which the slope hardly grew are left out, so that directions descend. */
function remember(memory: Memory, gradient: Tensor, historySize: number): Memory {
  const change = gradient.sub(memory.gradient);
  const product = change.dot(memory.move);
  if (!(product.item() > 1e-10)) return memory;
  const scale = product.div(change.dot(change));
  const last = <T>(items: readonly T[], item: T): readonly T[] => [...items, item].slice(-historySize);
  return { ...memory, scale, moves: last(memory.moves, memory.move), changes: last(memory.changes, change) };
}

/** The product of the inverse Hessian's estimate and the gradient, negated. */
function directionOf({ moves, changes, scale }: Memory, gradient: Tensor): Tensor {
  const lengths = moves.map((move, i) => move.dot(changes[i]!));
  const shares: Tensor[] = [];
  let direction = gradient.neg();
  for (let i = moves.length - 1; i >= 0; i--) {
    shares[i] = moves[i]!.dot(direction).div(lengths[i]!);
    direction = direction.sub(changes[i]!.mul(shares[i]!));
  }
  direction = direction.mul(scale);
  for (let i = 0; i < moves.length; i++)
    direction = direction.add(moves[i]!.mul(shares[i]!.sub(changes[i]!.dot(direction).div(lengths[i]!))));
  return direction;
}

/**
 * L-BFGS: steps $\theta \leftarrow \theta - t H \nabla J(\theta)$, where $H$ estimates the inverse Hessian from the latest
 * steps and the changes of the gradient in them. One update makes up to `maxIterations` steps on one objective, which it
 * evaluates at several points: `update(gradients, state, params, { objective })` with
 * `objective(params) → { value, gradients }`. For full batches: the objective must not change within an update.
 *
 * Derivatives through an update take the lengths $t$ as constants.
 *
 * @throws `ArgumentError` if an option is out of its range or unknown; from `update`, if there is no objective;
 * `ShapeError` if a gradient has another shape than its parameter; `NumericError` if the objective is not finite
 * @example
 * ```ts
 * import { tensor, valueAndGrad, type Tensor } from "@cotangent/core";
 * import { lbfgs } from "@cotangent/optim";
 * const cost = valueAndGrad((p: { x: Tensor }) => p.x.sub(tensor([1, 2])).mul(tensor([1, 10])).square().sum());
 * const objective = (p: { x: Tensor }) => {
 *   const [value, gradients] = cost(p);
 *   return { value, gradients };
 * };
 * const optimizer = lbfgs({ lineSearch: "strongWolfe" });
 * const start = { x: tensor([0, 0]) };
 * const { params } = optimizer.update(objective(start).gradients, optimizer.init(start), start, { objective });
 * params.x.toArray(); // → [1.000000,2.000000]
 * ```
 * @see Nocedal and Wright: Numerical optimization (2006), algorithm 7.4
 */
export function lbfgs(options?: LbfgsOptions): Optimizer<LbfgsState> {
  const read = readOptions("lbfgs", options, {
    learningRate: optional(learningRate, 1),
    maxIterations: optional(count, 20),
    maxEvaluations: optional(count, Math.max(1, Math.floor(((options?.maxIterations ?? 20) * 5) / 4))),
    historySize: optional(count, 100),
    toleranceGradient: optional(fromZero, 1e-7),
    toleranceChange: optional(fromZero, 1e-9),
    lineSearch: optional(oneOf("strongWolfe", null), null),
  });
  const { maxIterations, toleranceGradient, toleranceChange } = read;
  return {
    init: (params) => {
      const none = zerosLike(named("lbfgs.init", () => flatten("lbfgs.init", params, params)));
      const counts = { ...beginState("lbfgs", read.learningRate), iterations: scalar(0, { dtype: "int32" }) };
      return { ...counts, gradient: none, move: none, scale: scalar(1, { dtype: none.dtype }), moves: [], changes: [] };
    },
    update: (gradients, state, params, given) => {
      const { progress, rate } = beginUpdate("lbfgs", read.learningRate, state, given, held);
      const objective = given?.objective;
      if (typeof objective !== "function")
        throw new ArgumentError(
          `lbfgs.update: expected the option objective, (params) => ({ value, gradients }), got ${describe(objective)}`,
        );
      const look = (at: typeof params): { value: number; gradient: Tensor } => {
        const found = objective(at) as Partial<Evaluation<typeof params>> | undefined;
        const value = found?.value;
        if (!(typeof value === "number" || value instanceof Tensor))
          throw new ArgumentError(
            `lbfgs.update: expected the objective to return { value, gradients }, got ${describe(found)}`,
          );
        const gradient = flatten("lbfgs.update", at, found?.gradients);
        return { value: typeof value === "number" ? value : value.item(), gradient };
      };
      flatten("lbfgs.update", params, gradients);
      const first = typeof rate === "number" ? rate : rate.item();
      let memory: Memory = state;
      let iterations = state.iterations.item();
      let place = params;
      let here = look(params);
      let evaluations = 1;
      checkValue(here.value);
      const flat = (): boolean => here.gradient.size === 0 || largest(here.gradient) <= toleranceGradient;
      for (let done = 1; done <= maxIterations && !(done === 1 && flat()); done++) {
        const { gradient, value } = here;
        if (iterations > 0) memory = remember(memory, gradient, read.historySize);
        const direction = directionOf(memory, gradient);
        let length = first * (iterations === 0 ? Math.min(1, 1 / gradient.abs().sum().item()) : 1);
        iterations++;
        const slope = gradient.dot(direction).item();
        memory = { ...memory, gradient, move: direction.mul(length) };
        if (slope > -toleranceChange) break;
        if (read.lineSearch === null) {
          place = moved(place, memory.move);
          if (done < maxIterations) {
            here = look(place);
            checkValue(here.value);
            evaluations++;
          }
        } else {
          const from = place;
          const trialAt = (at: number): Trial => {
            const found = look(moved(from, direction.mul(at)));
            return { ...found, length: at, slope: found.gradient.dot(direction).item() };
          };
          const searched = strongWolfe(trialAt, { gradient, value, slope, length: 0 }, length, largest(direction));
          here = searched.found;
          evaluations += searched.evaluations;
          length = searched.found.length;
          memory = { ...memory, move: direction.mul(length) };
          place = moved(place, memory.move);
        }
        const still = largest(memory.move) <= toleranceChange || Math.abs(here.value - value) < toleranceChange;
        if (evaluations >= read.maxEvaluations || flat() || still) break;
      }
      const counts = { ...progress, iterations: scalar(iterations, { dtype: "int32" }) };
      return { params: place, state: { ...memory, ...counts } };
    },
    rateAt: latestRate,
  };
}
