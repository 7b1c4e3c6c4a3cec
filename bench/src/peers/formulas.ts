/**
 * The library's own formulas for exponentials and their kin, written out by hand as loops: what its generated loops are
 * measured from. The arithmetic is that of `packages/core/src/elementary`, step by step.
 * @module
 */

type Loop<A> = (x: A, z: A) => void;

/** $2^{i - 1023}$ at `i`. */
const powers = Float64Array.from({ length: 2048 }, (_, i) => (i < 2047 ? 2 ** (i - 1023) : Infinity));
const big = 6755399441055744;

function exp64(x: number): number {
  const bounded = Math.min(Math.max(x, -746), 710);
  const k = bounded * 1.4426950408889634 + big - big;
  const hi = bounded - k * 0.6931471805598903;
  const low = -(k * 5.497923018708371e-14);
  const tail = tail64(hi + low) + low;
  const sum = 1 + hi;
  const y = sum + (hi - (sum - 1) + tail);
  const half = k * 0.5 + big - big;
  return y * powers[(half + 1023) & 2047]! * powers[(k - half + 1023) & 2047]!;
}

function tail64(r: number): number {
  const r2 = r * r;
  const r4 = r2 * r2;
  const a = (0.008333333333317663 * r + 0.04166666666666651) * r2 + (0.16666666666666682 * r + 0.5);
  const b =
    (2.7557236006682046e-6 * r + 2.480158713055541e-5) * r2 + (0.00019841269895065945 * r + 0.001388888888897851);
  const c = 2.086360808681281e-9 * r2 + (2.5111682708563457e-8 * r + 2.755744072417357e-7);
  return r2 * (c * (r4 * r4) + (b * r4 + a));
}

function tanh64(x: number): number {
  const bounded = Math.max(Math.min(x, 20), -20);
  const a = Math.abs(bounded);
  if (a < 2 ** -28) return x;
  const sign = 2 * Math.floor(bounded * 0.03125) + 1;
  if (a < 0.625) {
    const z = a * a;
    const z2 = z * z;
    const top = (-6.853145619460126e-5 * z - 0.956576244763131) * z2 + (-84.0407329778585 * z - 1307.7842076984148);
    const bottom = (z + 96.24555569230054) * z2 + (1821.4632481716733 * z + 3923.3526230952443);
    return (a + (a * z * top) / bottom) * sign;
  }
  const twice = a + a;
  const k = twice * 1.4426950408889634 + big - big;
  const hi = twice - k * 0.6931471805598903;
  const low = -(k * 5.497923018708371e-14);
  const power = powers[(k + 1023) & 2047]!;
  const rest = power * (hi + (tail64(hi + low) + low));
  const above = power + 1 + rest;
  const left = rest - (above - (power + 1));
  const q = -2 / above;
  const sum = 1 + q;
  return (sum + (q - (sum - 1) + q * q * (left * 0.5))) * sign;
}

const f = Math.fround;
const big32 = 12582912;
const inverse32 = f(1.4426950408889634);

function exp32(x: number): number {
  const bounded = Math.min(Math.max(x, -104), 89);
  const k = f(f(f(bounded * inverse32) + big32) - big32);
  const hi = f(bounded - f(k * 0.693145751953125));
  const low = -f(k * 1.428606765330187e-6);
  const tail = f(tail32(f(hi + low)) + low);
  const sum = f(1 + hi);
  const y = f(sum + f(f(hi - f(sum - 1)) + tail));
  const half = f(f(f(k * 0.5) + big32) - big32);
  return f(f(y * powers[(half + 1023) & 2047]!) * powers[(f(k - half) + 1023) & 2047]!);
}

function tail32(r: number): number {
  const r2 = f(r * r);
  const a = f(f(f(f(0.00836851540952921 * r) + 0.04166677966713905) * r2) + f(f(0.1666652262210846 * r) + 0.5));
  return f(r2 * f(f(0.001390503253787756 * f(r2 * r2)) + a));
}

function tanh32(x: number): number {
  const bounded = Math.max(Math.min(x, 10), -10);
  const a = Math.abs(bounded);
  if (a < 2 ** -13) return x;
  const sign = f(2 * Math.floor(f(bounded * 0.03125)) + 1);
  if (a < 0.625) {
    const z = f(a * a);
    const top = f(f(-0.9336481094360352 * z) - 21.066743850708008);
    const bottom = f(f(z * z) + f(f(28.081035614013672 * z) + 63.20022964477539));
    return f(f(a + f(f(f(a * z) * top) / bottom)) * sign);
  }
  const twice = f(a + a);
  const k = f(f(f(twice * inverse32) + big32) - big32);
  const hi = f(twice - f(k * 0.693145751953125));
  const low = -f(k * 1.428606765330187e-6);
  const power = powers[(k + 1023) & 2047]!;
  const one = f(power + 1);
  const rest = f(power * f(hi + f(tail32(f(hi + low)) + low)));
  const above = f(one + rest);
  const left = f(rest - f(above - one));
  const q = f(-2 / above);
  const sum = f(1 + q);
  return f(f(sum + f(f(q - f(sum - 1)) + f(f(q * q) * f(left * 0.5)))) * sign);
}

export const formulas64: Readonly<Record<"exp" | "tanh" | "sigmoid", Loop<Float64Array>>> = {
  exp: (x, z) => {
    for (let i = 0; i < z.length; i++) z[i] = exp64(x[i]!);
  },
  tanh: (x, z) => {
    for (let i = 0; i < z.length; i++) z[i] = tanh64(x[i]!);
  },
  sigmoid: (x, z) => {
    for (let i = 0; i < z.length; i++) {
      const e = exp64(x[i]! < 0 ? x[i]! : -x[i]!);
      z[i] = (x[i]! < 0 ? e : 1) / (1 + e);
    }
  },
};

export const formulas32: Readonly<Record<"exp" | "tanh" | "sigmoid", Loop<Float32Array>>> = {
  exp: (x, z) => {
    for (let i = 0; i < z.length; i++) z[i] = exp32(x[i]!);
  },
  tanh: (x, z) => {
    for (let i = 0; i < z.length; i++) z[i] = tanh32(x[i]!);
  },
  sigmoid: (x, z) => {
    for (let i = 0; i < z.length; i++) {
      const e = exp32(x[i]! < 0 ? x[i]! : -x[i]!);
      z[i] = f((x[i]! < 0 ? e : 1) / f(1 + e));
    }
  },
};
