import { mapText } from "./packages/core/dist/backends/wasmMapText.js";
import { instantiate } from "./packages/core/dist/backends/wasmModule.js";
import { logistic } from "./packages/core/dist/ops/gates.js";
const memory = new WebAssembly.Memory({ initial: 64 });
const dense = { stored: "number", repeated: false };
const ex = { exp:(s,x)=>s.exp(x), tanh:(s,x)=>s.tanh(x), sigmoid:(s,x)=>logistic(s,x) };
const W=8192;
function best(f,n=600){ for(let i=0;i<100;i++)f(); let b=1e9; for(let i=0;i<n;i++){const s=performance.now(); f(); b=Math.min(b,performance.now()-s);} return b*1e6/W; }
function memConst(t){ let at=60*65536; const u=new Uint8Array(memory.buffer); const dv=new DataView(memory.buffer);
  return t.replace(/\(v128\.const (i64x2|i32x4) ([^)]*)\)/g,(m,ty,vs)=>{ vs.split(" ").forEach((v,i)=> ty==="i64x2"?dv.setBigUint64(at+8*i,BigInt(v),true):dv.setUint32(at+4*i,Number(v),true)); const r=`(v128.load (i32.const ${at}))`; at+=16; return r;}); }
function unroll(t,step){ // duplicate $next body
  const i=t.indexOf("(loop $next\n"); const end=t.indexOf("(br_if $next ("); let body=t.slice(i+"(loop $next\n".length,end);
  const ren=body.replace(/\$(v\d+|x\d+)\b/g,(m,n)=>{ return hot.has(n)?`$${n}_u`:m; });
  function dummy(){}; return null; }
for (const precision of ["float32","float64"]) for (const [name,e] of Object.entries(ex)) {
  const A = precision==="float32"?Float32Array:Float64Array, B=A.BYTES_PER_ELEMENT, wb=W*B;
  const {text,cost}=mapText("map",e,[dense],0,precision,"number");
  const x=new A(W).map(()=>Math.random()*8-4);
  const view=new A(memory.buffer); view.set(x);
  // unroll: set of locals assigned in loop
  const i=text.indexOf("(loop $next\n")+"(loop $next\n".length, end=text.indexOf("(br_if $next (");
  const body=text.slice(i,end); const hot=new Set([...body.matchAll(/local\.set (\$[vx]\d+) /g)].map(m=>m[1]));
  const lines=body.split("\n").map(l=>l.trim()).filter(Boolean);
  const ren=l=>l.replace(/\$[vx]\d+\b/g,n=>hot.has(n)?n+"u":n);
  const loads=lines.filter(l=>/local\.set \$x/.test(l)), incs=lines.filter(l=>/^\(local\.set \$(i\d+|o) /.test(l)), store=lines.filter(l=>l.startsWith("(v128.store"));
  const mid=lines.filter(l=>!loads.includes(l)&&!incs.includes(l)&&!store.includes(l));
  const off=l=>l.replace("v128.load ","v128.load offset=16 ").replace("v128.store ","v128.store offset=16 ");
  const inter=[]; mid.forEach(l=>inter.push(l,ren(l)));
  const unrolled=[...loads,...loads.map(l=>off(ren(l))),...inter,...store,...store.map(l=>off(ren(l))),...incs,...incs].join("\n");
  const decl=[...hot].map(n=>`(local ${n}u v128)`).join(" ");
  const text2=(text.slice(0,i)+unrolled+text.slice(end)).replace("(local $o i32)","(local $o i32) "+decl);
  const inl=(t)=>{ const m=memConst(t); const map={}; const t3=m.replace(/\(local\.set (\$v\d+) (\(v128\.load \(i32\.const \d+\)\))\)/g,(z,n,l)=>{map[n]=l;return "";}); return t3.replace(/\(local\.get (\$v\d+)\)/g,(z,n)=>map[n]??z); };
const inc=(t)=>{ const map={}; const t3=t.replace(/\(local\.set (\$v\d+) (\(v128\.const [^)]*\))\)/g,(z,n,l)=>{map[n]=l;return "";}); return t3.replace(/\(local\.get (\$v\d+)\)/g,(z,n)=>map[n]??z); };
const variants={inloop:inl(text),inloopunroll:inl(text2),constin:inc(text),constinunroll:inc(text2),plain:text,mem:memConst(text),unroll:text2,memunroll:memConst(text2)};
  let r="";
  for(const [k,t] of Object.entries(variants)){ const {map}=instantiate([t],memory); r+=` ${k} ${best(()=>map(1,W,2*wb,0,0,0)).toFixed(3)}`; }
  console.log(precision,name,cost,r);
}
