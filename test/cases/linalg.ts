import { tensor, zeros, type Tensor } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { tensors, type Cases, type OperatorCase } from "./table.js";

/** A matrix that is far from singular, whatever the elements of x. */
const regular = (x: Tensor): Tensor => x.mul(0.25).add(ops.reshape(diagonal, [3, 3]));
const diagonal = tensor([2, 0, 0, 0, -3, 0, 0, 0, 2.5]);
/** A positive definite matrix. */
const definite = (x: Tensor): Tensor =>
  x
    .matmul(x.transpose())
    .mul(0.25)
    .add(diagonal.reshape([3, 3]).abs());
const singular = tensor([[[1, 0], [0, 1]], [[1, 2], [2, 4]]]); // prettier-ignore

const ofMatrices = (call: (x: Tensor) => Tensor, misuse: OperatorCase["misuse"] = []): OperatorCase => ({
  inputs: [tensors([2, 3, 3])],
  call: call as OperatorCase["call"],
  order: 2,
  misuse,
});

export const linalg = {
  matmul: { inputs: [tensors([2, 3]), tensors([3, 4])], call: (x, y) => ops.matmul(x!, y!), order: 2 },
  dot: { inputs: [tensors([5]), tensors([5])], call: (x, y) => ops.dot(x!, y!), order: 2 },
  outer: { inputs: [tensors([2]), tensors([3])], call: (x, y) => ops.outer(x!, y!), order: 2 },
  einsum: {
    inputs: [tensors([2, 3, 3]), tensors([3, 4]), tensors([4])],
    call: (x, y, z) => ops.einsum("bii,ij,j,j->jb", x!, y!, z!, z!),
    order: 2,
    misuse: [
      [/expected an equation such as/, () => ops.einsum(singular as never, singular)],
      [/expected one term for each operand .* 2 terms and 1 operands/, () => ops.einsum("ij,jk", singular)],
      [/expected letters, commas, ellipses and one arrow .* "1"/, () => ops.einsum("i1", singular)],
      [/expected letters, commas, ellipses and one arrow .* "ij->i->j"/, () => ops.einsum("ij->i->j", singular)],
      [/expected letters, .* ","/, () => ops.einsum("i->i,", singular)],
      [/expected at most one ellipsis/, () => ops.einsum("...i...", singular)],
      [/expected at most one ellipsis/, () => ops.einsum("i..", singular)],
      [
        /expected output letters that stand in an operand's term, got the string "k"/,
        () => ops.einsum("hij->k", singular),
      ],
      [/expected every letter once in the output, got the string "h" twice/, () => ops.einsum("hij->hh", singular)],
      [/expected 2 axes .* got shape \[2, 2, 2\]; write \.\.\. /, () => ops.einsum("ij", singular)],
      [/expected at least 4 axes/, () => ops.einsum("...hijk", singular)],
      [/expected one size for the string "i", got 2 and 3/, () => ops.einsum("...i,i", singular, zeros([3]))],
      [/expected one size for each axis of the ellipsis/, () => ops.einsum("...,...", singular, zeros([3]))],
    ],
  },
  inverse: ofMatrices(
    (x) => ops.inverse(regular(x)),
    [
      [/expected square matrices, .* got \[2, 3\]/, () => ops.inverse(zeros([2, 3]))],
      [/expected an invertible matrix, got .* singular .* at \[1\] of the batch; /, () => ops.inverse(singular)],
    ],
  ),
  solve: {
    // The matrices broadcast against the right-hand sides.
    inputs: [tensors([3, 3]), tensors([2, 3, 2])],
    call: (x, b) => ops.solve(regular(x!), b!),
    order: 2,
    misuse: [
      [/expected square matrices/, () => ops.solve(zeros([2, 3]), zeros([2]))],
      [/expected a right-hand side with 2 rows/, () => ops.solve(singular, zeros([3, 1]))],
      [/expected an invertible matrix/, () => ops.solve(singular, zeros([2, 2]))],
      [/expected shapes that broadcast/, () => ops.solve(singular, zeros([3, 2, 2]))],
    ],
  },
  solveTriangular: {
    inputs: [tensors([2, 3, 3]), tensors([3])],
    call: (x, b) =>
      ops.add(
        ops.solveTriangular(regular(x!), b!, { lower: true }),
        ops.solveTriangular(x!, b!, { unitDiagonal: true }),
      ),
    order: 2,
    misuse: [
      [/expected a diagonal without zeros/, () => ops.solveTriangular(zeros([2, 2]), zeros([2]))],
      [/unknown option "upper"/, () => ops.solveTriangular(singular, zeros([2]), { upper: true } as never)],
      [/true or false, got 1/, () => ops.solveTriangular(singular, zeros([2]), { lower: 1 } as never)],
    ],
  },
  cholesky: ofMatrices(
    (x) => ops.cholesky(definite(x)),
    [
      [/expected square matrices/, () => ops.cholesky(zeros([3]))],
      [/expected a positive definite matrix, got .* at \[1\] of the batch/, () => ops.cholesky(singular)],
    ],
  ),
  det: ofMatrices((x) => ops.det(regular(x)), [[/expected square matrices/, () => ops.det(zeros([1, 2]))]]),
  slogDet: ofMatrices(
    (x) => {
      const { sign, logAbsDet } = ops.slogDet(regular(x));
      return logAbsDet.mul(sign);
    },
    [[/expected square matrices/, () => ops.slogDet(1)]],
  ),
  logDet: ofMatrices((x) => ops.logDet(regular(x).neg()), [[/expected square matrices/, () => ops.logDet(1)]]),
} satisfies Cases;
