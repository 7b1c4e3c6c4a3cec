/** Checkpoints: the same bits come back, damage is noticed, and a folder always has its last complete one. */
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { ArgumentError, CotangentError, DataError, tensor, Tensor, zeros } from "@cotangent/core";
import { decodeSafetensors, encodeSafetensors } from "@cotangent/data";
import { latestCheckpoint, loadCheckpoint, saveCheckpoint, saveStep } from "@cotangent/data/node";
import { anyTensor, expectSame } from "./tensors.js";

const root = mkdtempSync(join(tmpdir(), "cotangent-checkpoint-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const fresh = (): string => join(root, String(made++));

async function refusal(run: Promise<unknown>): Promise<Error> {
  const error: unknown = await run.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CotangentError);
  return error as Error;
}

function expectSameTree(actual: unknown, wanted: unknown): void {
  if (wanted instanceof Tensor) {
    expect(actual).toBeInstanceOf(Tensor);
    expectSame(actual as Tensor, wanted);
    expect((actual as Tensor).requiresGrad).toBe(wanted.requiresGrad);
  } else if (typeof wanted !== "object" || wanted === null) expect(actual).toBe(wanted);
  else {
    expect(Array.isArray(actual)).toBe(Array.isArray(wanted));
    expect(Object.keys(actual as object)).toEqual(Object.keys(wanted));
    expect(Object.isFrozen(actual)).toBe(true);
    for (const [key, value] of Object.entries(wanted))
      expectSameTree(Object.getOwnPropertyDescriptor(actual, key)!.value, value);
  }
}

const state = {
  params: { layers: [{ weight: tensor([[1, NaN], [-0, Infinity]], { requiresGrad: true }) }, {}] },
  modelState: undefined,
  optimizer: { step: tensor(3, { dtype: "int32" }), none: [] },
  random: { seed: "1", generator: { c: 1, s0: 0.1, s1: 5e-324, s2: 1 - 2 ** -53 } },
  step: 400,
  cost: null,
  metrics: { best: -Infinity, worst: Infinity, unknown: NaN, gain: -0, ok: true, note: "é\ud800\"" },
}; // prettier-ignore

test("a state comes back to the bit: tensors, variables, plain values, empty trees; frozen", async () => {
  const path = join(fresh(), "new", "state.safetensors");
  await saveCheckpoint(path, state);
  expectSameTree(await loadCheckpoint(path), state);
  expectSameTree(await loadCheckpoint(path, { like: state }), state);
});

test("any state comes back", async () => {
  const key = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom("$", "__proto__", "constructor", "0", "path", "value"),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(anyTensor, fc.double(), fc.string(), fc.boolean(), fc.constantFrom(null, undefined, NaN, -0)),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 3 }),
    ),
  })); // prettier-ignore
  const path = join(fresh(), "any.safetensors");
  await fc.assert(
    fc.asyncProperty(tree, async (any) => {
      try {
        await saveCheckpoint(path, any);
      } catch (error) {
        // Keys with dots may make two paths alike, and strings of half characters are no names.
        expect((error as Error).message).toMatch(/one tensor a path|surrogate|__metadata__/);
        return;
      }
      expectSameTree(await loadCheckpoint(path), any);
    }),
    { numRuns: 200 },
  );
});

test("the file is safetensors, with tensors under their paths", async () => {
  const path = join(fresh(), "state.safetensors");
  await saveCheckpoint(path, state);
  const { tensors, metadata } = decodeSafetensors(readFileSync(path));
  expect([...tensors.keys()]).toEqual(["params.layers[0].weight", "optimizer.step"]);
  expect(Object.keys(metadata)).toEqual(["sha256", "format", "structure"]);
  expect(metadata["sha256"]).toMatch(/^[0-9a-f]{64}$/);
});

test("equal states give equal bytes", async () => {
  const folder = fresh();
  const [a, b] = [join(folder, "a"), join(folder, "b")];
  await saveCheckpoint(a, state);
  await saveCheckpoint(b, await loadCheckpoint(a));
  expect(Buffer.compare(readFileSync(a), readFileSync(b))).toBe(0);
});

test("the deepest state that is saved can be loaded, also if every object has to be marked", async () => {
  let deep: unknown = tensor(1);
  for (let i = 0; i < 1000; i++) deep = { $: deep };
  const path = join(fresh(), "deep");
  await saveCheckpoint(path, deep);
  expectSameTree(await loadCheckpoint(path), deep);
  expect((await refusal(saveCheckpoint(path, { $: deep }))).message).toMatch(/at most 1000 deep/);
});

