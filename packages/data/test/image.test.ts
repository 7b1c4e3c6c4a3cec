/** Pictures: sizes, channels and values, whatever the file's kind; what is no picture is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "@cotangent/core";
import { readImage } from "@cotangent/data/node";

const folder = mkdtempSync(join(tmpdir(), "cotangent-image-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

/** Raw pixels as a file of the kind that `pack` says. */
async function picture(
  pixels: readonly number[],
  [height, width, channels]: readonly [number, number, 1 | 2 | 3 | 4],
  pack: (raw: Sharp) => Sharp = (raw) => raw.png(),
): Promise<string> {
  const path = join(folder, `${made++}`);
  const raw = sharp(Uint8Array.from(pixels), { raw: { width, height, channels } });
  writeFileSync(path, await pack(raw).toBuffer());
  return path;
}

const four = [255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 102, 204]; // red, green; blue, another

test("pixels row by row, red, green and blue, from 0 to 1", async () => {
  for (const pack of [(raw: Sharp) => raw.png(), (raw: Sharp) => raw.webp({ lossless: true }), (raw: Sharp) => raw.tiff({ compression: "lzw" })]) {
    const x = await readImage(await picture(four, [2, 2, 3], pack));
    expect([x.shape, x.dtype, [...x.toTypedArray()]]).toEqual([[2, 2, 3], "float64", four.map((v) => v / 255)]);
  }
}); // prettier-ignore

test("dtype and channels are those asked for", async () => {
  const [grey, colour] = [await picture([0, 51, 255], [1, 3, 1]), await picture(four, [2, 2, 3])];
  expect((await readImage(grey)).toArray()).toEqual([[[0, 0, 0], [0.2, 0.2, 0.2], [1, 1, 1]]]); // prettier-ignore
  expect((await readImage(grey, { channels: 1 })).toArray()).toEqual([[[0], [0.2], [1]]]);
  expect((await readImage(grey, { channels: 4 })).toArray()).toEqual([[[0, 0, 0, 1], [0.2, 0.2, 0.2, 1], [1, 1, 1, 1]]]); // prettier-ignore
  const one = await readImage(colour, { channels: 1, dtype: "float32" });
  expect([one.shape, one.dtype]).toEqual([[2, 2, 1], "float32"]);
  // Green looks brighter than red, red than blue.
  const [red, green, blue] = one.toTypedArray();
  expect(green! > red! && red! > blue!).toBe(true);
});

test("what is transparent is white, or keeps its opacity", async () => {
  const path = await picture([10, 20, 30, 0, 51, 102, 204, 255], [1, 2, 4]);
  expect((await readImage(path)).toArray()).toEqual([[[1, 1, 1], [0.2, 0.4, 0.8]]]); // prettier-ignore
  expect((await readImage(path, { channels: 1 })).shape).toEqual([1, 2, 1]);
  const [[first, second]] = (await readImage(path, { channels: 4 })).toArray() as [[number[], number[]]];
  expect([first[3], second]).toEqual([0, [0.2, 0.4, 0.8, 1]]);
});

test("sixteen bits a channel are scaled to the same range", async () => {
  const path = join(folder, "sixteen.png");
  const raw = { width: 3, height: 1, channels: 1 as const };
  const wide = sharp(Uint16Array.of(0, 13107, 65535), { raw }).toColourspace("grey16");
  writeFileSync(path, await wide.png().toBuffer());
  expect((await readImage(path, { channels: 1 })).toArray()).toEqual([[[0], [0.2], [1]]]);
});

