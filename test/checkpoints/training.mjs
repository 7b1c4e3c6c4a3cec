// Trains from the last complete checkpoint of a folder on, and saves as it goes: a process made to be killed.
// Arguments: the folder, the steps in all, the steps between checkpoints. Says what it is about to do, a word a line.
import { tensor } from "@cotangent/core";
import { latestCheckpoint, saveStep } from "@cotangent/data/node";
import { binaryCrossEntropyWithLogits, shallowNetwork } from "@cotangent/nn";
import { adam, train, trainState } from "@cotangent/optim";
import { writeSync } from "node:fs";

const [folder, steps, every] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const say = (word) => void writeSync(1, `${word}\n`);

const model = shallowNetwork({ inputs: 2, hidden: 8, outputs: 1 });
const optimizer = adam({ learningRate: 0.01 });
// The batch is drawn from the state's own stream.
const options = {
  optimizer,
  cost: (params, _, { random }) => {
    const x = random.normal([16, 2]);
    const y = x.prod({ axis: 1, keepDims: true }).greater(0).astype("float64");
    return binaryCrossEntropyWithLogits(model.apply(params, x), y);
  },
};
// Large enough for a write to take its time.
const ballast = tensor(new Float64Array(30000));
const start = { ...trainState({ model, optimizer, seed: 1 }), ballast };

const found = await latestCheckpoint(folder, { like: start });
let state = found === null ? start : found.state;
say("ready");
while (state.step < steps) {
  state = { ...train(state, undefined, options), ballast };
  say("trained");
  if (state.step % every === 0 || state.step === steps) {
    const saving = saveStep(folder, state, { keep: 2 });
    say("saving");
    await saving;
    say("saved");
  }
}
say("done");
