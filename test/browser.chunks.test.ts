/** In Chromium: what of a bundle is loaded when. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { large, type Work } from "./browser/chunks.js";
import { launch, missing, serve, type Site } from "./browser/serve.js";

const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
type Here = typeof globalThis & { work: Work; made: number };

describe.skipIf(missing)("in Chromium", () => {
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    browser = await launch();
    site = await serve("test/browser/chunks.ts", [{ headers: isolation }]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  /** A new page that counts how many WebAssembly modules it makes. */
  async function open(): Promise<Page> {
    const page = await browser.newPage();
    await page.addInitScript(() => {
      const here = globalThis as unknown as { WebAssembly: { Module: new (bytes: unknown) => object }; made: number };
      const { Module } = here.WebAssembly;
      here.made = 0;
      here.WebAssembly.Module = class extends Module {
        constructor(bytes: unknown) {
          super(bytes);
          here.made++;
        }
      };
    });
    site.asked.length = 0;
    await page.goto(`${site.address}/0/`);
    return page;
  }
  const made = (page: Page): Promise<number> => page.evaluate(() => (globalThis as unknown as Here).made);
  const run = (page: Page): Promise<string> => page.evaluate(() => (globalThis as unknown as Here).work.large());

  test("logistic regression with core alone loads one file", async () => {
    const logistic = await serve("scripts/pages/logistic.mjs", [{}]);
    const page = await browser.newPage();
    await page.goto(`${logistic.address}/0/`);
    const { document } = globalThis as { document?: unknown };
    const body = { textContent: "" };
    Object.assign(globalThis, { document: { body } });
    await import("../scripts/pages/logistic.mjs");
    Object.assign(globalThis, { document });
    expect(body.textContent).toMatch(/^tensor\(0\.\d+\)$/);
    expect(await page.textContent("body")).toBe(body.textContent);
    expect(logistic.asked).toEqual([0]);
    await page.close();
    logistic.close();
  });

  test("large work asks for WebAssembly, and is done without it until it is there, with the same bits", async () => {
    const page = await open();
    expect(site.asked).toEqual([0]);
    expect(await run(page)).toBe(large());
    expect(await made(page)).toBe(0);
    await page.waitForLoadState("networkidle");
    expect(site.asked.length).toBeGreaterThan(1);
    expect(await run(page)).toBe(large());
    expect(await made(page)).toBeGreaterThan(0);
    await page.close();
  });

  test("awaiting one thread waits for WebAssembly, and awaiting two for threads too", async () => {
    const page = await open();
    const threads = (n: number): Promise<number> =>
      page.evaluate((n) => (globalThis as unknown as Here).work.threads(n), n);
    const inWasm = (): Promise<string> => page.evaluate(() => (globalThis as unknown as Here).work.largeInWasm());
    expect(await threads(1)).toBe(1);
    const forOne = site.asked.length;
    expect(forOne).toBeGreaterThan(1);
    expect(await inWasm()).toBe(large());
    expect(await threads(2)).toBe(2);
    expect(site.asked.length).toBeGreaterThan(forOne);
    expect(await inWasm()).toBe(large());
    await page.evaluate(() => (globalThis as unknown as Here).work.stop());
    await page.close();
  });
});
