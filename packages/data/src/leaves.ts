import { ArgumentError, leavesOf, tensor, Tensor } from "@cotangent/core";

/**
 * The leaves of a tree by path, numbers as float64 scalars.
 *
 * @throws `ArgumentError` in the name of the function that was called, if something else than a leaf is met
 */
export function namedLeaves(operator: string, tree: unknown): readonly (readonly [path: string, value: Tensor])[] {
  try {
    return leavesOf(tree).map(({ path, leaf }) => [
      path,
      leaf instanceof Tensor ? leaf : tensor(leaf, { dtype: "float64" }),
    ]);
  } catch (error) {
    throw error instanceof ArgumentError
      ? new ArgumentError(error.message.replace(/^leavesOf/, operator), { cause: error })
      : error;
  }
}
