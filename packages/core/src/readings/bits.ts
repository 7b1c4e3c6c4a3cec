/**
 * Powers of two and the exponent bits of a number, for the readings that run in JavaScript.
 * @module
 */
const doubles = new Float64Array(1);
const words = new Int32Array(doubles.buffer);
/** Which of the two 32-bit words of a double holds sign and exponent: 1 on little-endian machines. */
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** $2^{i - 1023}$ at `i`; a table, because a store into half a double and a load of the whole stalls. */
const powers = new Float64Array(2048);
for (let i = 0; i < powers.length; i++) powers[i] = i < 2047 ? 2 ** (i - 1023) : Infinity;

/** Scratch and tables, by the names that generated text uses. */
export const bits = { doubles, words, high, powers };

/** $x^y$ modulo $2^{32}$; for $y < 0$ what is left of the fraction when it is cut off. */
export function integerPower(x: number, y: number): number {
  if (y < 0) return x === 1 || (x === -1 && y % 2 === 0) ? 1 : x === -1 ? -1 : 0;
  let power = 1;
  for (let rest = y, square = x; rest > 0; rest >>>= 1, square = Math.imul(square, square))
    if (rest % 2 === 1) power = Math.imul(power, square);
  return power;
}

/** The word with sign and exponent. */
export function highWord(x: number): number {
  doubles[0] = x;
  return words[high]!;
}

/** To the nearest integer, half to even. Adding 2^52 pushes the fraction out of the significand. */
export function roundHalfEven(x: number): number {
  if (!(Math.abs(x) < 4503599627370496) || x === 0) return x;
  return x < 0 ? -(4503599627370496 - x - 4503599627370496) : 4503599627370496 + x - 4503599627370496;
}
