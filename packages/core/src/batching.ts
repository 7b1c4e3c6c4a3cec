/**
 * How operators run over an axis of examples that the code which calls them does not see: one rule per kernel form.
 * @module
 */
import {
  context,
  withContext,
  type Absence,
  type Context,
  type Evaluate,
  type Observer,
  type Recorder,
} from "./context.js";
import { GraphError } from "./errors.js";
import type { Kernel } from "./kernel.js";
import { leafPrimitive } from "./leaf.js";
import { reshape, stretch } from "./ops/linear.js";
import { apply, evaluateNow, Node, type Primitive } from "./primitive.js";
import { contiguousLayout, showShape, sizeOf, stridedLayout, type Layout, type Shape } from "./shape.js";
import { Tensor } from "./tensor.js";
import { checkValues } from "./values.js";

/** One example that stands for all of them: shape and dtype without the axis of examples, and no value. */
class Example extends Tensor {
  readonly level: BatchLevel;
  /** All examples, along axis 0. */
  readonly examples: Tensor;

  constructor(level: BatchLevel, examples: Tensor) {
    super(contiguousLayout(examples.layout.shape.slice(1)), examples.dtype, 0, 0);
    this.level = level;
    this.examples = examples;
    // Derivatives inside may have to flow on to what is tracked outside.
    if (examples.node !== null) this.node = new Node(leafPrimitive as never, [], undefined);
    Object.defineProperty(this, "data", { get: () => level.refuseToRead() });
  }

  override toString(): string {
    return `one of ${this.level.size} tensors of shape ${showShape(this.layout.shape)} and dtype ${this.dtype}`;
  }
}

// Callers know it as a tensor, and so do errors.
Object.defineProperty(Example, "name", { value: "Tensor" });

/**
 * One run of a function over examples. Levels nest: what is batched at this level runs in the context outside of it,
 * where other levels, forward mode and the recording of the graph see whole batches.
 */
