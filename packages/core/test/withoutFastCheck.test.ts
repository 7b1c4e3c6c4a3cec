/** Without fast-check, which is optional, gradient checks work and the property tools say what to install. */
import { expect, test, vi } from "vitest";
import { tanh, tensor } from "@cotangent/core";

vi.mock("fast-check", () => {
  throw new Error("Cannot find package 'fast-check'");
});

test("the subpath loads, gradcheck, assertGradients and checkOp work, the rest tells what to install", async () => {
  const check = await import("@cotangent/core/check");
  const x = tensor([1, 2]);
  expect(check.gradcheck((t) => t.square().sum(), [x]).ok).toBe(true);
  expect(check.assertGradients((t) => t.square().sum(), [x]).ok).toBe(true);
  expect(check.checkOp(tanh, { numRuns: 1 }).ok).toBe(true);
  const arbitrary = { generate: () => undefined, chain: () => undefined };
  const tools: Readonly<Record<string, () => unknown>> = {
    shapes: () => check.shapes(),
    tensors: () => check.tensors(),
    broadcastableShapes: () => check.broadcastableShapes(),
    broadcastableTensors: () => check.broadcastableTensors(),
    gradientProperty: () => check.gradientProperty((t) => t, [arbitrary as never]),
  };
  for (const [name, tool] of Object.entries(tools))
    expect(tool).toThrow(
      expect.objectContaining({
        name: "ArgumentError",
        message: `${name}: expected fast-check, which is not installed; run npm install fast-check`,
      }),
    );
});
