import { ArgumentError, checkOptions, DataError, describe, tensor, type Tensor } from "@cotangent/core";
import { readBytes } from "./files.js";

/** Options of `readImage`. */
export interface ImageOptions {
  /** Pixels a row. Default: the picture's own, or what keeps its proportions. */
  readonly width?: number | undefined;
  /** Rows. Default: the picture's own, or what keeps its proportions. */
  readonly height?: number | undefined;
  /** 1: grey; 3: red, green and blue, on white where it is transparent; 4: opacity too. Default: 3. */
  readonly channels?: 1 | 3 | 4 | undefined;
  /**
   * If both sizes are given and the proportions differ: "fill" stretches, "cover" cuts off at the sides, "contain" adds
   * black ones. Default: "fill".
   */
  readonly fit?: "fill" | "cover" | "contain" | undefined;
  /** Default: the default dtype. */
  readonly dtype?: "float64" | "float32" | undefined;
  /** Most pixels that the result may have; a file of 1 MB can hold hundreds of millions. Default: $2^{26}$, 8192 × 8192. */
  readonly limit?: number | undefined;
}

const fits: readonly unknown[] = ["fill", "cover", "contain"];

function checkImageOptions(options: ImageOptions): void {
  checkOptions("readImage", options, ["width", "height", "channels", "fit", "dtype", "limit"]);
  const { width, height, channels = 3, fit = "fill", dtype = "float64", limit = 1 } = options;
  for (const [name, size] of Object.entries({ width, height }))
    if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= 16383))
      throw new ArgumentError(`readImage: expected ${name} to be an integer from 1 to 16383, got ${describe(size)}`);
  if (![1, 3, 4].includes(channels))
    throw new ArgumentError(`readImage: expected channels to be 1, 3 or 4, got ${describe(channels)}`);
  if (!fits.includes(fit))
    throw new ArgumentError(`readImage: expected fit to be "fill", "cover" or "contain", got ${describe(fit)}`);
  if (dtype !== "float64" && dtype !== "float32")
    throw new ArgumentError(`readImage: expected dtype to be "float64" or "float32", got ${describe(dtype)}`);
  if (!(typeof limit === "number" && limit >= 1))
    throw new ArgumentError(`readImage: expected a limit that is a number of pixels from 1, got ${describe(limit)}`);
}

/** How many pixels a picture will have, once it has the size that is wanted. */
function pixelsOf(own: { width: number; height: number }, { width, height }: ImageOptions): number {
  const shape = own.height / own.width;
  if (width === undefined && height === undefined) return own.width * own.height;
  return (width ?? height! / shape) * (height ?? width! * shape);
}

/** Shares of 255; without a list in between, which engines cannot make that long. */
function shares(bytes: Uint8Array, dtype: "float64" | "float32"): Float64Array | Float32Array {
  const values = new (dtype === "float32" ? Float32Array : Float64Array)(bytes.length);
  for (let i = 0; i < values.length; i++) values[i] = bytes[i]! / 255;
  return values;
}

/**
 * Reads a picture (JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG), the right way up, in the size that is wanted: shape
 * `[height, width, channels]`, from 0 to 1. Needs the optional package `sharp`.
 *
 * @throws `ArgumentError` if `sharp` is not installed, or an option makes no sense
 * @throws `DataError` if the file cannot be read, or is no picture or a broken one, or has more pixels than the limit
 * @example
 * ```ts
 * import { writeFileSync, mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { readImage } from "@cotangent/data/node";
 * const path = join(mkdtempSync(join(tmpdir(), "picture-")), "red.svg");
 * writeFileSync(path, '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="red"/></svg>');
 * (await readImage(path, { width: 2, height: 1 })).toArray(); // → [[[1,0,0],[1,0,0]]]
 * ```
 */
export async function readImage(path: string, options: ImageOptions = {}): Promise<Tensor> {
  checkImageOptions(options);
  const { width, height, channels = 3, fit = "fill", dtype = tensor(0).dtype, limit = 2 ** 26 } = options;
  const bytes = await readBytes("readImage", path);
  const { default: sharp } = await import("sharp").catch((error: unknown) => {
    throw new ArgumentError(
      'readImage: expected the package "sharp", which is not installed; add it with "npm install sharp"',
      { cause: error },
    );
  });
  try {
    const pixels = pixelsOf((await sharp(bytes).metadata()).autoOrient, options);
    if (pixels > limit)
      throw new DataError(
        `readImage: expected at most ${limit} pixels in the picture at ${path}, got ${Math.round(pixels)}; give width and height, or a higher { limit } if you trust it`,
      );
    let picture = sharp(bytes).autoOrient();
    if (channels === 4) picture = picture.ensureAlpha();
    else picture = picture.flatten({ background: "white" });
    if (width !== undefined && height !== undefined) picture = picture.resize({ width, height, fit });
    else if (width !== undefined) picture = picture.resize({ width });
    else if (height !== undefined) picture = picture.resize({ height });
    picture = channels === 1 ? picture.toColourspace("b-w") : picture.toColourspace("srgb");
    const { data, info } = await picture.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    const shape = [info.height, info.width, channels];
    if (info.channels !== channels) throw new Error(`it has ${info.channels} channels`);
    return tensor(shares(data, dtype as "float64" | "float32"), { shape });
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(
      `readImage: expected a picture at ${path}, got a file that cannot be read as one (${(error as Error).message.slice(0, 200)})`,
      { cause: error },
    );
  }
}
