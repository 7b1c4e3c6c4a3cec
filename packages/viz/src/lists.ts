import { ArgumentError, describe } from "@cotangent/core";

/** @throws `ArgumentError` if it is no list */
export function checkList(operator: string, name: string, value: unknown): void {
  if (!Array.isArray(value)) throw new ArgumentError(`${operator}: expected a list of ${name}, got ${describe(value)}`);
}

/** @throws `ArgumentError` if it is no graph such as `graphOf` gives */
export function checkGraph(operator: string, graph: unknown): void {
  const { nodes, edges } = (graph ?? {}) as { readonly nodes?: unknown; readonly edges?: unknown };
  checkList(operator, "nodes, as graphOf gives it", nodes);
  checkList(operator, "edges, as graphOf gives it", edges);
  (nodes as readonly unknown[]).forEach((node, i) => {
    const { id, name, shape, value } = (node ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof id !== "number" || typeof name !== "string" || !Array.isArray(shape) || typeof value !== "string")
      throw new ArgumentError(
        `${operator}: expected nodes { id, name, shape, value, … }, as graphOf gives them, got ${described(node)} at ${i}`,
      );
  });
  (edges as readonly unknown[]).forEach((edge, i) => {
    const { from, to } = (edge ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof from !== "number" || typeof to !== "number")
      throw new ArgumentError(
        `${operator}: expected edges { from, to } between ids of nodes, got ${described(edge)} at ${i}`,
      );
  });
}

function described(value: unknown): string {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? `an object with ${Object.keys(value).join(", ") || "no keys"}`
    : describe(value);
}
