/**
 * The remainder of a division, with the sign of the divisor. $r \leftarrow r - \lfloor r / y \rfloor y$ is exact with the
 * product as a pair (Dekker 1971), even where the quotient has more digits than a significand; each round takes off one
 * significand's worth.
 * @module
 */
import type { Machine } from "../scalar.js";
import { pick, twoProduct, type Choice } from "./arithmetic.js";

/** The last one takes back what a quotient that was rounded up has taken too much. */
const rounds = 3;
/** Beyond, halves of the divisor would overflow. */
const long: Choice = { float64: 2 ** 900, float32: 2 ** 100 };
const down: Choice = { float64: 2 ** -100, float32: 2 ** -40 };
const up: Choice = { float64: 2 ** 100, float32: 2 ** 40 };

/** The remainder of $a / b$ for $a \ge b > 0$. */
function remainder<T, M>(s: Machine<T, M>, a: T, b: T): T {
  const zero = s.constant(0);
  let r = a;
  for (let i = 0; i < rounds; i++) {
    const product = twoProduct(s, s.floor(s.div(r, b)), b);
    r = s.sub(s.sub(r, product.hi), product.lo);
  }
  return s.select(s.and(s.lessEqual(zero, r), s.less(r, b)), r, s.constant(NaN));
}

/**
 * $x - \lfloor x / y \rfloor y$, exact where x and y have the same sign, rounded once elsewhere; NaN for $y = 0$, for
 * infinite x, and where $|x / y|$ is so far beyond $2^{100}$ ($2^{45}$ in float32) that the rounds do not suffice.
 */
export function mod<T, M>(s: Machine<T, M>, x: T, y: T): T {
  const zero = s.constant(0);
  const [a, b] = [s.abs(x), s.abs(y)];
  const far = s.less(pick(s, long), b);
  const factor = s.select(far, pick(s, down), s.constant(1));
  const scaled = remainder(s, s.mul(a, factor), s.mul(b, factor));
  const m = s.select(s.less(a, b), a, s.mul(scaled, s.select(far, pick(s, up), s.constant(1))));
  const negative = s.less(y, zero);
  const across = s.or(s.and(s.less(x, zero), s.not(negative)), s.and(s.less(zero, x), negative));
  const size = s.select(s.and(across, s.less(zero, m)), s.sub(b, m), m);
  return s.select(negative, s.neg(size), size);
}
