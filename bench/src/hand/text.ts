/** WebAssembly text, put together function by function: locals get names, constants an address. @module */
import compileWat from "watr/compile";

/** What is used of WebAssembly's interface, which is no part of the language's types. */
interface WasmApi {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}
const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;

type LocalType = "i32" | "f32" | "v128";

/** A local that changes. */
export interface Variable {
  readonly get: string;
  set(value: string): void;
}

export const int = (n: number): string => `(i32.const ${n})`;
export const plus = (address: string, n: number): string => (n === 0 ? address : `(i32.add ${address} ${int(n)})`);
export const add = (a: string, b: string): string => `(f32x4.add ${a} ${b})`;
export const sub = (a: string, b: string): string => `(f32x4.sub ${a} ${b})`;
export const mul = (a: string, b: string): string => `(f32x4.mul ${a} ${b})`;
export const div = (a: string, b: string): string => `(f32x4.div ${a} ${b})`;
export const min = (a: string, b: string): string => `(f32x4.pmin ${a} ${b})`;
export const max = (a: string, b: string): string => `(f32x4.pmax ${a} ${b})`;
export const and = (a: string, b: string): string => `(v128.and ${a} ${b})`;
export const zeros = "(v128.const i64x2 0 0)";
/** Four floats from `address` plus bytes. */
export const load = (address: string, offset = 0): string => `(v128.load offset=${offset} ${address})`;
/** One float from there in all four lanes. */
export const splat = (address: string, offset = 0): string => `(v128.load32_splat offset=${offset} ${address})`;
/** The sum of the lanes as a float; by pairs. */
export const across = (v: string): string =>
  `(f32.add (f32.add (f32x4.extract_lane 0 ${v}) (f32x4.extract_lane 1 ${v})) (f32.add (f32x4.extract_lane 2 ${v}) (f32x4.extract_lane 3 ${v})))`;

/** The body of one exported function without parameters. */
export class Routine {
  readonly #lines: string[] = [];
  readonly #locals: string[] = [];

  constructor(readonly module: StepModule) {}

  push(line: string): void {
    this.#lines.push(line);
  }

  variable(type: LocalType, start?: string): Variable {
    const name = `$l${this.#locals.length}`;
    this.#locals.push(`(local ${name} ${type})`);
    const set = (value: string): void => this.push(`(local.set ${name} ${value})`);
    if (start !== undefined) set(start);
    return { get: `(local.get ${name})`, set };
  }

  /** Names a vector, so that it is computed once. */
  let(value: string): string {
    return this.variable("v128", value).get;
  }

  /** Names the vector that instructions leave, operands first. */
  letSteps(instructions: readonly string[]): string {
    const { get } = this.variable("v128");
    this.push(`${instructions.join(" ")} ${get.slice(1, -1).replace("get", "set")}`);
    return get;
  }

  store(address: string, value: string, offset = 0): void {
    this.push(`(v128.store offset=${offset} ${address} ${value})`);
  }

  /** Runs `body` for `start`, `start + step`, … below `end`, which is more than `start`; `advance` takes further steps along. */
  loop(start: string, end: string, step: number, body: (i: string) => void): void {
    const i = this.variable("i32", start);
    const label = `$loop${this.#locals.length}`;
    this.push(`(loop ${label}`);
    body(i.get);
    i.set(plus(i.get, step));
    this.push(`(br_if ${label} (i32.lt_u ${i.get} ${end})))`);
  }

  text(name: string, result: string | null): string {
    const type = result === null ? "" : "(result f32)";
    const lines = [...this.#locals, ...this.#lines, ...(result === null ? [] : [result])];
    return `(func (export "${name}") ${type}\n${lines.join("\n")})`;
  }
}

const constantBytes = 16;
const constantsAtMost = 64;

/** A training step in the making: its memory, its constants, its functions. */
export class StepModule {
  readonly #functions: string[] = [];
  readonly #constants = new Map<number, number>();
  #end = constantBytes * constantsAtMost;
  /** Holds 0, which is no address of anything; engines cannot know. */
  readonly never = this.allocate(1);

  /** Where `floats` floats will lie, 64-byte aligned and zero at first. */
  allocate(floats: number): number {
    const address = this.#end;
    // One line more than needed, so that arrays of a power of two do not all fall upon the same lines of the cache.
    this.#end += Math.ceil((4 * floats) / 64) * 64 + 64;
    return address;
  }

  /** Four lanes of these bits, from memory: engines build constants anew wherever they are used. */
  bits(value: number): string {
    const at = this.#constants.get(value >>> 0) ?? this.#constants.size;
    if (at === constantsAtMost) throw new Error("more constants than there is room for");
    this.#constants.set(value >>> 0, at);
    return load(int(0), at * constantBytes);
  }

  constant(value: number): string {
    return this.bits(new Uint32Array(Float32Array.of(value).buffer)[0]!);
  }

  /** Adds a function; `body` returns its result, a float, or `null`. */
  routine(name: string, body: (routine: Routine) => string | null): void {
    const routine = new Routine(this);
    this.#functions.push(routine.text(name, body(routine)));
  }

  build(): { readonly memory: Float32Array; readonly functions: Readonly<Record<string, () => number>> } {
    const pages = Math.ceil(this.#end / 65536) + 1;
    const text = `(module (memory (export "memory") ${pages})\n${this.#functions.join("\n")})`;
    const { exports } = new wasm.Instance(new wasm.Module(compileWat(text) as Uint8Array));
    const { memory, ...functions } = exports as { readonly memory: { readonly buffer: ArrayBuffer } };
    const { buffer } = memory;
    const words = new Uint32Array(buffer);
    for (const [bits, at] of this.#constants) words.fill(bits, at * 4, at * 4 + 4);
    return {
      memory: new Float32Array(buffer),
      functions: functions as unknown as Readonly<Record<string, () => number>>,
    };
  }
}

const lanes = (a: string, b: string, ...which: readonly [number, number, number, number]): string =>
  `(i8x16.shuffle ${which.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)).join(" ")} ${a} ${b})`;
export { lanes as shuffle };

/** The four sums of the lanes of four vectors. */
export function transposedSums(r: Routine, vectors: readonly string[]): string {
  const [a, b, c, d] = vectors.map((v) => r.let(v)) as [string, string, string, string];
  const first = r.let(add(lanes(a, b, 0, 4, 1, 5), lanes(a, b, 2, 6, 3, 7)));
  const second = r.let(add(lanes(c, d, 0, 4, 1, 5), lanes(c, d, 2, 6, 3, 7)));
  return r.let(add(lanes(first, second, 0, 1, 4, 5), lanes(first, second, 2, 3, 6, 7)));
}
