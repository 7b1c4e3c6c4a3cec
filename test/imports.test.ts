/** Who imports whom: no cycles, layers in order, packages apart, and nothing undeclared. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const packages = readdirSync(join(root, "packages"));

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** `load`: when the file is; `type`: never, it is erased; `call`: by `import()`. */
  readonly kind: "load" | "type" | "call";
}

/** Under `verbatimModuleSyntax` only `import type` and `export type` are erased; `import { type X }` still loads. */
function importsIn(from: string, text: string): Import[] {
  const found: Import[] = [];
  const file = ts.createSourceFile(from, text, ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      const typeOnly = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly;
      found.push({ from, specifier: node.moduleSpecifier.text, kind: typeOnly ? "type" : "load" });
    }
    // require.resolve("x/package.json") finds a package whose files are read.
    const resolved = ts.isCallExpression(node) && /^require\.resolve$/.test(node.expression.getText(file));
    if (ts.isCallExpression(node) && (resolved || node.expression.kind === ts.SyntaxKind.ImportKeyword))
      found.push({ from, specifier: (node.arguments[0] as ts.StringLiteral).text, kind: "call" });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function cycleIn(edges: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (at: string): string[] | null => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at];
    if (done.has(at)) return null;
    path.push(at);
    for (const next of edges.get(at) ?? []) {
      const cycle = walk(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(at);
    return null;
  };
  for (const start of edges.keys()) {
    const cycle = walk(start);
    if (cycle !== null) return cycle;
  }
  return null;
}

const sourcesOf = (name: string): string[] =>
  readdirSync(join(root, "packages", name, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.replaceAll("\\", "/"));
const textOf = (name: string, file: string): string => readFileSync(join(root, "packages", name, "src", file), "utf8");

const target = ({ from, specifier }: Import): string =>
  posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
const isRelative = ({ specifier }: Import): boolean => specifier.startsWith(".");
const packageOf = ({ specifier }: Import): string => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0];
const show = ({ from, specifier }: Import): string => `${from} imports ${specifier}`;

type Manifest = Readonly<Record<string, Record<string, unknown> | undefined>>;
const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as Manifest;

/** The source of a file that a manifest names. */
const sourceOf = (file: string): string => file.replace(/^\.\/dist\//, "").replace(/(\.d\.ts|\.js)$/, ".ts");
/** What a package's own names for files stand for, such as `#wasm`, by conditions. */
const aliasesOf = (name: string): Readonly<Record<string, Readonly<Record<string, string>>>> =>
  (manifestOf(name)["imports"] ?? {}) as Record<string, Record<string, string>>;

/** Imports by a name of the package's own are those of the file that stands for it outside of browsers. */
const importsOf = (name: string): Import[] =>
  sourcesOf(name)
    .flatMap((file) => importsIn(file, textOf(name, file)))
    .map((each) => {
      if (!each.specifier.startsWith("#")) return each;
      const file = aliasesOf(name)[each.specifier]!["default"]!.replace(/^\.\/dist\//, "");
      return { ...each, specifier: `./${posix.relative(posix.dirname(each.from), file)}` };
    });
/** The packages that DESIGN section 2 allows; "*" where it leaves those of others open. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: ["seedrandom", "watr", "fast-check", "koffi"],
  nn: ["@cotangent/core"],
  optim: ["@cotangent/core", "immer", "cli-progress"],
  data: ["@cotangent/core", "*"],
  viz: ["@cotangent/core", "*"],
};

describe("what the checks stand on", () => {
  test("kinds of imports are told apart", () => {
    const text = `import type { A } from "./a.js"; import { type B } from "./b.js"; import "./c.js";
      export type { D } from "./d.js"; export * from "./e.js"; export const f = () => import("./f.js"); // import "./g.js"
      require.resolve("./h.js"); path.resolve("./i.js");`;
    expect(importsIn("x.ts", text).map(({ specifier, kind }) => `${specifier} ${kind}`)).toEqual([
      "./a.js type", "./b.js load", "./c.js load", "./d.js type", "./e.js load", "./f.js call",
      "./h.js call",
    ]); // prettier-ignore
  });

  test("a cycle is found, and none where there is none", () => {
    const graph = (edges: Record<string, string[]>): Map<string, string[]> => new Map(Object.entries(edges));
    expect(cycleIn(graph({ a: ["b"], b: ["c"], c: ["b"] }))).toEqual(["b", "c", "b"]);
    expect(cycleIn(graph({ a: ["b", "c"], b: ["c"], c: [] }))).toBeNull();
  });
});

describe.each(packages)("packages/%s", (name) => {
  const imports = importsOf(name);

  test("relative imports name files of this package", () => {
    for (const each of imports.filter(isRelative)) {
      expect(each.specifier, show(each)).toMatch(/\.js$/);
      expect(sourcesOf(name).includes(target(each)), show(each)).toBe(true);
    }
    expect(imports.filter(isRelative).length).toBeGreaterThan(0);
  });

  test("no cycles, type-only imports apart", () => {
    const edges = new Map(sourcesOf(name).map((file) => [file, [] as string[]]));
    for (const each of imports) if (isRelative(each) && each.kind === "load") edges.get(each.from)!.push(target(each));
    expect(cycleIn(edges)).toBeNull();
  });

  test("only what the design permits", () => {
    const list = allowed[name]!;
    const outside = imports.filter((each) => !isRelative(each) && !each.specifier.startsWith("node:"));
    const permitted = (other: string): boolean =>
      list.includes(other) || (list.includes("*") && !other.startsWith("@cotangent/"));
    expect(outside.filter((each) => !permitted(packageOf(each))).map(show)).toEqual([]);
  });

  test("other packages of ours are entered by their exports only", () => {
    const wrong = imports.filter(({ specifier }) => {
      const [, other, rest] = /^@cotangent\/([^/]+)(.*)$/.exec(specifier) ?? [];
      return other !== undefined && !Object.hasOwn(manifestOf(other)["exports"]!, `.${rest!}`);
    });
    expect(wrong.map(show)).toEqual([]);
  });

  test("Node's modules only below a folder node/", () => {
    const wrong = imports.filter(
      ({ from, specifier }) =>
        /^(node:|(fs|path|url|os|worker_threads)$)/.test(specifier) && !/(^|\/)node\//.test(from),
    );
    expect(wrong.map(show)).toEqual([]);
    const down = imports.filter((each) => isRelative(each) && !/(^|\/)node\//.test(each.from));
    expect(down.filter((each) => /(^|\/)node\//.test(target(each))).map(show)).toEqual([]);
  });

  test("the manifest declares what is imported, and nothing else", () => {
    const used = imports.filter((each) => !isRelative(each) && !each.specifier.startsWith("node:")).map(packageOf);
    const manifest = manifestOf(name);
    const declared = ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    );
    expect([...new Set(used)].sort()).toEqual(declared.sort());
  });

  test("every file of the exports map has its source", () => {
    const entries = Object.values(manifestOf(name)["exports"]!) as { types: string; default: string }[];
    for (const file of entries.flatMap((entry) => [entry.types, entry.default]))
      expect(sourcesOf(name)).toContain(sourceOf(file));
  });

  test("files that stand for one name under different conditions have the same exports", async () => {
    for (const conditions of Object.values(aliasesOf(name))) {
      const files = Object.values(conditions).map(sourceOf);
      for (const file of files) expect(sourcesOf(name)).toContain(file);
      const load = async (file: string): Promise<object> =>
        (await import(join(root, "packages", name, "src", file))) as object;
      const [first, ...others] = (await Promise.all(files.map(load))).map((file) => Object.keys(file).sort());
      for (const other of others) expect(other).toEqual(first);
    }
  });

  test("no file over 400 lines", () => {
    // Nobody reads encoded kernels.
    const written = sourcesOf(name).filter((file) => file !== "backends/wasmGroups.ts");
    const lines = written.map((file) => ({ file, count: textOf(name, file).trimEnd().split("\n").length }));
    expect(lines.filter(({ count }) => count > 400)).toEqual([]);
    expect(lines.length).toBeGreaterThan(1);
  });
});

/** `core/src` from the bottom to the top; a file loads files of its own layer and of lower ones. New files stand above `ops`. */
const layers: readonly RegExp[] = [
  /^(errors|dtype|shape)\.ts$/,
  /^(scalar|kernel|backend|storage|print)\.ts$/,
  /^(elementary\/.*|readings\/(bits|numbers|sink|source|dual|lanes)\.ts)$/,
  /^backends\//,
  /^(tensor|context|node|ruleMaps|tapeOperators|tape|tapeNodes|primitive|leaf|operand)\.ts$/,
  /^((construct|filled)\.ts|ops\/(?!index\.ts).*)$/,
  /^(?!index\.ts|(random|seeds)\.ts|check\/|compile\/)/,
  /^((random|seeds)\.ts|check\/.*|compile\/.*)$/,
  /^index\.ts$/,
];
const families = [
  "options", "reduceOptions", "linear", "regions", "elementwise", "lines", "arithmetic", "tangents", "comparisons", "piecewise", "rounding", "elementary", "trigonometric",
  "hyperbolic", "special", "rectifier", "hardUnits", "gates", "activation", "gated", "extremes", "reduction", "norm", "moments",
  "shaping", "joining", "indexing", "parts", "turning", "padding", "diagonals", "scan", "ordering", "linalg", "factorisation",
  "cofactors", "solving", "triangular", "determinant", "equation", "einsum", "windows", "convolution", "convTranspose", "poolAxes",
  "pooling", "composite",
]; // prettier-ignore

describe("packages/core, bottom to top", () => {
  const loads = importsOf("core").filter((each) => isRelative(each) && each.kind === "load");
  const layerOf = (file: string): number => layers.findIndex((layer) => layer.test(file));

  test("no layer is empty", () => {
    expect([...new Set(sourcesOf("core").map(layerOf))].sort()).toEqual(layers.map((_, i) => i));
  });

  test("files load their own layer and lower ones", () => {
    const up = loads.filter((each) => layerOf(target(each)) > layerOf(each.from));
    expect(up.map(show)).toEqual([]);
  });

  test("a family of operators loads only the families before it", () => {
    const place = (file: string): number => families.indexOf(/^ops\/(\w+)\.ts$/.exec(file)?.[1] ?? "");
    const up = loads.filter((each) => place(each.from) >= 0 && place(target(each)) > place(each.from));
    expect(up.map(show)).toEqual([]);
  });
});