describe("sizes", () => {
  test.each([
    [{ width: 4, height: 3 }, [3, 4, 3]],
    [{ width: 4 }, [2, 4, 3]],
    [{ height: 1 }, [1, 2, 3]],
    [{ width: 5, height: 5, fit: "cover" as const }, [5, 5, 3]],
    [{ width: 5, height: 5, fit: "contain" as const }, [5, 5, 3]],
  ])("%j gives %j", async (options, shape) => {
    const path = await picture(Array.from({ length: 96 }, () => 102), [4, 8, 3]); // prettier-ignore
    expect((await readImage(path, options)).shape).toEqual(shape);
  });

  test("fill stretches, cover cuts, contain adds", async () => {
    // Left third black, middle third grey, right third white.
    const row = [...Array<number>(8).fill(0), ...Array<number>(8).fill(102), ...Array<number>(8).fill(255)];
    const path = await picture(Array.from({ length: 8 }, () => row).flat(), [8, 24, 1]);
    const at = async (fit: "fill" | "cover" | "contain"): Promise<readonly number[][]> =>
      (await readImage(path, { width: 6, height: 6, channels: 1, fit })).squeeze({ axis: 2 }).toArray() as number[][];
    const [fill, cover, contain] = [await at("fill"), await at("cover"), await at("contain")];
    expect([fill[3]![0]! < 0.1, fill[3]![5]! > 0.9]).toEqual([true, true]);
    expect(cover.flat().filter((v) => Math.abs(v - 0.4) < 0.05).length).toBeGreaterThan(20);
    expect([contain[0], contain[5]]).toEqual([Array(6).fill(0), Array(6).fill(0)]);
  });

  test("a picture taken with the camera turned stands upright", async () => {
    const turned = await picture([0, 255], [1, 2, 1], (raw) => raw.withMetadata({ orientation: 6 }).png());
    expect((await readImage(turned, { channels: 1 })).toArray()).toEqual([[[0]], [[1]]]);
  });
});

describe("what is refused", () => {
  test("files that are no pictures", async () => {
    const path = join(folder, "text");
    writeFileSync(path, "hello");
    await expect(readImage(path)).rejects.toThrow(DataError);
    await expect(readImage(path)).rejects.toThrow(/^readImage: expected a picture at .*text, got a file that cannot/);
    await expect(readImage(join(folder, "none"))).rejects.toThrow(/^readImage: expected a readable file at/);
    await expect(readImage(folder)).rejects.toThrow(/it is a folder/);
    const good = await sharp(Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => i * i), {
      raw: { width: 64, height: 64, channels: 3 },
    }).png().toBuffer(); // prettier-ignore
    writeFileSync(path, good.subarray(0, good.length / 2));
    await expect(readImage(path)).rejects.toThrow(DataError);
  });

  test.each([
    [{ width: 0 }, /width to be an integer from 1 to 16383, got 0/],
    [{ height: 1.5 }, /height to be/],
    [{ width: 1e6 }, /got 1000000/],
    [{ channels: 2 }, /channels to be 1, 3 or 4, got 2/],
    [{ fit: "stretch" }, /fit to be "fill", "cover" or "contain", got the string "stretch"/],
    [{ dtype: "int32" }, /dtype to be/],
    [{ size: 3 }, /unknown option "size"/],
  ])("%j", async (options, message) => {
    await expect(readImage("x", options as never)).rejects.toThrow(ArgumentError);
    await expect(readImage("x", options as never)).rejects.toThrow(message);
  });
});

test("a small file of very many pixels is refused before they are made, and read where its size is given", async () => {
  const path = join(folder, "large.png");
  const create = { width: 9000, height: 9000, channels: 3 as const, background: "red" };
  writeFileSync(path, await sharp({ create, limitInputPixels: false }).png().toBuffer());
  const before = process.memoryUsage().arrayBuffers;
  const error = await readImage(path).then(
    () => null,
    (error: unknown) => error as Error,
  );
  expect(error).toBeInstanceOf(DataError);
  expect(error!.message).toMatch(
    /expected at most 67108864 pixels in the picture at .*, got 81000000; give width and height/,
  );
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  expect((await readImage(path, { width: 3 })).toArray()).toEqual(Array(3).fill(Array(3).fill([1, 0, 0])));
  await expect(readImage(path, { width: 9000 })).rejects.toThrow("got 81000000");
  await expect(readImage(path, { limit: 0 })).rejects.toThrow(ArgumentError);
  await expect(readImage(path, { width: 10, height: 10, limit: 99 })).rejects.toThrow("got 100;");
});
