/**
 * Reports as one self-contained HTML file.
 * @module
 */
import { checkOptions } from "@cotangent/core";
import { escapeXml } from "./escape.js";
import { checkList } from "./lists.js";

/** A picture with what it shows. */
export interface Figure {
  readonly svg: string;
  readonly caption: string;
}

/** A table of texts. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A part of a report. */
export interface Section {
  readonly title: string;
  readonly text?: string | undefined;
  readonly table?: Table | undefined;
  readonly figures?: readonly Figure[] | undefined;
}

/** What `htmlReport` takes. */
export interface Report {
  readonly title: string;
  readonly intro?: string | undefined;
  readonly sections: readonly Section[];
  readonly footer?: string | undefined;
}

const style = `
:root { color-scheme: light dark; --text: #1c1c1c; --page: #fafafa; --line: #d8d8d8; --soft: #5a5a5a; }
@media (prefers-color-scheme: dark) { :root { --text: #ececec; --page: #17181a; --line: #3a3c40; --soft: #a9adb3; } }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 66rem; margin: 0 auto; padding: 2rem 1.2rem 4rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
th { white-space: normal; vertical-align: bottom; } th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: right; } td { white-space: nowrap; } .text { text-align: left; }
figure { margin: 1.2rem 0; background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: .8rem; break-inside: avoid; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; display: block; margin: 0 auto; } figcaption { color: #444; font-size: .9rem; margin-top: .5rem; }
nav a { margin-right: 1rem; } footer { margin-top: 3rem; color: var(--soft); font-size: .9rem; }
`;

/** Ids of several pictures in one page must not meet: clip paths and gradients would be mixed up. */
function uniqueIds(svg: string, prefix: string): string {
  return svg
    .replace(/(\s)id="([^"]+)"/g, `$1id="${prefix}$2"`)
    .replace(/url\(#([^)]+)\)/g, `url(#${prefix}$1)`)
    .replace(/(xlink:href|href)="#([^"]+)"/g, `$1="#${prefix}$2"`);
}

/**
 * One HTML file with everything in it: no scripts, no references to anything outside.
 *
 * @throws `ArgumentError` if the title or the sections are missing
 * @example
 * ```ts
 * import { htmlReport } from "@cotangent/viz";
 * htmlReport({ title: "a < b", sections: [] }).includes("<h1>a &lt; b</h1>"); // → true
 * ```
 */
export function htmlReport(report: Report): string {
  checkOptions("htmlReport", report, ["title", "intro", "sections", "footer"], ["title", "sections"]);
  const { title, intro, sections, footer } = report;
  checkList("htmlReport", "sections", sections);
  const links = sections.map(({ title: name }, i) => `<a href="#s${i}">${escapeXml(name)}</a>`);
  const parts = sections.map(({ title: name, text, table, figures = [] }, i) =>
    [
      `<section id="s${i}"><h2>${escapeXml(name)}</h2>`,
      text === undefined ? "" : `<p>${escapeXml(text)}</p>`,
      table === undefined ? "" : htmlTable(table),
      ...figures.map(
        ({ svg, caption }, j) =>
          `<figure role="group" aria-label="${escapeXml(caption)}">${uniqueIds(svg, `f${i}-${j}-`)}<figcaption>${escapeXml(caption)}</figcaption></figure>`,
      ),
      "</section>",
    ].join("\n"),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeXml(title)}</title><style>${style}</style></head>
<body><h1>${escapeXml(title)}</h1>
${intro === undefined ? "" : `<p>${escapeXml(intro)}</p>`}
<nav>${links.join("")}</nav>
${parts.join("\n")}
${footer === undefined ? "" : `<footer>${escapeXml(footer)}</footer>`}
</body></html>
`;
}

/** Figures, lists of them, and the dash for none. */
const numeric = /^[-–(]*\d|^–$/;

/** Columns of figures stand to the right, columns of words to the left. */
function htmlTable({ columns, rows }: Table): string {
  const kinds = columns.map((_, i) => (rows.every((row) => numeric.test(row[i] ?? "")) ? "" : ' class="text"'));
  const head = columns.map((name, i) => `<th scope="col"${kinds[i] ?? ""}>${escapeXml(name)}</th>`).join("");
  const body = rows
    .map((row) => `<tr>${row.map((cell, i) => `<td${kinds[i] ?? ""}>${escapeXml(cell)}</td>`).join("")}</tr>`)
    .join("\n");
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}
