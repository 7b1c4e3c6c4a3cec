// Formulas between dollar signs as MathML, which browsers show without fonts, styles or scripts of ours.
import temml from "temml";

/** MathML of a formula in the notation of TeX. A malformed one is an error. */
export function math(formula) {
  return temml.renderToString(formula, { throwOnError: true });
}

/** A plugin of markdown-it that shows formulas. */
export function formulas(markdown) {
  markdown.inline.ruler.before("escape", "formula", (state, silent) => {
    const { src, pos, posMax } = state;
    const end = src[pos] === "$" ? src.indexOf("$", pos + 1) : -1;
    if (end <= pos + 1 || end >= posMax) return false;
    if (!silent) state.push("formula", "math", 0).content = src.slice(pos + 1, end);
    state.pos = end + 1;
    return true;
  });
  markdown.renderer.rules.formula = (tokens, index) => math(tokens[index].content);
}
