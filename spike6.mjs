import * as c from "./packages/core/dist/index.js";
const {tensor,withBackend,random}=c;
function best(f,ms=120){ f();f();f(); const t0=performance.now(); let b=1e9,n=0; const ts=[]; while(performance.now()-t0<ms||n<5){const s=performance.now(); f(); ts.push(performance.now()-s); n++;} ts.sort((a,b)=>a-b); return ts[Math.floor(ts.length*0.2)]*1e3; }
const cmp=(label,f)=>{ const s=withBackend("source",()=>best(f)), w=withBackend("wasm",()=>best(f)); console.log(label.padEnd(34),"source",s.toFixed(2).padStart(10),"wasm",w.toFixed(2).padStart(10),"ratio",(s/w).toFixed(2)); };
const only=process.argv[2]??"";
for (const dtype of ["float32","float64"]) {
  if(!only||only==="map") for (const n of [256,1024,4096,16384,131072,1000000]) {
    const x=random(1).uniform([n],{low:-4,high:4}).astype(dtype), y=random(2).uniform([n],{low:-4,high:4}).astype(dtype);
    for (const [name,f] of Object.entries({add:()=>x.add(y),relu:()=>x.relu(),exp:()=>x.exp(),tanh:()=>x.tanh(),greater:()=>c.greater(x,y)})) cmp(`${dtype} ${name} ${n}`,f);
  }
  if(!only||only==="row") for (const [r,k] of [[64,16],[64,64],[128,256],[10000,10],[1000,1000]]) { const x=random(1).uniform([r,k]).astype(dtype), b=random(2).uniform([k]).astype(dtype), d=random(2).uniform([r,1]).astype(dtype), t=random(2).uniform([k,r]).astype(dtype).transpose(); cmp(`${dtype} addrow ${r}x${k}`,()=>x.add(b)); cmp(`${dtype} addcol ${r}x${k}`,()=>x.add(d)); cmp(`${dtype} addT ${r}x${k}`,()=>x.add(t)); cmp(`${dtype} tanhT ${r}x${k}`,()=>t.tanh()); cmp(`${dtype} sum0 ${r}x${k}`,()=>x.sum({axis:0})); cmp(`${dtype} sum1 ${r}x${k}`,()=>x.sum({axis:1})); cmp(`${dtype} sumall ${r}x${k}`,()=>x.sum()); cmp(`${dtype} max1 ${r}x${k}`,()=>x.max({axis:1})); cmp(`${dtype} max0 ${r}x${k}`,()=>x.max({axis:0})); }
  if(!only||only==="mat") for (const [m,k,n] of [[4,4,4],[8,8,8],[16,16,16],[32,32,32],[64,64,64],[256,256,256],[1,256,256],[2,256,256],[4,256,256],[8,784,10],[400,2,4],[400,4,2],[4,400,2],[128,784,256],[128,128,10],[209,20,7],[209,7,5],[20,209,7],[569,30,1],[30,569,1],[209,12288,1],[64,64,1],[16,16,1]]) { const x=random(1).uniform([m,k]).astype(dtype), y=random(2).uniform([k,n]).astype(dtype), xt=random(1).uniform([k,m]).astype(dtype).transpose(), yt=random(2).uniform([n,k]).astype(dtype).transpose(); cmp(`${dtype} matmul ${m}x${k}x${n}`,()=>x.matmul(y)); if(m*k*n>4096){cmp(`${dtype} matmul T ${m}x${k}x${n}`,()=>xt.matmul(y)); cmp(`${dtype} matmul .T ${m}x${k}x${n}`,()=>x.matmul(yt));} }
}
