/** Shape and indexing at the edges: empty and size-1 axes, scalars, NaN and infinities, repeated indices. */
import { concat, grad, meshgrid, stack, stopGradient, type Tensor } from "@cotangent/core";
import type { indexing } from "./cases/indexing.js";
import type { shaping } from "./cases/shaping.js";
import { empty, i32, inf, nan, runTable, shape, slopes, t, weighted, type Row } from "./conventions.table.js";

// prettier-ignore
const table: Readonly<Record<keyof typeof shaping | keyof typeof indexing, readonly Row[]>> = {
  astype: [
    ["of nothing is empty", () => empty(2, 0).astype("int32"), shape(2, 0)],
    ["truncates a scalar towards 0", () => t(-1.5).astype("int32"), -1],
    ["counts NaN as true", () => t([nan, 0]).astype("bool"), [true, false]],
  ],
  broadcastTo: [
    ["stretches a scalar", () => t(3).broadcastTo([2, 1]), [[3], [3]]],
    ["stretches size 1 to nothing", () => t([3]).broadcastTo([0]), shape(0)],
    ["sums where it repeats", () => slopes((x) => x.broadcastTo([4, 2]), [[5, 6]]), [[4, 4]]],
    ["to nothing has slope 0", () => slopes((x) => x.broadcastTo([0, 2]), [5, 6]), [0, 0]],
  ],
  permute: [
    ["of a scalar", () => t(3).permute([]), 3],
    ["of nothing", () => empty(2, 0, 3).permute([2, 0, 1]), shape(3, 2, 0)],
    ["takes negative axes", () => t([[1, 2]]).permute([-1, -2]), [[1], [2]]],
  ],
  reshape: [
    ["makes a scalar a vector", () => t(3).reshape([1]), [3]],
    ["makes size 1 a scalar", () => t([[3]]).reshape([]), 3],
    ["of nothing", () => empty(2, 0).reshape([0, 5]), shape(0, 5)],
  ],
  stopGradient: [
    ["of nothing is empty", () => stopGradient(empty(2, 0)), shape(2, 0)],
    ["of a scalar is a constant", () => slopes((x) => stopGradient(x).mul(x), 3), 3],
  ],
  transpose: [
    ["of nothing", () => empty(2, 0).transpose(), shape(0, 2)],
    ["of a row", () => t([[1, 2]]).transpose(), [[1], [2]]],
  ],
  swapAxes: [
    ["of an axis with itself is the same", () => t([[1, 2]]).swapAxes(0, -2), [[1, 2]]],
    ["of nothing", () => empty(2, 0, 3).swapAxes(0, -1), shape(3, 0, 2)],
  ],
  moveAxis: [
    ["to its own place is the same", () => t([[1, 2]]).moveAxis(-1, 1), [[1, 2]]],
    ["of nothing", () => empty(2, 0, 3).moveAxis(0, -1), shape(0, 3, 2)],
  ],
  flatten: [
    ["of a scalar has one element", () => t(3).flatten(), [3]],
    ["of nothing", () => empty(2, 0, 3).flatten({ start: 1 }), shape(2, 0)],
  ],
  squeeze: [
    ["of a scalar is the scalar", () => t(3).squeeze(), 3],
    ["of one element is a scalar", () => t([[3]]).squeeze(), 3],
    ["keeps empty axes", () => empty(1, 0).squeeze(), shape(0)],
  ],
  unsqueeze: [
    ["of a scalar has one element", () => t(3).unsqueeze(-1), [3]],
    ["of nothing", () => empty(0).unsqueeze(0), shape(1, 0)],
  ],
  concat: [
    ["with nothing is the same", () => concat([t([1, 2]), empty(0)]), [1, 2]],
    ["of nothing is empty", () => concat([empty(2, 0), empty(3, 0)]), shape(5, 0)],
    ["of one tensor is that", () => concat([t([1])]), [1]],
    ["promotes", () => concat([t([true]), i32([3])]), [1, 3]],
  ],
  stack: [
    ["of scalars is a vector", () => stack([t(1), 2]), [1, 2]],
    ["of nothing", () => stack([empty(0), empty(0)], { axis: -1 }), shape(0, 2)],
  ],
  slice: [
    ["of a scalar takes no ranges", () => t(3).slice([]), 3],
    ["past the end is empty", () => t([1, 2]).slice([[5, 9]]), shape(0)],
    ["of nothing backwards is empty", () => empty(0).slice([[null, null, -1]]), shape(0)],
    ["backwards from the end", () => t([1, 2, 3, 4]).slice([[null, null, -1]]), [4, 3, 2, 1]],
    ["backwards with negative bounds", () => t([1, 2, 3, 4]).slice([[-1, -4, -2]]), [4, 2]],
    ["backwards down to the first", () => t([1, 2, 3]).slice([[1, null, -1]]), [2, 1]],
    ["backwards from a bound past the end", () => t([1, 2, 3]).slice([[9, 0, -1]]), [3, 2]],
    ["backwards to a bound before the beginning", () => t([1, 2, 3]).slice([[1, -9, -1]]), [2, 1]],
    ["backwards in the wrong direction is empty", () => t([1, 2, 3]).slice([[0, 2, -1]]), shape(0)],
    ["backwards gives the derivative to where it was",
      () => weighted((x) => x.slice([[null, null, -2]]), [1, 2, 3, 4]), [0, 10, 0, 1]],
    ["to a scalar", () => t([[1, 2]]).slice([-1, -2]), 1],
  ],
  meshgrid: [
    ["of scalars has one element", () => meshgrid(1, 2), [[[1]], [[2]]]],
    ["with nothing is empty", () => meshgrid(t([1, 2]), empty(0))[0], shape(2, 0)],
    ["has rows along xs", () => meshgrid(t([1, 2]), t([3, 4])), [[[1, 1], [2, 2]], [[3, 4], [3, 4]]]],
  ],
  split: [
    ["leaves a smaller part at the end", () => t([1, 2, 3]).split({ sizes: 2 }), [[1, 2], [3]]],
    ["allows empty parts", () => t([1, 2]).split({ sizes: [0, 2, 0] }), [[], [1, 2], []]],
    ["of nothing is one empty part", () => empty(0).split({ sizes: 2 }), [[]]],
    ["of nothing into no parts", () => empty(0).split({ sizes: [] }), []],
    ["into a size above the axis is one part", () => t([1, 2]).split({ sizes: 5 }), [[1, 2]]],
  ],
  chunk: [
    ["leaves a smaller part at the end", () => t([1, 2, 3]).chunk({ chunks: 2 }), [[1, 2], [3]]],
    ["gives fewer parts where the elements run out",
      () => t([1, 2, 3, 4, 5]).chunk({ chunks: 4 }), [[1, 2], [3, 4], [5]]],
    ["gives fewer parts than asked for", () => t([1, 2]).chunk({ chunks: 5 }), [[1], [2]]],
    ["of nothing gives empty parts", () => empty(0).chunk({ chunks: 3 }), [[], [], []]],
  ],
  unstack: [
    ["of a vector gives scalars", () => t([1, 2]).unstack(), [1, 2]],
    ["of nothing gives none", () => empty(0, 3).unstack(), []],
    ["of empty rows", () => empty(2, 0).unstack(), [[], []]],
  ],
  flip: [
    ["of a scalar is the scalar", () => t(3).flip(), 3],
    ["of nothing is empty", () => empty(2, 0).flip(), shape(2, 0)],
    ["without an axis turns all", () => t([[1, 2], [3, 4]]).flip(), [[4, 3], [2, 1]]],
    ["takes several axes", () => t([[[1, 2]], [[3, 4]]]).flip({ axis: [0, -1] }), [[[4, 3]], [[2, 1]]]],
  ],
  roll: [
    ["of a scalar is the scalar", () => t(3).roll({ shift: 1 }), 3],
    ["of nothing is empty", () => empty(2, 0).roll({ shift: 1, axis: 1 }), shape(2, 0)],
    ["takes all elements as one line", () => t([[1, 2], [3, 4]]).roll({ shift: 1 }), [[4, 1], [2, 3]]],
    ["goes around", () => t([1, 2, 3]).roll({ shift: -7, axis: 0 }), [2, 3, 1]],
    ["by the size is the same", () => t([1, 2, 3]).roll({ shift: 3 }), [1, 2, 3]],
    ["adds up for an axis that comes twice", () => t([1, 2, 3]).roll({ shift: [1, 1], axis: [0, 0] }), [2, 3, 1]],
  ],
  tile: [
    ["of a scalar is a vector", () => t(3).tile([2]), [3, 3]],
    ["by nothing is the same", () => t([1, 2]).tile([]), [1, 2]],
    ["by 0 is empty", () => t([[1, 2]]).tile([0]), shape(1, 0)],
    ["takes a number for the last axis", () => t([[1], [2]]).tile(2), [[1, 1], [2, 2]]],
    ["puts new axes in front", () => t([1, 2]).tile([2, 1]), [[1, 2], [1, 2]]],
    ["sums the derivatives of the copies", () => slopes((x) => x.tile([2, 3]), [1, 2]), [6, 6]],
  ],
  repeat: [
    ["of a scalar is a vector", () => t(3).repeat({ repeats: 2 }), [3, 3]],
    ["takes all elements as one line", () => t([[1, 2], [3, 4]]).repeat({ repeats: [0, 1, 2, 0] }), [2, 3, 3]],
    ["by 0 is empty", () => t([[1, 2]]).repeat({ repeats: 0, axis: 1 }), shape(1, 0)],
    ["of nothing is empty", () => empty(2, 0).repeat({ repeats: 3, axis: 1 }), shape(2, 0)],
    ["sums the derivatives of the copies", () => slopes((x) => x.repeat({ repeats: [2, 0] }), [1, 2]), [2, 0]],
  ],
  pad: [
    ["of a scalar is the scalar", () => t(3).pad({ widths: [] }), 3],
    ["fills what was empty", () => empty(0).pad({ widths: [[1, 1]], value: 7 }), [7, 7]],
    ["cuts everything off", () => t([1, 2]).pad({ widths: [[-1, -1]] }), shape(0)],
    ["cuts off before it adds", () => t([1, 2, 3]).pad({ widths: [[-1, 2]], mode: "circular" }), [2, 3, 2, 3]],
    ["takes NaN and Infinity as values", () => t([1]).pad({ widths: [[1, 0]], value: -inf }), [-inf, 1]],
    ["of int32 and bool keeps the dtype", () => t([true]).pad({ widths: [[0, 1]] }), [true, false]],
    ["reflects up to the size less 1",
      () => t([1, 2, 3]).pad({ widths: [[2, 2]], mode: "reflect" }), [3, 2, 1, 2, 3, 2, 1]],
    ["reflects no size 1 but by 0",
      () => t([[1], [2]]).pad({ widths: [[1, 0], [0, 0]], mode: "reflect" }), [[2], [1], [2]]],
    ["continues a circle by its size", () => t([1, 2]).pad({ widths: [[2, 1]], mode: "circular" }), [1, 2, 1, 2, 1]],
    ["replicates size 1 as often as asked", () => t([5]).pad({ widths: [[2, 1]], mode: "replicate" }), [5, 5, 5, 5]],
    ["adds up the derivatives of what it repeats",
      () => weighted((x) => x.pad({ widths: [[1, 2]], mode: "replicate" }), [1, 2]), [11, 11100]],
    ["leaves what is cut off without derivative", () => slopes((x) => x.pad({ widths: [[-1, 1]] }), [1, 2]), [0, 1]],
    ["pads every axis", () => t([[1]]).pad({ widths: [[0, 1], [1, 0]] }), [[0, 1], [0, 0]]],
  ],
  triu: [
    ["of nothing is empty", () => empty(0, 3).triu(), shape(0, 3)],
    ["removes NaN and Infinity", () => t([[1, nan], [inf, 2]]).triu(), [[1, nan], [0, 2]]],
    ["far above is 0", () => t([[1, 2]]).triu({ diagonal: 5 }), [[0, 0]]],
    ["far below is all", () => t([[1, 2], [3, 4]]).triu({ diagonal: -5 }), [[1, 2], [3, 4]]],
    ["of batches", () => t([[[1, 2], [3, 4]]]).triu(), [[[1, 2], [0, 4]]]],
    ["of bool is bool", () => t([[true, true], [true, true]]).triu(), [[true, true], [false, true]]],
  ],
  tril: [
    ["of nothing is empty", () => empty(3, 0).tril(), shape(3, 0)],
    ["removes NaN and Infinity", () => t([[1, nan], [inf, 2]]).tril(), [[1, 0], [inf, 2]]],
    ["of size 1", () => t([[5]]).tril({ diagonal: -1 }), [[0]]],
  ],
  diagonal: [
    ["outside is empty", () => t([[1, 2], [3, 4]]).diagonal({ offset: 2 }), shape(0)],
    ["of nothing is empty", () => empty(0, 3).diagonal(), shape(0)],
    ["of nothing below is empty", () => empty(3, 0).diagonal({ offset: -1 }), shape(0)],
    ["of a wide matrix", () => t([[1, 2, 3], [4, 5, 6]]).diagonal({ offset: 1 }), [2, 6]],
    ["of the transposed axes", () => t([[1, 2, 3], [4, 5, 6]]).diagonal({ offset: 1, axis1: 1, axis2: 0 }), [4]],
  ],
  diag: [
    ["of an empty vector is empty", () => empty(0).diag(), shape(0, 0)],
    ["of an empty vector has room for the offset", () => empty(0).diag({ diagonal: 1 }), [[0]]],
    ["of size 1", () => t([5]).diag(), [[5]]],
    ["undoes itself", () => t([1, 2]).diag({ diagonal: -2 }).diag({ diagonal: -2 }), [1, 2]],
  ],
  trace: [
    ["of nothing is 0", () => empty(0, 0).trace(), 0],
    ["of a wide matrix", () => t([[1, 2, 3], [4, 5, 6]]).trace(), 6],
    ["of int32 is int32", () => i32([[1, 2], [3, 4]]).trace(), 5],
  ],

  gather: [
    ["of nothing", () => t([[1, 2]]).gather(i32([]).reshape([1, 0]), { axis: 1 }), shape(1, 0)],
    ["counts negative indices from the end", () => t([1, 2, 3]).gather(i32([-1, 0])), [3, 1]],
    ["adds up the derivatives of repeated indices", () => weighted((x) => x.gather(i32([1, 1, 0])), [5, 6]), [100, 11]],
    ["takes fewer rows than there are", () => t([[1, 2], [3, 4]]).gather(i32([[1, 0]]), { axis: 1 }), [[2, 1]]],
  ],
  take: [
    ["of a single index drops the axis", () => t([[1, 2], [3, 4]]).take(-1), [3, 4]],
    ["of a single index of a vector is a scalar", () => t([1, 2]).take(1), 2],
    ["of no indices is empty", () => t([[1, 2]]).take(i32([]), { axis: 1 }), shape(1, 0)],
    ["puts the shape of the indices in place of the axis",
      () => t([[1, 2]]).take(i32([[0], [1]]), { axis: 1 }), [[[1], [2]]]],
    ["adds up the derivatives of repeated indices", () => weighted((x) => x.take(i32([1, 1, 0])), [5, 6]), [100, 11]],
  ],
  scatterAdd: [
    ["accumulates repeated indices", () => t([1, 1]).scatterAdd(i32([0, 0, -1]), t([1, 2, 3])), [4, 4]],
    ["of no indices is a copy", () => t([1, 2]).scatterAdd(i32([]), t([])), [1, 2]],
    ["spreads a number", () => t([1, 2], "float32").scatterAdd(i32([0, 0]), 0.5), [2, 2]],
    ["leaves updates without index out", () => t([1, 2]).scatterAdd(i32([1]), t([5, 6])), [1, 7]],
    ["gives each update the derivative of its place",
      () => weighted((u) => t([0, 0]).scatterAdd(i32([1, 0, 1]), u), [1, 2, 3]), [10, 1, 10]],
    ["gives updates that are left out none", () => slopes((u) => t([0, 0]).scatterAdd(i32([1]), u), [1, 2]), [1, 0]],
  ],
  maskedFill: [
    ["of a scalar", () => t(3).maskedFill(t(true), 7), 7],
    ["of nothing is empty", () => empty(2, 0).maskedFill(t(true), 7), shape(2, 0)],
    ["gives no derivative to what it replaces",
      () => slopes((x) => x.maskedFill(t([true, false]), 1).sqrt(), [0, 4]), [0, 0.25]],
    ["replaces NaN", () => t([nan, 1]).maskedFill(t([true, false]), -inf), [-inf, 1]],
    ["of bool is bool", () => t([true, true]).maskedFill(t([true, false]), t(false)), [false, true]],
    ["sums the derivative of the value",
      () => grad((v: Tensor) => t([1, 2, 3]).maskedFill(t([true, false, true]), v).sum())(5), 2],
  ],
};

runTable(table);
