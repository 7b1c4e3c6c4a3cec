const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text made safe inside XML and HTML, attributes included. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Text made safe for Graphviz's HTML-like labels, in which a backslash would begin an escape. */
export const escapeLabel = (text: string): string => escapeXml(text).replaceAll("\\", "\\\\");
