import { mapText } from "./packages/core/dist/backends/wasmMapText.js";
import { instantiate } from "./packages/core/dist/backends/wasmModule.js";
import { logistic } from "./packages/core/dist/ops/gates.js";
const memory = new WebAssembly.Memory({ initial: 64 });
const dense = { stored: "number", repeated: false };
const ex = { add:(s,x,y)=>s.add(x,y), exp:(s,x)=>s.exp(x), tanh:(s,x)=>s.tanh(x), sigmoid:(s,x)=>logistic(s,x), log:(s,x)=>s.log(x) };
const js={exp:Math.exp,tanh:Math.tanh,sigmoid:v=>1/(1+Math.exp(-v)),log:v=>Math.log(Math.abs(v)),add:null};
const W=8192;
function best(f,n=600){ for(let i=0;i<100;i++)f(); let b=1e9; for(let i=0;i<n;i++){const s=performance.now(); f(); b=Math.min(b,performance.now()-s);} return b*1e6/W; }
for (const precision of ["float32","float64"]) for (const [name,e] of Object.entries(ex)) {
  const A = precision==="float32"?Float32Array:Float64Array, B=A.BYTES_PER_ELEMENT, wb=W*B;
  const {text,cost}=mapText("map",e,[dense,dense],0,precision,"number");
  const {map}=instantiate([text],memory);
  const x=new A(W).map(()=>Math.random()*8-4), out=new A(W);
  const view=new A(memory.buffer);
  view.set(x); view.set(x,W);
  const k=best(()=>map(1,W,2*wb,0,0,0,wb,0));
  const c=best(()=>{view.set(x.subarray(0,W),0);map(1,W,2*wb,0,0,0,wb,0);out.set(view.subarray(2*W,3*W),0)});
  const f=js[name]; const j=f?best(new Function("x","out","f",`return ()=>{for(let i=0;i<${W};i++)out[i]=f(x[i]);}`)(x,out,f),200):0;
  console.log(precision,name,"cost",cost,"kernel ns/el",k.toFixed(3),"copies",c.toFixed(3),"Math",j.toFixed(2),"ratio",(j/c).toFixed(1));
}
