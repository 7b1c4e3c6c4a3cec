/** The report's sections, from what was trained. */
import { graphOf, tensor, variable, type Tensor } from "@cotangent/core";
import type { Dataset } from "@cotangent/data";
import { binaryCrossEntropyWithLogits, shallowNetwork, zerosInit, type DenseParams, type Model } from "@cotangent/nn";
import { sgd, train, trainState } from "@cotangent/optim";
import {
  computationGraph,
  costCurves,
  decisionBoundaries,
  networkDrawing,
  type Figure,
  type Section,
} from "@cotangent/viz";
import type { Comparison } from "./loopOrVectors.js";
import { costOf } from "./problem.js";
import type { Outcome } from "./training.js";

export const columns = [
  "data set",
  "model",
  "parameters",
  "cost before",
  "cost after",
  "train accuracy",
  "test accuracy",
  "seconds",
];

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

export function rowOf({ problem, parameters, before, after, trainAccuracy, testAccuracy, seconds }: Outcome): string[] {
  const heldOut = problem.test !== problem.train;
  return [
    problem.dataSet,
    problem.title,
    String(parameters),
    before.toFixed(4),
    after.toFixed(4),
    percent(trainAccuracy),
    heldOut ? percent(testAccuracy) : "–",
    seconds.toFixed(2),
  ];
}

async function costSection(outcomes: readonly Outcome[]): Promise<Section> {
  const figures: Figure[] = [];
  for (const { problem, costs, every } of outcomes)
    figures.push({
      svg: await costCurves({
        title: `${problem.dataSet}: ${problem.title}`,
        series: [{ name: problem.title, costs, every }],
        unit: problem.batch === null ? "iteration" : "epoch",
      }),
      caption: `Cost of the training part, ${problem.title} on ${problem.dataSet}, learning rate ${problem.learningRate}${problem.batch === null ? "" : `, batches of ${problem.batch}`}.`,
    });
  return { title: "Cost curves", text: "The cost is the mean loss over the training part, in nats.", figures };
}

async function boundarySection(flower: readonly Outcome[]): Promise<Section> {
  const { features, labels } = flower[0]!.problem.train;
  const xy = features.toTypedArray();
  const points = Array.from(labels.toTypedArray(), (label, i) => ({ x: xy[2 * i]!, y: xy[2 * i + 1]!, label }));
  const svg = await decisionBoundaries({
    points,
    classifiers: flower.map(({ problem, params, trainAccuracy }) => ({
      title: `${problem.title}: ${percent(trainAccuracy)}`,
      predict: (grid) =>
        problem.model
          .apply(params, tensor(grid as [number, number][]))
          .sigmoid()
          .toTypedArray(),
    })),
  });
  return {
    title: "Decision boundaries",
    text: "A single neuron can only draw a straight line through the flower; four hidden neurons bend it around the petals.",
    figures: [{ svg, caption: "Planar flower: regions by predicted class, points by true class." }],
  };
}

/** Costs of the first iterations of the shallow network under another learning rate or initialisation. */
function costsOf(
  model: Model<unknown>,
  data: Dataset,
  learningRate: number,
  iterations: number,
  seed: number,
): { costs: number[]; params: unknown } {
  const optimizer = sgd({ learningRate });
  const options = { cost: costOf(model), optimizer };
  let state = trainState({ model, optimizer, seed });
  const costs: number[] = [];
  for (let i = 0; i < iterations; i++) {
    state = train(state, data, options);
    costs.push(state.cost!);
  }
  return { costs, params: state.params };
}

async function ratesSection({ problem }: Outcome, iterations: number, seed: number): Promise<Section> {
  const series = [
    // The wild curve first, so that the others are drawn over it.
    [20, "too large"],
    [1.2, "good"],
    [0.01, "too small"],
  ].map(([rate, verdict]) => ({
    name: `${rate} (${verdict})`,
    costs: costsOf(problem.model, problem.train, rate as number, iterations, seed).costs,
  }));
  return {
    title: "Learning rates",
    text: "Too small a rate hardly moves; too large a rate jumps over the valley, and the cost goes up and down.",
    figures: [
      {
        svg: await costCurves({ title: "Shallow network on the planar flower", series, limit: 2 }),
        caption: `Cost of the first ${iterations} iterations under three learning rates; costs above 2 are drawn at 2.`,
      },
    ],
  };
}

