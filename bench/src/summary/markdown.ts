/** Tables in Markdown, laid out as prettier does. @module */

export type Align = "left" | "right";

/** The first column to the left, figures to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns?: readonly Align[],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(3, ...all.map((row) => [...row[i]!].length)));
  const align = (i: number): Align => aligns?.[i] ?? (i === 0 ? "left" : "right");
  const cell = (text: string, i: number): string => {
    const space = " ".repeat(widths[i]! - [...text].length);
    return align(i) === "left" ? text + space : space + text;
  };
  const line = (row: readonly string[]): string => `| ${row.map(cell).join(" | ")} |`;
  const rule = widths.map((width, i) => (align(i) === "left" ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** Text between `<!-- name:start -->` and `<!-- name:end -->` replaced; `null` if the marks are not there. */
export function between(text: string, name: string, replacement: string): string | null {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return null;
  return `${text.slice(0, from + start.length)}\n\n${replacement.trim()}\n\n${text.slice(to)}`;
}
