/**
 * Trees of parameters, gradients and states, side by side.
 * @module
 */
import { ArgumentError, DTypeError, leavesOf, mapTree, ShapeError, type Tensor } from "@cotangent/core";

/** Runs something on trees; what is wrong with them is said in the name of the operator. */
export function named<R>(operator: string, run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw new ArgumentError(error.message.replace(/^(mapTree|leavesOf)(?=:)/, operator), { cause: error });
  }
}

/** Other trees than the parameters, under the names that messages give them. */
export type Beside = Readonly<Record<string, unknown>>;

/** Paths as a message lists them, the first few. */
export function pathList(paths: readonly string[], most = 5): string {
  const said = paths.slice(0, most).map((path) => (path === "" ? "the root" : `"${path}"`));
  return paths.length > most ? `${said.join(", ")} and ${paths.length - most} more` : said.join(", ");
}

/** @throws `ArgumentError` naming the paths that one of the trees has and the parameters have not, or the reverse */
function checkPaths(operator: string, params: unknown, beside: Beside): void {
  const wanted = leavesOf(params).map(({ path }) => path);
  for (const [name, tree] of Object.entries(beside)) {
    const came = leavesOf(tree).map(({ path }) => path);
    const missing = wanted.filter((path) => !came.includes(path));
    const extra = came.filter((path) => !wanted.includes(path));
    if (missing.length + extra.length === 0) continue;
    const says = [
      ...(missing.length > 0 ? [`none at ${pathList(missing)}`] : []),
      ...(extra.length > 0 ? [`one at ${pathList(extra)}, where the parameters have none`] : []),
    ];
    throw new ArgumentError(`${operator}: expected ${name} of the parameters' structure, got ${says.join("; ")}`);
  }
}

function sameShape(p: Tensor, other: Tensor): boolean {
  return p.rank === other.rank && p.shape.every((n, axis) => n === other.shape[axis]);
}

function alike(p: Tensor, other: Tensor): boolean {
  return p.dtype === other.dtype && sameShape(p, other);
}

function refuseLeaf(operator: string, name: string, path: string, p: Tensor, other: Tensor): never {
  const at = path === "" ? "" : ` at "${path}"`;
  if (!sameShape(p, other))
    throw new ShapeError(
      `${operator}: expected ${name} of their parameters' shapes, got [${other.shape.join(", ")}] for a parameter of shape [${p.shape.join(", ")}]${at}`,
    );
  throw new DTypeError(
    `${operator}: expected ${name} of their parameters' dtypes, got ${other.dtype} for a parameter of ${p.dtype}${at}; convert with astype`,
  );
}

/**
 * Maps parameters and the trees beside them leaf by leaf, to several trees of the same structure. Numbers count as
 * float64 scalars.
 *
 * @param rule from a parameter and its companions to the leaves of the results, in the order of `results`
 * @throws `ArgumentError` naming the path if structures differ, `ShapeError` or `DTypeError` if leaves do
 */
export function mapLeaves<Result extends string>(
  operator: string,
  params: unknown,
  beside: Beside,
  results: readonly Result[],
  rule: (p: Tensor, others: readonly Tensor[]) => Readonly<Record<Result, Tensor>>,
): Readonly<Record<Result, unknown>> {
  const names = Object.keys(beside);
  const [first, ...further] = results;
  const columns: Tensor[][] = further.map(() => []);
  let place = 0;
  const visit = (p: Tensor, ...others: Tensor[]): Tensor => {
    if (p.dtype !== "float64" && p.dtype !== "float32")
      throw new DTypeError(
        `${operator}: expected parameters that are floats, got ${p.dtype} at "${leavesOf(params)[place]!.path}"`,
      );
    for (let i = 0; i < others.length; i++)
      // The common case must not pay for a path.
      if (!alike(p, others[i]!)) refuseLeaf(operator, names[i]!, leavesOf(params)[place]!.path, p, others[i]!);
    const made = rule(p, others);
    further.forEach((name, i) => columns[i]!.push(made[name]));
    place++;
    return first === undefined ? p : made[first];
  };
  const firstTree = named(operator, () => {
    try {
      return mapTree(visit, params, ...Object.values(beside));
    } catch (error) {
      if (error instanceof ArgumentError) checkPaths(operator, params, beside);
      throw error;
    }
  });
  const trees: Record<string, unknown> = first === undefined ? {} : { [first]: firstTree };
  further.forEach((name, i) => (trees[name] = withLeaves(params, columns[i]!)));
  return trees as Readonly<Record<Result, unknown>>;
}

/** The tree with other leaves, which come in its order. */
export function withLeaves<T>(tree: T, leaves: readonly Tensor[]): T {
  let at = 0;
  return mapTree(() => leaves[at++]!, tree) as T;
}
