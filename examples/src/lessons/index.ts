/** All examples by name, in the order of a course. */
import type { Lesson } from "../lesson.js";
import { customModel } from "./customModel.js";
import { deep } from "./deep.js";
import { initialisation } from "./initialisation.js";
import { learningRates } from "./learningRates.js";
import { linearActivation } from "./linearActivation.js";
import { logistic } from "./logistic.js";
import { loop } from "./loop.js";
import { metaLearning } from "./metaLearning.js";
import { mnist } from "./mnist.js";
import { regression } from "./regression.js";
import { sampleGradients } from "./sampleGradients.js";
import { scale } from "./scale.js";
import { search } from "./search.js";
import { shallow } from "./shallow.js";

export const lessons: Readonly<Record<string, Lesson<unknown>>> = {
  logistic,
  loop,
  shallow,
  initialisation,
  "linear-activation": linearActivation,
  "learning-rates": learningRates,
  deep,
  regression,
  mnist,
  scale,
  search,
  "custom-model": customModel,
  "per-sample-gradients": sampleGradients,
  "meta-learning": metaLearning,
};
