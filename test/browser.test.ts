/** In Chromium: the same bits as in Node, under content policies that forbid more and more, with and without shared memory. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../scripts/bundle.mjs";
import { large, type Results } from "./browser/page.js";
import { bytesOf, golden } from "./golden.js";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const missing = executablePath === undefined && process.env["CI"] === undefined;
if (missing)
  console.warn("The tests in a browser are left out: there is no Chromium in /usr/bin (apt-get install chromium).");

interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly isolated: boolean;
  /** What `withBackend` says to "wasm" when its code has been waited for; `null`: it computes. */
  readonly refusal: RegExp | null;
  /** Whether only the first file of the bundle is served. */
  readonly alone?: boolean;
  /** What the library says there, in order. */
  readonly notices: readonly RegExp[];
}

const policy = (sources: string): Record<string, string> => ({ "Content-Security-Policy": `script-src ${sources}` });
/** What `withBackend` says to "wasm" until its code is there. */
const early = /^ArgumentError: withBackend: expected the code of "wasm" to be here/;
const noText = /^Cotangent: functions cannot be made from text here/;

const pages: Readonly<Record<string, Page>> = {
  "an ordinary page": { headers: {}, isolated: false, refusal: null, notices: [] },
  "an isolated page, which has shared memory": {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
    isolated: true,
    refusal: null,
    notices: [],
  },
  "a policy that permits WebAssembly, but no functions made from text": {
    headers: policy("'self' 'wasm-unsafe-eval'"),
    isolated: false,
    refusal: null,
    notices: [noText],
  },
  "a policy that forbids WebAssembly too": {
    headers: policy("'self'"),
    isolated: false,
    refusal: /expected an engine with WebAssembly/,
    notices: [noText, /^Cotangent: WebAssembly with 128-bit lanes is missing here or forbidden by a policy/],
  },
  "a bundle of which only the first file is served": {
    headers: {},
    isolated: false,
    refusal: early,
    notices: [/^Cotangent: the WebAssembly backend could not be loaded \(/],
    alone: true,
  },
};
const names = Object.keys(pages);
const timeout = 300_000;

describe.skipIf(missing)("in Chromium", () => {
  let browser: Browser;
  let server: Server;
  let address: string;

  beforeAll(async () => {
    const chunks = await bundle(fileURLToPath(new URL("browser/page.ts", import.meta.url)));
    server = createServer(({ url }, response) => {
      const { headers = {}, alone = false } = pages[names[Number(/^\/(\d)\//.exec(url!)?.[1] ?? -1)] ?? ""] ?? {};
      const script = chunks.find(({ fileName }, j) => url!.endsWith(`/${fileName}`) && !(alone && j > 0))?.code;
      const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${chunks[0]!.fileName}"></script>`;
      response.writeHead(200, { "Content-Type": script === undefined ? "text/html" : "text/javascript", ...headers });
      response.end(script ?? html);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // Only this path is tried: playwright-core has no browser of its own.
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ["--no-sandbox", "--disable-background-networking"],
    });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test.each(names.map((name, i) => [name, i] as const))("%s", { timeout }, async (name, i) => {
    const { isolated, refusal, notices } = pages[name]!;
    const page = await browser.newPage();
    const said: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "warning") said.push(message.text());
    });
    const errors: Error[] = [];
    page.on("pageerror", (error) => errors.push(error));
    // The page loads as long as it computes, which takes its time on the reference backend.
    await page.goto(`${address}/${i}/`, { timeout });
    const results = await page.evaluate(() => (globalThis as unknown as { results: Promise<Results> }).results);
    expect(errors).toEqual([]);
    expect(results.isolated).toBe(isolated);
    expect(results.threads).toBe(isolated ? 2 : 1);
    expect(results.refusals[0]).toMatch(early);
    if (refusal === null) expect(results.refusals[1]).toBeNull();
    else expect(results.refusals[1]).toMatch(refusal);
    const compiled = Object.fromEntries(Object.entries(golden).map(([key, hash]) => [`${key}, compiled`, hash]));
    const ofLarge = createHash("sha256")
      .update(bytesOf([large()]))
      .digest("hex")
      .slice(0, 16);
    const larges = {
      large: ofLarge,
      "large, compiled": ofLarge,
      "large, again": ofLarge,
      "large, WebAssembly waited for": ofLarge,
    };
    expect(results.hashes).toEqual({ ...larges, ...golden, ...compiled });
    expect(said).toHaveLength(notices.length);
    notices.forEach((notice, j) => expect(said[j]).toMatch(notice));
    await page.close();
  });
});
