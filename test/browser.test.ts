/** In Chromium: the same bits as in Node, under content policies that forbid more and more, with and without shared memory. */
import { createHash } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { large, type Results } from "./browser/page.js";
import { launch, missing, serve, type Serving, type Site } from "./browser/serve.js";
import { bytesOf, golden } from "./golden.js";

interface Page extends Serving {
  readonly isolated: boolean;
  /** What `withBackend` says to "wasm" when its code has been waited for; `null`: it computes. */
  readonly refusal: RegExp | null;
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
    notices: [
      /^Cotangent: functions cannot be made .*, and WebAssembly .* forbidden too, so the slow reference backend does everything/,
    ],
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
  let site: Site;

  beforeAll(async () => {
    site = await serve("test/browser/page.ts", Object.values(pages));
    browser = await launch();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    site?.close();
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
    await page.goto(`${site.address}/${i}/`, { timeout });
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