describe("a forged file whose checksum is right", () => {
  const data = new Uint8Array(8);
  /** One float64 called w, and whatever structure and format. */
  const forge = (structure: string, format = "cotangent checkpoint 1"): Buffer => {
    const w = { dtype: "F64", shape: [], data_offsets: [0, 8] };
    const text = JSON.stringify({ __metadata__: { sha256: "0".repeat(64), format, structure }, w });
    const length = Buffer.alloc(8);
    length.writeUInt32LE(Buffer.byteLength(text));
    const bytes = Buffer.concat([length, Buffer.from(text), data]);
    bytes.write(createHash("sha256").update(bytes).digest("hex"), 8 + '{"__metadata__":{"sha256":"'.length);
    return bytes;
  };
  const path = join(root, "forged");
  const load = (bytes: Buffer): Promise<unknown> => {
    writeFileSync(path, bytes);
    return loadCheckpoint(path);
  };

  test("that is good is loaded", async () => {
    expectSameTree(await load(forge('[{"$":"tensor","path":"w"}]')), [tensor(0)]);
  });

  test.each<[string, string, RegExp]>([
    ["no JSON", "{", /expected JSON in the structure/],
    ["deep JSON", "[".repeat(1e6) + "]".repeat(1e6), /at most 2004 deep/],
    ["a name twice", '{"a":1,"a":{"$":"tensor","path":"w"}}', /every name once/],
    ["a tensor that is not there", '{"$":"tensor","path":"v"}', /got another at the root/],
    ["a tensor of the prototype", '[{"$":"tensor","path":"constructor"}]', /got another at "\[0\]"/],
    ["a tensor without a name", '{"a":{"$":"tensor"}}', /got another at "a"/],
    ["a tensor that is not named", "[]", /got another at "w"/],
    [
      "a tensor that is named twice",
      '[{"$":"variable","path":"w"},{"$":"variable","path":"w"}]',
      /got another at "\[1\]"/,
    ],
    ["another mark", '{"a":{"$":"function","path":"w"}}', /got another at "a"/],
    ["a mark that is none", '{"a":{"$":{}}}', /got another at "a"/],
    ["a number that is none", '{"a":{"$":"number","value":"toString"}}', /got another at "a"/],
    ["an object that is none", '{"a":{"$":"object","value":[]}}', /got another at "a"/],
  ])("%s", async (_name, structure, message) => {
    const error = await refusal(load(forge(structure)));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(message);
  });

  test("a later version", async () => {
    expect((await refusal(load(forge("[]", "cotangent checkpoint 2")))).message).toMatch(/got "cotangent checkpoint 2"; was it saved by a newer/); // prettier-ignore
  });

  test("any structure is loaded or refused, with the same tensors in it", async () => {
    const kind = fc.constantFrom("tensor", "variable", "number", "undefined", "object", "x");
    const marked = fc.record({ $: kind, path: fc.constantFrom("w", "v", 1), value: fc.jsonValue() }, { requiredKeys: ["$"] }); // prettier-ignore
    const structure = fc.oneof(marked, fc.array(marked), fc.dictionary(fc.string(), marked), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(structure, async (any) => {
        try {
          await load(forge(JSON.stringify(any)));
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("damage is noticed", () => {
  test("any bit of the file, and any cut", async () => {
    const path = join(fresh(), "state.safetensors");
    await saveCheckpoint(path, { w: tensor([1, 2]), step: 3 });
    const good = readFileSync(path);
    for (let at = 0; at < good.length; at++) {
      for (const bad of [good.subarray(0, at), Buffer.from(good.map((byte, i) => (i === at ? byte ^ 4 : byte)))]) {
        writeFileSync(path, bad);
        expect(await refusal(loadCheckpoint(path))).toBeInstanceOf(DataError);
      }
    }
    writeFileSync(path, Buffer.concat([good, Buffer.of(0)]));
    expect((await refusal(loadCheckpoint(path))).message).toMatch(/the checksum that was saved in .*, got another/);
  });

  test("what it is instead is said", async () => {
    const folder = fresh();
    mkdirSync(folder);
    const [missing, other] = [join(folder, "missing"), join(folder, "other")];
    expect((await refusal(loadCheckpoint(missing))).message).toBe(
      `loadCheckpoint: expected a readable file at ${missing}, but there is no such file`,
    );
    expect((await refusal(loadCheckpoint(folder))).message).toMatch(/but it is a folder/);
    writeFileSync(other, encodeSafetensors({ w: tensor([1]) }));
    expect((await refusal(loadCheckpoint(other))).message).toMatch(/that saveCheckpoint wrote at .*; readSafetensors/);
    writeFileSync(other, "");
    expect((await refusal(loadCheckpoint(other))).message).toMatch(/that saveCheckpoint wrote/);
    expect(await refusal(loadCheckpoint(5 as never))).toBeInstanceOf(ArgumentError);
    expect((await refusal(loadCheckpoint(other, { lik: 1 } as never))).message).toMatch(/unknown option "lik"/);
  });
});

test("like: every difference in names, shapes and dtypes at once; plain values are not compared", async () => {
  const path = join(fresh(), "state.safetensors");
  await saveCheckpoint(path, { params: { w: tensor([1, 2]), b: tensor(0) }, step: 3 });
  const like = { params: { w: tensor([1, 2], { dtype: "float32" }), b: zeros([1]), c: [zeros([2, 2])] }, step: "x" };
  expect((await refusal(loadCheckpoint(path, { like }))).message).toBe(
    `loadCheckpoint: expected what "like" has in ${path}, got 3 differences; was it saved by another model?
  "params.c[0]" is missing, expected float64 [2, 2]
  "params.w": expected float32 [2], got float64 [2]
  "params.b": expected float64 [1], got float64 []`,
  );
  const back = await loadCheckpoint(path, { like: { params: { w: zeros([2]), b: zeros([]) }, step: 0 } });
  expect([back.step, back.params.w.toArray()]).toEqual([3, [1, 2]]);
});

describe("what cannot be saved is refused before anything is written", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  test.each<[string, unknown, RegExp]>([
    ["a function", { a: [{ f: Math.abs }] }, /got a function at "a\[0\].f"; save what it is made of/],
    ["a class", { when: new Date(0) }, /got a Date at "when"/],
    ["a Map", new Map(), /got a Map at the root/],
    ["a BigInt", { n: 1n }, /got the BigInt 1n at "n"/],
    ["a symbol", { s: Symbol("x") }, /at "s"/],
    ["a typed array", { x: new Float64Array(2) }, /got a Float64Array at "x"/],
    ["a state that contains itself", circle, /at most 1000 deep, .*; does it contain itself/],
  ])("%s", async (_name, value, message) => {
    const folder = fresh();
    const error = await refusal(saveCheckpoint(join(folder, "x"), value));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(/^saveCheckpoint: expected /);
    expect(error.message).toMatch(message);
    expect(existsSync(folder)).toBe(false);
  });

  test("a path that cannot be written leaves what was there", async () => {
    const folder = fresh();
    mkdirSync(join(folder, "taken", "inside"), { recursive: true });
    const error = await refusal(saveCheckpoint(join(folder, "taken"), state));
    expect(error.message).toMatch(/^saveCheckpoint: expected to write a file at .*taken, but /);
    expect(readdirSync(folder)).toEqual(["taken"]);
    writeFileSync(join(folder, "file"), "");
    expect(await refusal(saveCheckpoint(join(folder, "file", "x"), state))).toBeInstanceOf(DataError);
    if (process.platform === "linux")
      expect(await refusal(saveCheckpoint("/proc/none/deep/x", state))).toBeInstanceOf(DataError);
  });

  test("what a link points to is replaced, not the link", async () => {
    const folder = fresh();
    await saveCheckpoint(join(folder, "real", "x"), { step: 1 });
    symlinkSync(join("real", "x"), join(folder, "link"));
    await saveCheckpoint(join(folder, "link"), { step: 2 });
    expect(await loadCheckpoint(join(folder, "real", "x"))).toEqual({ step: 2 });
    expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["link", "real"]);
  });
});

test("saves at the same time to one path: one of them is there, whole", async () => {
  const path = join(fresh(), "state.safetensors");
  await Promise.all(Array.from({ length: 8 }, (_, i) => saveCheckpoint(path, { w: zeros([1000]), step: i })));
  expect((await loadCheckpoint<{ step: number }>(path)).step).toBeLessThan(8);
  expect(readdirSync(join(path, ".."))).toEqual(["state.safetensors"]);
});

describe("the checkpoints of a run", () => {
  const at = (step: number): unknown => ({ w: tensor([step]), step });
  const names = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith(".")).sort(); // prettier-ignore
  const stepsIn = (folder: string): number[] => names(folder).map((name) => Number(/\d+/.exec(name)![0]));

  test("the last n stay, other files are left alone", async () => {
    const folder = fresh();
    await saveCheckpoint(join(folder, "best.safetensors"), at(0));
    writeFileSync(join(folder, "step-0000000001.txt"), "");
    for (const step of [1, 2, 5, 10, 20]) await saveStep(folder, at(step), { keep: 2 });
    expect(names(folder)).toEqual([
      "best.safetensors",
      "step-0000000001.txt",
      "step-0000000010.safetensors",
      "step-0000000020.safetensors",
    ]);
    expect(await saveStep(folder, at(20), { keep: Infinity })).toBe(join(folder, "step-0000000020.safetensors"));
    expect(await saveStep(folder, {}, { step: 21, keep: 1 })).toBe(join(folder, "step-0000000021.safetensors"));
    expect(names(folder).at(-1)).toBe("step-0000000021.safetensors");
    expect(names(folder).length).toBe(3);
  });

  test("three by default", async () => {
    const folder = fresh();
    for (const step of [1, 2, 3, 4]) await saveStep(folder, at(step));
    expect(stepsIn(folder)).toEqual([2, 3, 4]);
  });

  test("a step before the last is refused, or replaces what is later", async () => {
    const folder = fresh();
    for (const step of [10, 20, 30]) await saveStep(folder, at(step));
    const error = await refusal(saveStep(folder, at(15)));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(
      /no step after 15 in .*, got step-0000000020.safetensors, step-0000000030.safetensors/,
    );
    await saveStep(folder, at(15), { replaceLater: true });
    expect(stepsIn(folder)).toEqual([10, 15]);
  });

  test("the last complete one is found, and what was passed over is said", async () => {
    const folder = fresh();
    for (const step of [9, 10, 11]) await saveStep(folder, at(step));
    const path = (step: number): string => join(folder, `step-${String(step).padStart(10, "0")}.safetensors`);
    writeFileSync(path(11), readFileSync(path(11)).subarray(0, 200));
    writeFileSync(path(12), encodeSafetensors({ w: tensor([1]) }));
    mkdirSync(path(13));
    writeFileSync(join(folder, ".step-0000000014.safetensors.0b1f6f0e-6d0c-4f7e-9f3b-0d3c1a1b2c3d.tmp"), "half");
    const found = await latestCheckpoint(folder, { like: { w: zeros([1]), step: 0 } });
    expect([found!.path, found!.state.step]).toEqual([path(10), 10]);
    expect(found!.skipped.map((each) => each.path)).toEqual([path(13), path(12), path(11)]);
    expect(found!.skipped.map((each) => each.reason).join("\n")).toMatch(
      /it is a folder\n.*readSafetensors reads tensors alone\n.*truncated or was changed/,
    );
  });

  test("another model is an error, not a damaged file", async () => {
    const folder = fresh();
    await saveStep(folder, at(1));
    const error = await refusal(latestCheckpoint(folder, { like: { v: zeros([1]) } }));
    expect(error.message).toMatch(/^latestCheckpoint: expected what "like" has in .*, got 2 differences/);
  });

  test("nothing, and no folder, are null", async () => {
    const folder = fresh();
    expect(await latestCheckpoint(folder)).toBeNull();
    mkdirSync(folder);
    expect(await latestCheckpoint(folder)).toBeNull();
    writeFileSync(join(folder, "x.safetensors"), "");
    expect(await latestCheckpoint(folder)).toBeNull();
    expect((await refusal(latestCheckpoint(join(folder, "x.safetensors")))).message).toMatch(/a readable folder at/);
  });

  test("names without a number: the youngest; with one, the highest", async () => {
    const folder = fresh();
    for (const [i, name] of ["b", "a", "c"].entries()) {
      await saveCheckpoint(join(folder, `${name}.safetensors`), { name });
      utimesSync(join(folder, `${name}.safetensors`), 1000 - i, 1000 - i);
    }
    expect((await latestCheckpoint<{ name: string }>(folder))!.state.name).toBe("b");
    for (const name of ["v2-epoch9", "v1-epoch10"]) await saveCheckpoint(join(folder, `${name}.safetensors`), { name });
    expect((await latestCheckpoint<{ name: string }>(folder))!.state.name).toBe("v1-epoch10");
  });

  test("what a stop left behind is removed once it is old", async () => {
    const folder = fresh();
    mkdirSync(folder);
    const draft = (id: string): string => `.step-0000000001.safetensors.${id}b1f6f0e-6d0c-4f7e-9f3b-0d3c1a1b2c3d.tmp`;
    for (const id of ["0", "1"]) writeFileSync(join(folder, draft(id)), "half");
    const old = Date.now() / 1000 - 7200;
    utimesSync(join(folder, draft("0")), old, old);
    await saveStep(folder, at(1));
    expect(readdirSync(folder)).toEqual([draft("1"), "step-0000000001.safetensors"]);
  });

  test.each([[{ keep: 0 }], [{ keep: 1.5 }], [{ step: -1 }], [{ step: NaN }], [{ step: "3" }], [{ kep: 1 }]])(
    "options %j are refused",
    async (options) => {
      const folder = fresh();
      expect(await refusal(saveStep(folder, at(1), options as never))).toBeInstanceOf(ArgumentError);
      expect(existsSync(folder)).toBe(false);
    },
  );

  test("a state without step asks for one", async () => {
    const error = await refusal(saveStep(fresh(), { w: zeros([1]) }));
    expect(error.message).toMatch(/a step that is an integer from 0, got undefined; give \{ step: … \}/);
  });
});