async function symmetrySection({ problem }: Outcome, iterations: number, seed: number): Promise<Section> {
  const zero = shallowNetwork({ inputs: 2, hidden: 4, outputs: 1, init: zerosInit }) as Model<unknown>;
  const fromZeros = costsOf(zero, problem.train, 1.2, iterations, seed);
  const fromRandom = costsOf(problem.model, problem.train, 1.2, iterations, seed);
  const hidden = (params: unknown): string[] => {
    const weight = (params as readonly DenseParams[])[0]!.weight.transpose().toArray() as number[][];
    return weight.map((w) => `(${w.map((v) => v.toFixed(3)).join(", ")})`);
  };
  const [a, b] = [hidden(fromZeros.params), hidden(fromRandom.params)];
  return {
    title: "Zero against random initialisation",
    text: `Hidden units that start equal get equal gradients and stay equal for ever. After ${iterations} iterations from zeros all four still have the same weights; random values break the symmetry.`,
    table: {
      columns: ["hidden unit", "weights from zeros", "weights from random values"],
      rows: a.map((w, i) => [String(i + 1), w, b[i]!]),
    },
    figures: [
      {
        svg: await costCurves({
          title: "Zero against random initialisation",
          series: [
            { name: "zeros", costs: fromZeros.costs },
            { name: "random", costs: fromRandom.costs },
          ],
        }),
        caption: "From zeros the network stays at the cost of a constant guess, ln 2.",
      },
    ],
  };
}

function drawings(outcomes: readonly Outcome[]): Section {
  const figures = outcomes.map(({ problem, params }): Figure => {
    const layers = (Array.isArray(params) ? params : [params]) as DenseParams[];
    return {
      svg: networkDrawing({
        title: `${problem.dataSet}: ${problem.title}`,
        sizes: problem.sizes,
        labels: problem.labels,
        weights: layers.map(({ weight }) => weight.toArray() as number[][]),
      }),
      caption: `${problem.title} on ${problem.dataSet}: a line is a trained weight, blue positive, orange negative, wider is larger.`,
    };
  });
  return { title: "The networks", figures };
}

async function graphSection(): Promise<Section> {
  const x = tensor([[1, 2], [-1, 0.5], [0.5, -1.5]]); // prettier-ignore
  const y = tensor([[1], [1], [0]]);
  const [w, b] = [variable(tensor([[0.5], [-0.25]])), variable(tensor([0.1]))];
  const cost: Tensor = binaryCrossEntropyWithLogits(x.matmul(w).add(b), y);
  const graph = graphOf(cost, { labels: { x, y, w, b, cost } });
  return {
    title: "The computation graph of logistic regression",
    text: "Three samples with two features. Values flow from left to right, gradients of the cost back from right to left.",
    figures: [
      {
        svg: await computationGraph(graph),
        caption: "Every node with its shape, its value, and the gradient of the cost by it.",
      },
    ],
  };
}

function loopSection({ loopSeconds, vectorSeconds, difference }: Comparison): Section {
  return {
    title: "One loop over samples against the vectorised form",
    text: `The gradient of logistic regression over all samples: ${(1000 * loopSeconds).toFixed(2)} ms sample by sample, ${(1000 * vectorSeconds).toFixed(3)} ms as matrix products, ${(loopSeconds / vectorSeconds).toFixed(0)} times as fast. The two gradients differ by at most ${difference.toExponential(1)}.`,
  };
}

/** All sections that the outcomes allow. */
export async function sectionsFor(
  outcomes: readonly Outcome[],
  worst: readonly (readonly string[])[],
  comparison: Comparison | null,
  seed: number,
): Promise<Section[]> {
  const sections: Section[] = [
    { title: "Results", table: { columns, rows: outcomes.map(rowOf) } },
    {
      title: "Gradients checked before training",
      text: "Analytic gradients against central differences in float64: the relative error ‖a − n‖ / (‖a‖ + ‖n‖) a tensor.",
      table: { columns: ["data set", "model", "worst tensor", "relative error", "elements"], rows: worst },
    },
    await costSection(outcomes),
  ];
  const flower = outcomes.filter(({ problem }) => problem.dataSet === "planar-flower");
  if (flower.length > 0) {
    const shallow = flower.at(-1)!;
    sections.push(
      await boundarySection(flower),
      await ratesSection(shallow, 1000, seed),
      await symmetrySection(shallow, 1000, seed),
    );
  }
  sections.push(drawings(outcomes), await graphSection());
  if (comparison !== null) sections.push(loopSection(comparison));
  return sections;
}
