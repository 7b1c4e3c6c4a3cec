/** Learning to learn: the start and the rate from which one step of descent solves a task, by second derivatives. */
import { grad, random, stopGradient, mapTree, tensor, valueAndGrad, type Random, type Tensor } from "@cotangent/core";
import { deepNetwork, meanSquaredError, type ParamsOf } from "@cotangent/nn";
import { adam, sgd } from "@cotangent/optim";
import type { Lesson } from "../lesson.js";

const model = deepNetwork({ sizes: [1, 24, 24, 1], activation: (x) => x.tanh() });
type Params = ParamsOf<typeof model>;

/** Points of one sine of its own height and phase: some to learn from, others to be judged by. */
interface Task {
  readonly learn: { readonly x: Tensor; readonly y: Tensor };
  readonly judge: { readonly x: Tensor; readonly y: Tensor };
}

function task(random: Random): Task {
  const [height, phase] = [random.uniform([], { low: 0.5, high: 2 }), random.uniform([], { low: 0, high: Math.PI })];
  const points = (n: number): { x: Tensor; y: Tensor } => {
    const x = random.uniform([n, 1], { low: -3, high: 3 });
    return { x, y: x.add(phase).sin().mul(height) };
  };
  return { learn: points(10), judge: points(20) };
}

/** What is learnt over many tasks: where to start, and the logarithm of the rate. */
interface Meta {
  readonly start: Params;
  readonly logRate: Tensor;
}

const loss = (params: Params, { x, y }: Task["learn"]): Tensor => meanSquaredError(model.apply(params, x), y);
const gradientOf = grad<[Params, Task["learn"]]>(loss) as unknown as (params: Params, points: Task["learn"]) => Params;
const inner = sgd({ learningRate: 0 });

/** One step of descent on a task. An update is made of operators: one can differentiate through it. */
function adapted({ start, logRate }: Meta, { learn }: Task, firstOrder = false): Params {
  const gradients = gradientOf(start, learn);
  const taken = firstOrder ? (mapTree(stopGradient, gradients) as Params) : gradients;
  return inner.update(taken, inner.init(start), start, { learningRate: logRate.exp() }).params;
}

/** The mean loss on what was not learnt from, after the step. */
const metaLoss = (meta: Meta, tasks: readonly Task[], firstOrder = false): Tensor =>
  tasks.map((each) => loss(adapted(meta, each, firstOrder), each.judge)).reduce((a, b) => a.add(b)).div(tasks.length); // prettier-ignore

interface Found {
  readonly before: number;
  readonly after: number;
  /** The same for a network that was trained on all tasks at once. */
  readonly jointBefore: number;
  readonly jointAfter: number;
  readonly rate: number;
  /** Between the gradient and that without second derivatives, by the norm of the first. */
  readonly secondOrderShare: number;
}

/** Steps of Adam on a function of parameters and of tasks that come anew every time. */
function minimise<P>(f: (params: P, tasks: readonly Task[]) => Tensor, start: P, steps: number, tasks: Random): P {
  const optimizer = adam({ learningRate: 0.01 });
  const gradient = valueAndGrad<[P, readonly Task[]]>(f);
  let [params, state] = [start, optimizer.init(start)];
  for (let i = 0; i < steps; i++) {
    const batch = Array.from({ length: 5 }, (_, k) => task(tasks.fork(`${i} ${k}`)));
    const [, gradients] = gradient(...([params, batch] as unknown as Parameters<typeof gradient>));
    ({ params, state } = optimizer.update(gradients as P, state, params));
  }
  return params;
}

export const metaLearning: Lesson<Found> = {
  title: "Meta-learning: differentiate through an update",
  run: ({ seed, small }) => {
    const source = random(seed);
    const steps = small ? 150 : 1000;
    const start = model.init(source.fork("parameters"));
    const first: Meta = { start, logRate: tensor(Math.log(0.05)) };
    const learnt = minimise(metaLoss, first, steps, source.fork("tasks"));
    const jointLoss = (params: Params, tasks: readonly Task[]): Tensor =>
      tasks.map(({ judge }) => loss(params, judge)).reduce((a, b) => a.add(b)).div(tasks.length); // prettier-ignore
    const joint: Meta = { start: minimise(jointLoss, start, steps, source.fork("tasks")), logRate: learnt.logRate };

    const fresh = Array.from({ length: 100 }, (_, i) => task(source.fork(`test ${i}`)));
    const [before, after] = [jointLoss(learnt.start, fresh).item(), metaLoss(learnt, fresh).item()];
    const [jointBefore, jointAfter] = [jointLoss(joint.start, fresh).item(), metaLoss(joint, fresh).item()];
    const few = fresh.slice(0, 5);
    const firstOf = (firstOrder: boolean): Tensor =>
      grad((meta: Meta) => metaLoss(meta, few, firstOrder))(learnt).start[0]!.weight;
    const [exact, short] = [firstOf(false), firstOf(true)];
    const secondOrderShare = exact.sub(short).norm().div(exact.norm()).item();
    const rate = learnt.logRate.exp().item();
    const row = (name: string, a: number, b: number): string[] => [name, a.toFixed(4), b.toFixed(4)];
    return {
      columns: ["start", "loss on new tasks", "after one step on 10 points"],
      rows: [
        row("random", jointLoss(start, fresh).item(), metaLoss({ ...first, logRate: learnt.logRate }, fresh).item()),
        row("trained on all tasks", jointBefore, jointAfter),
        row("learnt to learn", before, after),
      ],
      lesson: `The gradient of a loss after a step of descent goes through the step, and so through a gradient: second derivatives make up ${(100 * secondOrderShare).toFixed(0)} % of it here. They also teach the step's rate (${rate.toFixed(3)}). The start found is hardly better than that trained on all tasks as it stands, and one step from a new task's solution.`,
      found: { before, after, jointBefore, jointAfter, rate, secondOrderShare },
    };
  },
};
