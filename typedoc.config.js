import { OptionDefaults } from "typedoc";
import { formulas } from "./scripts/math.mjs";

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  entryPoints: [
    "packages/core/src/index.ts",
    "packages/core/src/check/index.ts",
    "packages/nn/src/index.ts",
    "packages/optim/src/index.ts",
    "packages/optim/src/node/index.ts",
    "packages/data/src/index.ts",
    "packages/data/src/node/index.ts",
    "packages/viz/src/index.ts",
  ],
  projectDocuments: ["docs/operators/all.md"],
  tsconfig: "tsconfig.docs.json",
  out: "docs/api",
  name: "Cotangent",
  blockTags: [...OptionDefaults.blockTags, "@derivative", "@kink"],
  markdownItLoader: formulas,
  customCss: "docs/reference.css",
  hideGenerator: true,
  excludeInternal: true,
  excludePrivate: true,
  treatWarningsAsErrors: true,
  disableGit: true,
  sourceLinkTemplate: "{path}#L{line}",
};
