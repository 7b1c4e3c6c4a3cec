import { mapText } from "./packages/core/dist/backends/wasmMapText.js";
import { instantiate, moduleText } from "./packages/core/dist/backends/wasmModule.js";
import { tensor, withBackend, add, exp, tanh, sigmoid } from "./packages/core/dist/index.js";
import compileWat from "./packages/core/node_modules/watr/src/compile.js";
const memory = new WebAssembly.Memory({ initial: 1024 });
const N = 1e6;
const dense = { stored: "number", repeated: false };
import { logistic } from "./packages/core/dist/ops/gates.js";
const ex = { add:(s,x,y)=>s.add(x,y), relu:(s,x)=>s.select(s.less(s.constant(0),x),x,s.constant(0)), exp:(s,x)=>s.exp(x), tanh:(s,x)=>s.tanh(x), sigmoid:(s,x)=>logistic(s,x), log:(s,x)=>s.log(x), sin:(s,x)=>s.sin(x), erf:(s,x)=>s.erf(x) };
for (const precision of ["float32","float64"]) for (const [name,e] of Object.entries(ex)) {
  const A = precision==="float32"?Float32Array:Float64Array;
  const t0=performance.now();
  const {text,cost}=mapText("map",e,[dense,dense],0,precision,"number");
  const t1=performance.now();
  const bin=compileWat(moduleText([text]));
  const t2=performance.now();
  const {map}=instantiate([text],memory);
  const t3=performance.now();
  const x=new A(N).map(()=>Math.random()*8-4), y=new A(N).map(()=>Math.random()*8-4);
  const B=A.BYTES_PER_ELEMENT;
  const W=8192, wb=W*B;
  const view=new A(memory.buffer);
  const run=()=>{ const out=new A(N); for(let o=0;o<N;o+=W){const n=Math.min(W,N-o); view.set(x.subarray(o,o+n),0); if(name==="add")view.set(y.subarray(o,o+n),W); map(1,n,2*wb,0,0,0,wb,0); out.set(view.subarray(2*W,2*W+n),o);} return out;};
  const f0=performance.now(); run(); const f1=performance.now();
  for(let i=0;i<30;i++)run();
  let best=1e9; for(let r=0;r<5;r++){const s=performance.now(); for(let i=0;i<10;i++)run(); best=Math.min(best,(performance.now()-s)/10);}
  let kern=1e9; for(let r=0;r<5;r++){const s=performance.now(); for(let i=0;i<10;i++)for(let o=0;o<N;o+=W)map(1,W,2*wb,0,0,0,wb,0); kern=Math.min(kern,(performance.now()-s)/10);}
  console.log(precision,name,"cost",cost,"emit",(t1-t0).toFixed(2),"watr",(t2-t1).toFixed(2),"inst",(t3-t2).toFixed(2),"bytes",bin.length,"first",(f1-f0).toFixed(2),"ms; steady",best.toFixed(3),"kernel",kern.toFixed(3));
}
for (const [name,f] of [["exp",Math.exp],["tanh",Math.tanh],["sigmoid",v=>1/(1+Math.exp(-v))]]) for (const A of [Float32Array,Float64Array]) { const x=new A(N).map(()=>Math.random()*8-4); const run=()=>{const out=new A(N); for(let i=0;i<N;i++)out[i]=f(x[i]); return out;}; run();run();run(); let best=1e9; for(let r=0;r<5;r++){const s=performance.now(); run(); best=Math.min(best,performance.now()-s);} console.log("Math",name,A.name,best.toFixed(3)); }
