/** Chromium, and a server of bundles for it. */
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { bundle } from "../../scripts/bundle.mjs";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Whether tests in a browser are left out. */
export const missing = executablePath === undefined && process.env["CI"] === undefined;
if (missing)
  console.warn("The tests in a browser are left out: there is no Chromium in /usr/bin (apt-get install chromium).");

export function launch(): Promise<Browser> {
  // Only this path is tried: playwright-core has no browser of its own.
  return chromium.launch({
    executablePath: executablePath!,
    args: ["--no-sandbox", "--disable-background-networking"],
  });
}

/** How pages are served below a folder of their own. */
export interface Serving {
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether only the first file of the bundle is served. */
  readonly alone?: boolean;
}

/** Serves pages of one bundle. */
export interface Site {
  /** Page number `i` is at `address/i/`. */
  readonly address: string;
  /** The files of the bundle that were asked for, in order, by their places in it. */
  readonly asked: number[];
  close(): void;
}

/** Bundles a file, seen from the root of the repository, for pages that are served in different ways. */
export async function serve(file: string, servings: readonly Serving[]): Promise<Site> {
  const chunks = await bundle(fileURLToPath(new URL(`../../${file}`, import.meta.url)));
  const html = `<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="${chunks[0]!.fileName}"></script>`;
  const asked: number[] = [];
  const server = createServer(({ url }, response) => {
    const { headers = {}, alone = false } = servings[Number(/^\/(\d+)\//.exec(url!)?.[1] ?? -1)] ?? {};
    const place = chunks.findIndex(({ fileName }) => url!.endsWith(`/${fileName}`));
    if (place >= 0) asked.push(place);
    const script = alone && place > 0 ? undefined : chunks[place]?.code;
    response.writeHead(200, { "Content-Type": script === undefined ? "text/html" : "text/javascript", ...headers });
    response.end(script ?? html);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, asked, close: () => server.close() };
}
