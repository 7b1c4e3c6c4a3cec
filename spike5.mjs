import { productTexts, tileColumns } from "./packages/core/dist/backends/wasmProductText.js";
import { instantiate } from "./packages/core/dist/backends/wasmModule.js";
const memory = new WebAssembly.Memory({ initial: 1024 });
for (const precision of ["float32","float64"]) {
  const t0=performance.now();
  const f=instantiate(productTexts(precision),memory); console.log("inst",performance.now()-t0);
  const A=precision==="float32"?Float32Array:Float64Array, S=A.BYTES_PER_ELEMENT, r=precision==="float32"?Math.fround:x=>x;
  const W=tileColumns[precision];
  const al=x=>(x+63)&~63;
  const mul=(m,n,k,ta,tb,reps)=>{
    const a=new A(m*k).map(()=>Math.random()-.5), b=new A(k*n).map(()=>Math.random()-.5);
    let at=0; const room=bytes=>{const p=at; at=al(at+bytes+64); return p;};
    const pa=room(m*k*S), pb=room(k*n*S), bp=room(Math.ceil(n/W)*W*k*S), MC=Math.min(m,128), ap=room((MC+3)*256*S), tile=room(256), pc=room(m*n*S);
    new A(memory.buffer,pa,m*k).set(a); new A(memory.buffer,pb,k*n).set(b);
    const [aL,aS]=ta?[S,m*S]:[k*S,S], [bL,bS]=tb?[k*S,S]:[S,n*S];
    const run=()=>{ f["pack"+W](n,k,pb,bL,bS,bp,k*W*S); for(let i=0;i<m;i+=128) f.multiply(Math.min(128,m-i),n,k,pa+i*aL,aL,aS,bp,pc+i*n*S,n*S,ap,tile); };
    run(); const c=new A(memory.buffer,pc,m*n).slice();
    let bad=0; if(m*n*k<3e6){ for(let i=0;i<m;i++)for(let j=0;j<n;j++){let s=0; for(let h=0;h<k;h++) s=r(s+r((ta?a[h*m+i]:a[i*k+h])*(tb?b[j*k+h]:b[h*n+j]))); if(!Object.is(s,c[i*n+j]))bad++;} }
    let best=1e9; for(let i=0;i<reps;i++){const s=performance.now(); run(); best=Math.min(best,performance.now()-s);}
    console.log(precision,m,n,k,ta,tb,"bad",bad,"GFLOP/s",(2*m*n*k/best/1e6).toFixed(1),"ms",best.toFixed(4));
  };
  for(const [ta,tb] of [[0,0],[1,0],[0,1],[1,1]]) { mul(5,7,3,ta,tb,1); mul(37,29,300,ta,tb,1); mul(130,1,9,ta,tb,1); mul(64,64,64,ta,tb,3000); mul(256,256,256,ta,tb,100); mul(512,512,512,ta,tb,30); }
  mul(209,20,12288,0,0,20); mul(12288,20,209,1,0,20); mul(128,256,784,0,0,50); mul(784,256,128,1,0,50); mul(128,10,128,0,0,500);
}
