/**
 * The language of `einsum`: terms of letters, an ellipsis, an arrow.
 * @module
 */
import { ArgumentError, describe, ShapeError } from "../errors.js";
import { showShape, type Shape } from "../shape.js";

/** What an equation says about operands of given shapes; an axis of an ellipsis is labelled by its place from the right. */
export interface Equation {
  /** For each operand, the label of each axis. */
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
}

const ellipsis = "...";

function refuse(expected: string, got: string, remedy: string): never {
  throw new ArgumentError(`einsum: expected ${expected}, got ${got}; ${remedy}`);
}

/** The letters of a term, and where its ellipsis stands: `null` for none. */
interface Term {
  readonly text: string;
  readonly letters: readonly string[];
  readonly at: number | null;
}

function termOf(text: string): Term {
  const at = text.indexOf(ellipsis);
  const letters = text.replace(ellipsis, "");
  if (letters.includes("."))
    refuse('at most one ellipsis of three dots in a term, such as "...ij"', describe(text), "leave the other dots out");
  return { text, letters: [...letters], at: at < 0 ? null : at };
}

/** The labels of `count` axes under an ellipsis. */
function underEllipsis(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${count - i}`);
}

/** All labels of a term, the ellipsis spread over `count` axes. */
function spread({ letters, at }: Term, count: number): string[] {
  return at === null ? [...letters] : [...letters.slice(0, at), ...underEllipsis(count), ...letters.slice(at)];
}

/**
 * @throws {@link ArgumentError} if the equation is malformed
 * @throws {@link ShapeError} if it does not fit the shapes
 */
export function parseEquation(equation: string, shapes: readonly Shape[]): Equation {
  if (typeof equation !== "string")
    refuse('an equation such as "ij,jk->ik"', describe(equation), "it comes first, before the operands");
  const text = equation.replaceAll(" ", "");
  const [inputs, outputs, ...more] = text.split("->") as [string, string?, ...string[]];
  const odd = /[^A-Za-z.,]/.exec(inputs) ?? /[^A-Za-z.]/.exec(outputs ?? "");
  if (odd !== null || more.length > 0)
    refuse(
      "letters, commas, ellipses and one arrow in the equation",
      odd === null ? describe(text) : describe(odd[0]),
      "name each axis by a letter from a to z or A to Z",
    );
  const terms = inputs.split(",").map(termOf);
  if (terms.length !== shapes.length)
    refuse(
      `one term for each operand in ${describe(text)}`,
      `${terms.length} terms and ${shapes.length} operands`,
      "part the terms by commas",
    );
  const counts = terms.map((term, i) => ellipsisRank(term, shapes[i]!));
  const labels = terms.map((term, i) => spread(term, counts[i]!));
  const widest = Math.max(...counts);
  return {
    terms: labels,
    output: outputs === undefined ? implicitOutput(labels, widest) : explicitOutput(termOf(outputs), labels, widest),
    sizes: sizesOf(labels, shapes),
  };
}

/** How many axes the ellipsis of a term stands for. */
function ellipsisRank({ text, letters, at }: Term, shape: Shape): number {
  const count = shape.length - letters.length;
  if (count < 0 || (at === null && count > 0))
    throw new ShapeError(
      `einsum: expected ${at === null ? "" : "at least "}${letters.length} axes for the term ${describe(text)}, got shape ${showShape(shape)}; ${count > 0 ? "write ... for the axes in excess" : "drop letters, or unsqueeze the operand"}`,
    );
  return count;
}

/** Without an arrow: the axes of the ellipsis, then the letters that stand once, in alphabetical order. */
function implicitOutput(labels: readonly (readonly string[])[], widest: number): string[] {
  const all = labels.flat();
  const once = all.filter((label) => /[A-Za-z]/.test(label) && all.indexOf(label) === all.lastIndexOf(label));
  return [...underEllipsis(widest), ...once.sort()];
}

function explicitOutput(term: Term, labels: readonly (readonly string[])[], widest: number): string[] {
  const known = labels.flat();
  for (const letter of term.letters) {
    if (!known.includes(letter))
      refuse("output letters that stand in an operand's term", describe(letter), "only known axes can be kept");
    if (term.letters.indexOf(letter) !== term.letters.lastIndexOf(letter))
      refuse("every letter once in the output", `${describe(letter)} twice`, "make a diagonal with diag afterwards");
  }
  return spread(term, widest);
}

/** The size of each label; an axis of size 1 stretches. */
function sizesOf(labels: readonly (readonly string[])[], shapes: readonly Shape[]): Map<string, number> {
  const sizes = new Map<string, number>();
  labels.forEach((list, operand) =>
    list.forEach((label, axis) => {
      const [before, n] = [sizes.get(label) ?? 1, shapes[operand]![axis]!];
      if (before !== 1 && n !== 1 && before !== n)
        throw new ShapeError(
          `einsum: expected one size for ${/\d/.test(label) ? "each axis of the ellipsis" : describe(label)}, got ${before} and ${n} (operand ${operand + 1} has shape ${showShape(shapes[operand]!)}); give axes of different sizes different letters`,
        );
      sizes.set(label, before === 1 ? n : before);
    }),
  );
  return sizes;
}
