/** Reads XML as strictly as tests need it: nesting, quoting, escaping, and each attribute once. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text directly inside, entities resolved. */
  text: string;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(#x?[0-9a-f]+|\w+);|[&<]/gi, (found, name: string | undefined) => {
    if (name === undefined) throw new Error(`${JSON.stringify(found)} stands unescaped in ${text.slice(0, 80)}`);
    if (/^#x/i.test(name)) return String.fromCodePoint(parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    if (!(name in entities)) throw new Error(`XML knows no entity ${found}`);
    return entities[name]!;
  });
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const rest = text.replace(
    /\s+([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
    (_all, name: string, a?: string, b?: string) => {
      if (name in found) throw new Error(`the attribute ${name} stands twice in <${text}>`);
      found[name] = plain(a ?? b ?? "");
      return "";
    },
  );
  if (rest.trim() !== "") throw new Error(`${JSON.stringify(rest)} is no attribute in <${text}>`);
  return found;
}

/** The elements in the order in which they start. Throws where the text is not well-formed XML with one root. */
export function readXml(xml: string): Element[] {
  const elements: Element[] = [];
  const open: Element[] = [];
  const token = /<!--[\s\S]*?-->|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
  while (token.lastIndex < xml.length) {
    const start = token.lastIndex;
    const match = token.exec(xml);
    if (match === null) throw new Error(`no markup and no text: ${xml.slice(start, start + 80)}`);
    const [, closing, name, attributes, empty, text] = match;
    if (text !== undefined) {
      if (open.length > 0) open.at(-1)!.text += plain(text);
      else if (text.trim() !== "") throw new Error(`text outside of the root: ${text.slice(0, 80)}`);
    } else if (closing === "/") {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes what was not open`);
    } else if (name !== undefined) {
      if (open.length === 0 && elements.length > 0) throw new Error(`<${name}> is a second root`);
      const element = { name, attributes: attributesOf(attributes ?? ""), text: "" };
      elements.push(element);
      if (empty !== "/") open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  return elements;
}

/** What in a picture or page would be fetched from elsewhere, run, or is no number where one belongs. */
export function faultsIn(xml: string): string[] {
  const withoutNames = xml.replace(/ xmlns(:\w+)?="[^"]*"/g, "");
  return [
    ...(withoutNames.match(/\bhttps?:[^"' <]*|\/\/[\w.]+\/|@import[^;]*|<script|javascript:|\son\w+=/gi) ?? []),
    ...(withoutNames.match(/\b(?:href|src)="(?!#|data:)[^"]*"|url\((?!#)[^)]*\)/g) ?? []),
    ...(withoutNames.match(/[\w-]+="[^"]*\b(?:NaN|Infinity|undefined)\b[^"]*"/g) ?? []),
  ];
}

/** All texts shown, in order. */
export function textsIn(xml: string): string[] {
  return readXml(xml)
    .filter(({ name }) => name === "text" || name === "tspan")
    .map(({ text }) => text)
    .filter((text) => text !== "");
}