export class BatchLevel implements Absence {
  readonly size: number;
  readonly #operator: string;
  readonly #subject: string;
  readonly #outer: Pick<Context, "evaluate" | "observer" | "absence"> = {
    evaluate: context.evaluate,
    observer: context.observer,
    absence: context.absence,
  };
  #running = false;

  /** An error names the operator that wants examples, and the subject that runs over them. */
  constructor(operator: string, size: number, subject = "a function") {
    this.#operator = operator;
    this.#subject = subject;
    this.size = size;
  }

  /** All examples, along axis 0, as one. */
  enter(all: Tensor): Tensor {
    return new Example(this, all);
  }

  /** All examples along axis 0 of what `run` gave; what does not depend on the example is repeated. */
  leave(x: Tensor): Tensor {
    if (this.#owns(x)) return x.examples;
    return stretch(x, [this.size, ...x.layout.shape]);
  }

  run<R>(body: () => R): R {
    this.#running = true;
    try {
      return withContext({ evaluate: this.#evaluate, observer: this.#observer, absence: this }, body);
    } finally {
      this.#running = false;
    }
  }

  isOpen(x: Tensor): boolean {
    return this.#owns(x) || this.#outer.absence?.isOpen(x) === true;
  }

  check(x: Tensor, look: (x: Tensor) => void): void {
    withContext(this.#outer, () => {
      if (!this.#owns(x)) return checkValues(x, look);
      const { examples } = x;
      checkValues(examples, ({ layout: { shape, strides }, dtype, data, offset }) => {
        const layout = stridedLayout(shape.slice(1), strides.slice(1));
        for (let i = 0; i < shape[0]!; i++) look(new Tensor(layout, dtype, data, offset + i * strides[0]!));
      });
    });
  }

  get recorder(): Recorder | null {
    return this.#outer.absence?.recorder ?? null;
  }

  /** The value of one example was asked for. */
  refuseToRead(): never {
    throw new GraphError(
      this.#running
        ? `${this.#operator}: expected operators that can be batched, got ${this.#subject} that reads values (item, toArray, a condition, a raw kernel); write it in operators such as where(…)`
        : `${this.#operator}: expected examples to be used inside of the function only, got one elsewhere; return what is needed`,
    );
  }

  readonly #evaluate: Evaluate = (primitive, inputs, params) => {
    if (!inputs.some((x) => this.#owns(x))) {
      const { evaluate } = this.#outer;
      return evaluate === null ? evaluateNow(primitive, inputs, params) : evaluate(primitive, inputs, params);
    }
    return this.enter(withContext(this.#outer, () => this.#batch(primitive, inputs, params)));
  };

  /** Who looks on from outside sees whole batches already, and must not look for values in an example. */
  get #observer(): Observer | null {
    const { observer } = this.#outer;
    return (
      observer && {
        observe: (primitive, inputs, params, output) => {
          if (!this.#owns(output)) observer.observe(primitive, inputs, params, output);
        },
      }
    );
  }

  #owns(x: Tensor): x is Example {
    return x instanceof Example && x.level === this;
  }

  #batch<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
    const [x, y] = inputs as readonly [Tensor, Tensor];
    const { kind } = primitive.kernel;
    if (kind === "contract" && x.rank === 2 && !this.#owns(y)) {
      // One tall product is faster than many small ones, and the bits are the same.
      const [m, k] = x.layout.shape as [number, number];
      const tall = apply(primitive, [reshape(this.leave(x), [this.size * m, k]), y], params);
      return reshape(tall, [this.size, m, y.layout.shape[1]!]);
    }
    const all = inputs.map((input) => this.leave(input));
    return apply(kind === "map" || kind === "contract" ? primitive : batched(primitive), all, params);
  }
}

const known = new WeakMap<Primitive<never>, Primitive<never>>();

/** The primitive over one more axis, the first, of every input and of the output. */
function batched<P>(primitive: Primitive<P>): Primitive<P> {
  const found = known.get(primitive as Primitive<never>);
  if (found !== undefined) return found as Primitive<P>;
  const made = derive(primitive);
  known.set(primitive as Primitive<never>, made as Primitive<never>);
  return made;
}

const exampleShapes = (shapes: readonly Shape[]): readonly Shape[] => shapes.map((shape) => shape.slice(1));

/** Differentiates by the rules of the primitive, run over examples. */
function derive<P>(primitive: Primitive<P>): Primitive<P> {
  const { name, vjp, jvp } = primitive;
  const described = {
    name,
    kernel: deriveKernel(primitive),
    shape: (shapes: readonly Shape[], params: P): Shape => [shapes[0]![0]!, ...shapeOf(primitive, shapes, params)],
    dtype: primitive.dtype,
  };
  if (vjp === null) return { ...described, vjp, jvp: null };
  return {
    ...described,
    vjp: (index, ct, inputs, output, params) => {
      const level = new BatchLevel("vmap", ct.layout.shape[0]!, `a rule of ${name}`);
      const list = inputs.map((x) => level.enter(x));
      const [one, result] = [level.enter(ct), level.enter(output)];
      const contribution = level.run(() => vjp(index, one, list, result, params));
      return contribution && level.leave(contribution);
    },
    jvp:
      typeof jvp !== "function"
        ? (jvp as "linear")
        : (tangents, inputs, output, params) => {
            const level = new BatchLevel("vmap", output.layout.shape[0]!, `a rule of ${name}`);
            const list = inputs.map((x) => level.enter(x));
            const ones = tangents.map((t) => t && level.enter(t));
            const result = level.enter(output);
            const tangent = level.run(() => jvp(ones, list, result, params));
            return tangent && level.leave(tangent);
          },
  };
}

function shapeOf<P>({ shape }: Primitive<P>, shapes: readonly Shape[], params: P): Shape {
  const examples = exampleShapes(shapes);
  return shape === null ? examples[0]! : shape(examples, params);
}

function deriveKernel<P>(primitive: Primitive<P>): Kernel<P> {
  const { kernel } = primitive;
  switch (kernel.kind) {
    case "map":
    case "contract":
      return kernel;
    case "reduce":
      return { ...kernel, axes: (params) => kernel.axes(params).map((axis) => axis + 1) };
    case "gather":
    case "scatter":
    case "scan":
      return { ...kernel, axis: (params) => kernel.axis(params) + 1 };
    case "view":
      return {
        kind: "view",
        view: (layout, params) => {
          const seen = kernel.view(exampleLayout(layout), params);
          if (seen === null) return null;
          const { shape, strides } = seen.layout;
          const all = stridedLayout([layout.shape[0]!, ...shape], [layout.strides[0]!, ...strides]);
          return { layout: all, shift: seen.shift };
        },
      };
    case "assemble":
      return {
        kind: "assemble",
        fill: kernel.fill,
        regions: (shapes, params) =>
          kernel
            .regions(exampleShapes(shapes), params)
            .map(({ start, step }) => ({ start: [0, ...start], step: [1, ...step] })),
      };
    case "routine":
      return {
        kind: "routine",
        run: (inputs, shapes, params, output) => {
          const examples = exampleShapes(shapes);
          const sizes = examples.map(sizeOf);
          const size = sizeOf(shapeOf(primitive, shapes, params));
          const count = shapes[0]![0]!;
          for (let i = 0; i < count; i++)
            kernel.run(
              inputs.map((data, j) => data.subarray(i * sizes[j]!, (i + 1) * sizes[j]!)),
              examples,
              params,
              output.subarray(i * size, (i + 1) * size),
            );
        },
      };
    case "call":
      return {
        kind: "call",
        run: (inputs, params) => {
          const level = new BatchLevel("vmap", inputs[0]!.layout.shape[0]!, `an operator ${primitive.name}`);
          const list = inputs.map((x) => level.enter(x));
          return level.leave(level.run(() => kernel.run(list, params)));
        },
      };
  }
}

function exampleLayout({ shape, strides }: Layout): Layout {
  return stridedLayout(shape.slice(1), strides.slice(1));
}
