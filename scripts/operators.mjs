// Reads the operators and what their docstrings say, and writes the pages of the reference about them: one for each
// family, and one of all. `npm run docs` runs this before it builds the reference.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { root } from "./run-child.mjs";

const folder = join(root, "packages/core/src/ops");
const target = join(root, "docs/operators");

/** The files of each family, in the order of the pages. */
const families = {
  Arithmetic: ["arithmetic.ts"],
  Comparisons: ["comparisons.ts"],
  Piecewise: ["piecewise.ts"],
  Rounding: ["rounding.ts"],
  Elementary: ["elementary.ts"],
  Trigonometric: ["trigonometric.ts"],
  Hyperbolic: ["hyperbolic.ts"],
  "Special functions": ["special.ts"],
  Activations: ["activation.ts", "rectifier.ts", "hardUnits.ts", "gated.ts"],
  Reductions: ["reduction.ts", "extremes.ts", "moments.ts", "norm.ts"],
  "Scans and ordering": ["scan.ts", "ordering.ts"],
  Shape: ["linear.ts", "shaping.ts", "joining.ts", "parts.ts", "turning.ts", "padding.ts", "diagonals.ts"],
  Indexing: ["indexing.ts"],
  "Linear algebra": ["linalg.ts", "einsum.ts", "solving.ts", "triangular.ts", "determinant.ts"],
  "Convolutions and pools": ["convolution.ts", "convTranspose.ts", "pooling.ts"],
};

/** Operators that stand in a file of another family, because files may only load those before them. */
const strays = { sum: "Reductions", prod: "Reductions", stopGradient: "Shape" };

function familyOf(name, file) {
  const family = strays[name] ?? Object.keys(families).find((each) => families[each].includes(file));
  if (family === undefined)
    throw new Error(`${name}: expected a family for ops/${file}; name the file in scripts/operators.mjs`);
  return family;
}

function oneLine(text) {
  return text.replace(/\s+/g, " ").trim();
}

/** Up to the first full stop outside of formulas and code; nothing if there is none. */
export function firstSentence(text) {
  return /^(?:\$[^$]*\$|`[^`]*`|[^$`])*?\.(?=\s|$)/.exec(oneLine(text))?.[0] ?? "";
}

function signatureOf(checker, symbol) {
  const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
  const parameters = signature.parameters.map((parameter) => {
    const { dotDotDotToken, questionToken } = parameter.valueDeclaration;
    return `${dotDotDotToken ? "…" : ""}${parameter.name}${questionToken ? "?" : ""}`;
  });
  return `${symbol.name}(${parameters.join(", ")})`;
}

/** The public operators, in the order of the families, files and lines. */
export function readOperators() {
  const index = join(folder, "index.ts");
  const { config } = ts.readConfigFile(join(root, "tsconfig.docs.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([index], options);
  const checker = program.getTypeChecker();
  const exports = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index)));
  const operators = exports.flatMap((exported) => {
    const alias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = alias ? checker.getAliasedSymbol(exported) : exported;
    if ((symbol.flags & ts.SymbolFlags.Value) === 0) return [];
    const file = basename(symbol.valueDeclaration.getSourceFile().fileName);
    const tags = symbol.getJsDocTags(checker);
    const tag = (name) => oneLine(ts.displayPartsToString(tags.find((each) => each.name === name)?.text ?? []));
    return {
      name: symbol.name,
      signature: signatureOf(checker, symbol),
      family: familyOf(symbol.name, file),
      place: Object.values(families).flat().indexOf(file) * 1e6 + symbol.valueDeclaration.pos,
      summary: firstSentence(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
      derivative: tag("derivative"),
      shapes: tag("returns") !== "" || ts.displayPartsToString(symbol.getDocumentationComment(checker)).includes("`["),
      kink: tag("kink"),
      example: tags.some((each) => each.name === "example"),
    };
  });
  return operators.sort((a, b) => a.place - b.place);
}

/** The docstring at the top of a file. */
function introductionOf(file) {
  const text = /^\/\*\*\n([\s\S]*?) \* @module/.exec(readFileSync(join(folder, file), "utf8"))?.[1];
  if (text === undefined) throw new Error(`ops/${file}: expected a docstring with @module at its top`);
  return oneLine(text.replace(/^ \* ?/gm, ""));
}

const legend = `A bar marks a cotangent: $\\bar y$ comes from the result, $\\bar x$ goes back to the operand. *Flat* means that the
derivative is 0 everywhere. What broadcasting stretched gets the sum of the cotangents over the stretched axes. What
lets NaN through lets the cotangent through too. Each operator's own page has its domain, shapes, errors and an example.`;

function cell(text) {
  return text.replaceAll("|", "\\|");
}

function tableOf(operators) {
  const rows = operators.map(
    ({ name, signature, summary, derivative, kink }) =>
      `| {@link @cotangent/core!${name} ${signature}} | ${cell(summary)} | ${cell(derivative)} | ${cell(kink)} |`,
  );
  return ["| Operator | Formula | Derivative | At kinks, ties and edges |", "| - | - | - | - |", ...rows].join("\n");
}

function fileOf(family) {
  return `${family.toLowerCase().replaceAll(" ", "-")}.md`;
}

/** The pages by file name. */
export function pagesOf(operators) {
  const names = Object.keys(families);
  const pages = names.map((family) => {
    const introductions = families[family].map(introductionOf).join("\n\n");
    const own = operators.filter((operator) => operator.family === family);
    return [
      fileOf(family),
      `---\ntitle: ${family}\n---\n\n# ${family}\n\n${introductions}\n\n${legend}\n\n${tableOf(own)}\n`,
    ];
  });
  const children = names.map((family) => `  - ./${fileOf(family)}\n`).join("");
  const counted = `All ${operators.length} operators, family by family; each is a function and, where its first parameter is a tensor, a method.`;
  const parts = names.map((family) => {
    const own = operators.filter((operator) => operator.family === family);
    return `## ${family}\n\n${tableOf(own)}\n`;
  });
  const all = `---\ntitle: All operators\nchildren:\n${children}---\n\n# All operators\n\n${counted}\n\n${legend}\n\n${parts.join("\n")}`;
  return new Map([["all.md", all], ...pages]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [file, text] of pagesOf(readOperators())) writeFileSync(join(target, file), text);
}
