/**
 * Statements of a scalar expression, moved to where they are needed: what only one side of a choice uses is computed in
 * that side's branch alone. Values, and hence bits, stay the same.
 * @module
 */

/** One value: a statement `name = …` of text, which may have an `effect` before it; or a choice. */
export interface Value {
  readonly name: string;
  readonly text: string;
  readonly effect?: string;
  readonly choice?: { readonly mask: string; readonly x: string; readonly y: string };
}

/** Fewer statements than this in both branches together are not worth a jump. */
const worthJump = 3;

/** A value's place: at the top, in one side of the choices by a mask, or nowhere, as nothing uses it. */
type Place = "top" | `${"x" | "y"} ${string}` | "nowhere";

function namesIn(text: string): readonly string[] {
  return text.match(/\bv\d+\b/g) ?? [];
}

/** A value that another one uses, and where. */
interface Use {
  readonly user: Value;
  readonly side: "x" | "y" | null;
}

function usesOf(values: readonly Value[]): ReadonlyMap<string, Use[]> {
  const uses = new Map<string, Use[]>(values.map(({ name }) => [name, []]));
  for (const user of values) {
    const { choice } = user;
    for (const name of namesIn(`${choice?.mask ?? user.text} ${user.effect ?? ""}`))
      uses.get(name)?.push({ user, side: null });
    if (choice !== undefined) for (const side of ["x", "y"] as const) uses.get(choice[side])?.push({ user, side });
  }
  return uses;
}

/** The statements of `values`, of which `wanted` are used afterwards; `assigned` collects names that need a declaration. */
function arrange(values: readonly Value[], wanted: ReadonlySet<string>, assigned: Set<string>): string[] {
  const uses = usesOf(values);
  const order = new Map(values.map((value, i) => [value, i]));
  const places = new Map<string, Place>();
  /** The first choice that needs a value which is not at the top. */
  const needs = new Map<string, Value>();
  for (const { name } of values.toReversed()) {
    const found = new Set<Place>(wanted.has(name) ? ["top"] : []);
    let first: Value | undefined;
    for (const { user, side } of uses.get(name)!) {
      const place = places.get(user.name)!;
      if (place === "nowhere") continue;
      found.add(place === "top" && side !== null ? `${side} ${user.choice!.mask}` : place);
      const at = place === "top" ? user : needs.get(user.name)!;
      if (first === undefined || order.get(at)! < order.get(first)!) first = at;
    }
    const [only] = found;
    const place = found.size > 1 ? "top" : (only ?? "nowhere");
    places.set(name, place);
    if (place !== "top" && place !== "nowhere") needs.set(name, first!);
  }
  return values.flatMap((value) => {
    if (places.get(value.name) !== "top") return [];
    const { name, choice } = value;
    if (choice === undefined) return [statement(value, assigned)];
    const moved = values.filter((other) => needs.get(other.name) === value);
    if (moved.length < worthJump)
      return [...moved.map((other) => statement(other, assigned)), statement(value, assigned)];
    assigned.add(name);
    const branch = (side: "x" | "y"): string => {
      const here = moved.filter((other) => places.get(other.name)!.startsWith(side));
      for (const other of here) assigned.add(other.name);
      const kept = new Set([
        choice[side],
        ...here.filter((other) => usedOutside(other, here, uses)).map((o) => o.name),
      ]);
      return [...arrange(here, kept, assigned), `${name} = ${choice[side]};`].join("\n");
    };
    return [`if (${choice.mask}) {\n${branch("x")}\n} else {\n${branch("y")}\n}`];
  });
}

function usedOutside({ name }: Value, inside: readonly Value[], uses: ReadonlyMap<string, Use[]>): boolean {
  return uses.get(name)!.some(({ user }) => !inside.includes(user));
}

function statement({ name, text, effect = "" }: Value, assigned: ReadonlySet<string>): string {
  return `${effect}${assigned.has(name) ? "" : "const "}${name} = ${text};`;
}

/** The statements that give `results`, in order. */
export function sink(values: readonly Value[], results: readonly string[]): string[] {
  const assigned = new Set<string>();
  const statements = arrange(values, new Set(results), assigned);
  return assigned.size === 0
    ? statements
    : [`let ${[...assigned].map((name) => `${name} = 0`).join(", ")};`, ...statements];
}
