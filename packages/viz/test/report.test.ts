/** Reports: one file that needs nothing else, in which texts are texts and pictures do not disturb each other. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { costCurves, htmlReport, networkDrawing, type Report } from "@cotangent/viz";
import { faultsIn, readXml } from "./xml.js";

/** The page as XML: the few elements that HTML leaves open are closed, the document type goes. */
function elementsOf(html: string): ReturnType<typeof readXml> {
  expect(html.startsWith("<!doctype html>\n")).toBe(true);
  return readXml(html.replace("<!doctype html>\n", "").replace(/<(meta)([^>]*)>/g, "<$1$2/>"));
}

const textsOf = (html: string, name: string): string[] =>
  elementsOf(html)
    .filter((element) => element.name === name)
    .map(({ text }) => text);

const text = fc.string({
  unit: fc.constantFrom("a", " ", "<", ">", "&", '"', "'", "é", "</p>", "<script>", "$&", "$1", "&lt;"),
  maxLength: 8,
});
const reports: fc.Arbitrary<Report> = fc.record({
  title: text,
  intro: fc.option(text, { nil: undefined }),
  footer: fc.option(text, { nil: undefined }),
  sections: fc.array(
    fc.record({
      title: text,
      text: fc.option(text, { nil: undefined }),
      table: fc.option(
        fc.record({
          columns: fc.array(text, { maxLength: 3 }),
          rows: fc.array(fc.array(text, { maxLength: 3 }), { maxLength: 3 }),
        }),
        { nil: undefined },
      ),
      figures: fc.option(
        fc.array(fc.record({ svg: fc.constant("<svg><g/></svg>"), caption: text }), { maxLength: 2 }),
        { nil: undefined },
      ),
    }),
    { maxLength: 3 },
  ),
});

describe("htmlReport", () => {
  test("shows every text as it was given, in order", () => {
    fc.assert(
      fc.property(reports, (report) => {
        const html = htmlReport(report);
        const { title, intro, footer, sections } = report;
        expect([...textsOf(html, "title"), ...textsOf(html, "h1")]).toEqual([title, title]);
        expect(textsOf(html, "h2")).toEqual(sections.map((section) => section.title));
        expect(textsOf(html, "a")).toEqual(sections.map((section) => section.title));
        const paragraphs = [intro, ...sections.map((section) => section.text)].filter((each) => each !== undefined);
        expect(textsOf(html, "p")).toEqual(paragraphs);
        expect(textsOf(html, "footer")).toEqual(footer === undefined ? [] : [footer]);
        const tables = sections.flatMap(({ table }) => (table === undefined ? [] : [table]));
        expect(textsOf(html, "table").length).toBe(tables.length);
        expect(textsOf(html, "th")).toEqual(tables.flatMap(({ columns }) => columns));
        expect(textsOf(html, "td")).toEqual(tables.flatMap(({ rows }) => rows.flat()));
        const captions = sections.flatMap(({ figures = [] }) => figures.map(({ caption }) => caption));
        expect(textsOf(html, "figcaption")).toEqual(captions);
        const labels = elementsOf(html).filter(({ name }) => name === "figure");
        expect(labels.map(({ attributes }) => attributes["aria-label"])).toEqual(captions);
        expect(textsOf(html, "script")).toEqual([]);
        expect(htmlReport(report)).toBe(html);
      }),
    );
  });

  test("columns of words stand to the left, columns of figures to the right", () => {
    const table = { columns: ["model", "loss", "seconds"], rows: [["[0].bias", "-1e-3", "–"], ["a 1", "(0.1, 2)", "3"]] }; // prettier-ignore
    const elements = elementsOf(htmlReport({ title: "t", sections: [{ title: "a", table }] }));
    const left = elements.filter(({ attributes }) => attributes["class"] === "text").map(({ name }) => name);
    expect(left).toEqual(["th", "td", "td"]);
    const rows = elements.filter(({ name }) => name === "th" || name === "td");
    expect(rows.map(({ attributes }) => attributes["class"] === "text")).toEqual([true, false, false, true, false, false, true, false, false]); // prettier-ignore
  });

  test("links to every section", () => {
    const html = htmlReport({ title: "t", sections: [{ title: "a" }, { title: "b" }, { title: "a" }] });
    const elements = elementsOf(html);
    const targets = elements.filter(({ name }) => name === "a").map(({ attributes }) => attributes["href"]);
    const ids = elements.filter(({ name }) => name === "section").map(({ attributes }) => `#${attributes["id"]}`);
    expect(targets).toEqual(ids);
    expect(new Set(ids).size).toBe(3);
  });

  test("with real pictures needs nothing from elsewhere, and no two ids are the same", async () => {
    const curves = await costCurves({ title: "a", series: [{ name: "s", costs: [3, 2, 1] }] });
    const figures = [
      { svg: curves, caption: "one" },
      { svg: curves, caption: "the same" },
      { svg: networkDrawing({ title: "n", sizes: [2, 3, 1] }), caption: "a network" },
    ];
    const html = htmlReport({ title: "t", sections: [{ title: "a", figures }, { title: "b", figures }] }); // prettier-ignore
    expect(faultsIn(html)).toEqual([]);
    const elements = elementsOf(html);
    expect(elements.filter(({ name }) => name === "svg").length).toBe(6);
    const ids = elements.flatMap(({ attributes }) => attributes["id"] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const used = [...html.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id!);
    expect(used.length).toBeGreaterThanOrEqual(4);
    for (const id of used) expect(ids).toContain(id);
  });

  test("renames ids where they are made and where they are used, and only there", () => {
    const svg =
      '<svg><defs><clipPath id="c"/></defs><g clip-path="url(#c)" data-id="c"><use href="#c"/><use xlink:href="#c"/></g><text>id=c #c</text></svg>';
    const html = htmlReport({ title: "t", sections: [{ title: "a", figures: [{ svg, caption: "" }] }] });
    const attributes = elementsOf(html).map((element) => element.attributes);
    const id = elementsOf(html).find(({ name }) => name === "clipPath")!.attributes["id"]!;
    expect(id).not.toBe("c");
    expect(attributes.flatMap((each) => each["clip-path"] ?? [])).toEqual([`url(#${id})`]);
    expect(attributes.flatMap((each) => each["xlink:href"] ?? [])).toEqual([`#${id}`]);
    expect(attributes.flatMap((each) => each["href"] ?? [])).toEqual(["#s0", `#${id}`]);
    expect(textsOf(html, "text")).toEqual(["id=c #c"]);
  });

  test("leaves attributes alone whose names only end in id", () => {
    const svg = '<svg data-id="c"/>';
    const html = htmlReport({ title: "t", sections: [{ title: "a", figures: [{ svg, caption: "" }] }] });
    expect(elementsOf(html).find(({ name }) => name === "svg")!.attributes["data-id"]).toBe("c");
  });
});
