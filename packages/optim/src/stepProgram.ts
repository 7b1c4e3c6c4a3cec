/**
 * Training steps as compiled programs.
 * @module
 */
import {
  ArgumentError,
  compile,
  GraphError,
  leavesOf,
  noGrad,
  random,
  scalar,
  ThreadError,
  type Program,
  type Random,
  type RandomState,
  type Tensor,
} from "@cotangent/core";
import type { Context } from "./context.js";
import type { Optimizer } from "./optimizer.js";

/** What a step computes with. */
interface Parts {
  readonly gradient: (params: unknown, batch: unknown, context: Context<unknown>) => [unknown, unknown];
  readonly optimizer: Optimizer<unknown>;
}

/** The changing parts of a training state. */
interface Changing {
  readonly params: unknown;
  readonly optimizer: unknown;
  readonly modelState: unknown;
}

interface Begun extends Changing {
  readonly random: RandomState;
}

interface Stepped extends Changing {
  readonly cost: Tensor;
  /** A sum over all that must be finite. */
  readonly total: Tensor;
}

/** Steps before a program is made, which takes as long as many small ones. */
const warmUp = 20;
/** States and batches of more kinds than this are not worth a program each. */
const mostKinds = 6;

/** Of nothing, 0. */
const sumOf = (tree: unknown): Tensor => {
  const [first = scalar(0), ...others] = leavesOf(tree).map(({ leaf }) => (leaf as Tensor).sum());
  return others.reduce((a, b) => a.add(b), first);
};

/**
 * The steps of one cost and optimiser. The bits are those of the steps as they are, so nobody notices but by the time.
 */
export class StepProgram {
  readonly #program: Program<[Changing, unknown, Random], Stepped>;
  /** Whether a recorded step has asked for random numbers. */
  readonly #moves: () => boolean;
  #steps = 0;
  /** Steps after which the program was verified last, and is next: as many as it has run, so that many cost few looks. */
  #verified = warmUp + 1;
  #verifyAt = warmUp + 2;
  /** Steps since the last look, if the present one has found a change. */
  #doubtful = 0;
  #off = false;
  #failure: unknown = null;

  constructor({ gradient, optimizer }: Parts) {
    let draws = false;
    this.#moves = () => draws;
    this.#program = compile(function step(state: Changing, batch: unknown, stream: Random): Stepped {
      let { modelState } = state;
      const context: Context<unknown> = {
        training: true,
        get random() {
          draws = true;
          return stream;
        },
        state: modelState,
        setState: (next) => {
          if (state.modelState === undefined) throw new ArgumentError("train: expected no setState");
          modelState = next;
        },
      };
      const [cost, gradients] = gradient(state.params, batch, context);
      const objective = (): never => {
        throw new GraphError(
          "compile: expected a step of operators only, got one that looks at several points, as lbfgs does",
        );
      };
      const { params, state: next } = optimizer.update(gradients, state.optimizer, state.params, { objective });
      return {
        params,
        optimizer: next,
        modelState,
        cost: cost as Tensor,
        total: sumOf(gradients).add(sumOf(params)),
      };
    });
  }

  /**
   * The step; `null` where it has to run as it is: at first, where it cannot be recorded, and where numbers are not finite.
   *
   * @throws `ThreadError` if a thread failed, which says nothing about the program
   */
  run(state: Begun, batch: unknown): (Begun & { readonly cost: number }) | null {
    this.#failure = null;
    if (this.#off || ++this.#steps <= warmUp) return null;
    try {
      this.#verify();
      const stream = random.fromState(state.random);
      const { params, optimizer, modelState, cost, total } = noGrad(() =>
        this.#program(
          { params: state.params, optimizer: state.optimizer, modelState: state.modelState },
          batch,
          stream,
        ),
      );
      const { recorded, change } = this.#program;
      if (recorded > mostKinds)
        this.#giveUp(
          `there were ${recorded} kinds of states and batches, the last with ${change?.replace(/ at "\[([01])\]/, (_, i) => ` at "${i === "0" ? "state" : "batch"}`)}`,
        );
      const now = cost.item();
      if (!Number.isFinite(now) || !Number.isFinite(total.item())) return null;
      return { params, optimizer, modelState, random: this.#moves() ? stream.state() : state.random, cost: now };
    } catch (error) {
      if (error instanceof ThreadError) throw error;
      this.#failure = error;
      return null;
    }
  }

  /** @throws `GraphError` if the step computes something else now than what was recorded */
  #verify(): void {
    if (this.#steps < this.#verifyAt) return;
    this.#doubtful = this.#steps - this.#verified - 1;
    this.#program.verify();
    this.#doubtful = 0;
    this.#verified = this.#steps;
    this.#verifyAt = 2 * this.#steps - warmUp;
  }

  /** A step has run as it is, without an error: where the program had one, it is no use. */
  settle(): void {
    if (this.#failure === null) return;
    const { message } = this.#failure as Error;
    const doubt =
      this.#doubtful === 0
        ? ""
        : ` (${this.#doubtful === 1 ? "the step before" : `${this.#doubtful} steps before`} may have had the old one)`;
    this.#giveUp(message.replace(/^\w+: expected .*?, got /s, "").split(";")[0]! + doubt);
  }

  #giveUp(reason: string): void {
    this.#off = true;
    (globalThis as { console?: { warn(text: string): void } }).console?.warn(
      `Cotangent: training steps run operator by operator, as they cannot be compiled: ${reason}; compile: false leaves this notice out.`,
    );
  }
}
