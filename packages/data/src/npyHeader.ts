/**
 * The header of NumPy's files: a Python dictionary as text.
 * @module
 */
import { DataError } from "@cotangent/core";
import { checkSizes, type ElementType } from "./elements.js";

/** What the header says of the elements. */
export interface NpyHeader {
  readonly type: ElementType;
  readonly order: "little" | "big";
  /** Whether the first axis runs fastest. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

const types: ReadonlySet<string> = new Set(["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1"]);

/** What is refused, and what to do. */
const refused: Readonly<Record<string, string>> = {
  O: "Python objects, which only Python can read; save an array of numbers",
  U: "text; save its codes, or the text as CSV",
  S: "text; save its codes, or the text as CSV",
  V: "records; save one array a field",
  c: "complex numbers; save real and imaginary parts",
  M: "dates; save them as float64",
  m: "durations; save them as float64",
};

function typeOf(operator: string, text: string): Pick<NpyHeader, "type" | "order"> {
  const [, order, kind, size] = /^([<>|=])([a-zA-Z])(\d*)/.exec(text) ?? [];
  const type = `${kind}${size}`;
  if (kind !== undefined && types.has(type) && text.length === type.length + 1 && (order !== "|" || size === "1"))
    return { type: type as ElementType, order: order === ">" ? "big" : "little" };
  throw new DataError(
    `${operator}: expected elements out of ${[...types].join(", ")}, got ${JSON.stringify(text.slice(0, 40))}${kind !== undefined && Object.hasOwn(refused, kind) ? `, ${refused[kind]!}` : "; convert the array first"}`,
  );
}

const token = /\s*(?:('(?:[^'\\]*)'|"(?:[^"\\]*)")|(\d{1,16})L?|(True|False)|([{}()[\],:]))/y;

/**
 * Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`, in any order and spacing.
 *
 * @throws `DataError` if it is anything else, or says elements that no tensor can hold
 */
export function parseNpyHeader(operator: string, text: string): NpyHeader {
  const broken = (): DataError =>
    new DataError(
      `${operator}: expected a header {'descr': …, 'fortran_order': …, 'shape': …}, got ${JSON.stringify(text.slice(0, 60))}`,
    );
  let at = 0;
  const next = (): string => {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) throw broken();
    at = token.lastIndex;
    return match[1] ?? match[2] ?? match[3] ?? match[4]!;
  };
  const expect = (wanted: string): void => {
    if (next() !== wanted) throw broken();
  };
  const tuple = (): number[] => {
    const sizes: number[] = [];
    for (let each = next(); each !== ")"; each = next()) {
      if (!/^\d/.test(each)) throw broken();
      sizes.push(Number(each));
      const after = next();
      if (after === ")") return sizes;
      if (after !== ",") throw broken();
    }
    return sizes;
  };
  const found = new Map<string, unknown>();
  expect("{");
  for (let key = next(); key !== "}"; key = next()) {
    const name = key.slice(1, -1);
    expect(":");
    const value = next();
    if (found.has(name)) throw broken();
    if (value === "[" && name === "descr")
      throw new DataError(`${operator}: expected elements of one type, got records; save one array a field`);
    found.set(name, value === "(" ? tuple() : value);
    const after = next();
    if (after === "}") break;
    if (after !== ",") throw broken();
  }
  const [descr, fortran, shape] = [found.get("descr"), found.get("fortran_order"), found.get("shape")];
  const complete = found.size === 3 && typeof descr === "string" && /^['"]/.test(descr) && Array.isArray(shape);
  if (!complete || (fortran !== "True" && fortran !== "False") || text.slice(at).trim() !== "") throw broken();
  return {
    ...typeOf(operator, descr.slice(1, -1)),
    fortran: fortran === "True",
    shape: checkSizes(operator, "the header", shape),
  };
}
