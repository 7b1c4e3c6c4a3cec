/**
 * koffi, if it is installed: an optional peer that calls C libraries from Node. It is asked for at run time only, so that
 * no bundler sees it.
 * @module
 */
import type { LibraryHandle } from "koffi";
import { ArgumentError } from "../errors.js";

/** What of koffi is used here. */
export interface Koffi {
  load(path: string): LibraryHandle;
}

/** What of Node is used here. */
interface Machine {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  getBuiltinModule?(name: string): unknown;
}

interface Modules {
  createRequire(from: string): (name: string) => unknown;
}

/** Node's `process`; `undefined` in a browser. */
export function machine(): Machine | undefined {
  return (globalThis as { readonly process?: Machine }).process;
}

/** @throws {@link ArgumentError} where there is no Node, or no koffi that works */
export function loadKoffi(): Koffi {
  const here = machine();
  const modules = here?.getBuiltinModule?.("node:module") as Modules | undefined;
  if (here === undefined || modules === undefined)
    throw new ArgumentError(
      "useBlas: expected Node 20.16 or newer, which can call C libraries, got a browser or another engine; matrix products run in WebAssembly here",
    );
  // Beside this package first; a bundle has lost its place, and asks where the program was started.
  const places = [(import.meta as { readonly url?: string }).url, `${here.cwd()}/package.json`];
  let failure: unknown;
  for (const place of places) {
    if (place === undefined) continue;
    try {
      const found = modules.createRequire(place)("koffi") as Partial<Koffi>;
      if (typeof found.load === "function") return found as Koffi;
      failure ??= new Error("it has no function load");
    } catch (error) {
      if (!isMissing(error)) failure ??= error;
    }
  }
  if (failure === undefined)
    throw new ArgumentError(
      "useBlas: expected the package koffi, which calls C libraries and is not installed; run npm install koffi",
    );
  throw new ArgumentError(
    `useBlas: expected koffi to load on this platform, got "${textOf(failure)}"; run npm install koffi again, with optional packages`,
    { cause: failure },
  );
}

function isMissing(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return code === "MODULE_NOT_FOUND" && String(message).includes("'koffi'");
}

/** The message of an error, on one line. */
export function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
}
