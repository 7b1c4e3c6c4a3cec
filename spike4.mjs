import { lanesOf } from "./packages/core/dist/readings/lanes.js";
const t=lanesOf((s,x)=>s.tanh(x),[{name:"$x0",level:2}],"float32");
console.log(t.statements[0].join("\n")); console.log(t.statements[2].join("\n"));
