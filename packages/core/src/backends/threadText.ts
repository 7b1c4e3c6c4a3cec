/**
 * What a thread beside the main one runs, as text: there is no file that a bundler would have to know about, and the
 * same text serves Node and pages. It knows nothing but jobs: modules by their bytes, functions by their place, numbers.
 * @module
 */
import { counter, firstPart, jobStart, lifeStep } from "./threadPlaces.js";

/** Numbers of a call before its arguments: module, address and bytes, function, count, and which ones are in the room. */
const callHead = 6;

/** What a thread is started with. */
export interface ThreadStart {
  readonly cotangent: true;
  readonly counters: Int32Array;
  readonly job: Float64Array;
  readonly message: Uint16Array;
  readonly memory: object;
  /** From 1 on: the main thread is 0. */
  readonly index: number;
  /** Turns that it looks for work before it sleeps: waking it takes as long as some 100,000 of them. */
  readonly turns: number;
  /** Instances that it keeps at most. */
  readonly instances: number;
}

export const threadText = `"use strict";
const run = ({ counters, job, message, memory, index, turns, instances }) => {
  const life = ${counter.life} + ${lifeStep} * (index - 1);
  const made = new Map();
  const functionsOf = (id, address, length) => {
    let list = made.get(id);
    if (list !== undefined) return list;
    if (memory.buffer.byteLength < address + length) memory.grow(0);
    const module = new WebAssembly.Module(new Uint8Array(memory.buffer, address, length).slice());
    const { exports } = new WebAssembly.Instance(module, { outside: { memory } });
    list = Object.values(exports);
    if (made.size >= instances) made.delete(made.keys().next().value);
    made.set(id, list);
    return list;
  };
  const runPart = (part) => {
    const room = job[${jobStart.room}] + index * job[${jobStart.step}];
    let at = job[${jobStart.parts} + part];
    for (let calls = job[at++]; calls > 0; calls--) {
      const f = functionsOf(job[at], job[at + 1], job[at + 2])[job[at + 3]];
      const count = job[at + 4];
      const inRoom = job[at + 5];
      at += ${callHead};
      const args = [];
      for (let i = 0; i < count; i++, at++) args.push(i < 31 && (inRoom >>> i) & 1 ? job[at] + room : job[at]);
      f(...args);
      Atomics.add(counters, life, 1);
    }
  };
  const isLeft = (range) => range >>> 16 < range % ${firstPart};
  const say = () => {
    Atomics.add(counters, ${counter.event}, 1);
    Atomics.notify(counters, ${counter.event});
  };
  for (;;) {
    // Whoever changes the range has a part of the job that is there now, even if it has read the range of one before.
    for (let left = Atomics.load(counters, ${counter.left}); isLeft(left); ) {
      const now = Atomics.compareExchange(counters, ${counter.left}, left, left - 1);
      if (now !== left) {
        left = now;
        continue;
      }
      Atomics.add(counters, life, 1);
      try {
        runPart((left % ${firstPart}) - 1);
      } catch (error) {
        const text = String(error).slice(0, message.length) || "?";
        for (let i = 0; i < text.length; i++) message[i] = text.charCodeAt(i);
        Atomics.store(counters, ${counter.failed}, text.length);
        say();
        return;
      }
      Atomics.add(counters, ${counter.done}, 1);
      say();
      left = Atomics.load(counters, ${counter.left});
    }
    const seen = Atomics.load(counters, ${counter.signal});
    let turn = 0;
    while (turn < turns && !isLeft(Atomics.load(counters, ${counter.left}))) turn++;
    if (turn === turns) {
      Atomics.add(counters, life, 1);
      Atomics.wait(counters, ${counter.signal}, seen);
      Atomics.add(counters, life, 1);
    }
    if (Atomics.load(counters, ${counter.stop}) !== 0) return;
  }
};
const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node?.workerData?.cotangent === true) {
  node.parentPort.postMessage("ready");
  run(node.workerData);
} else
  globalThis.onmessage = ({ data }) => {
    postMessage("ready");
    run(data);
  };
`;
