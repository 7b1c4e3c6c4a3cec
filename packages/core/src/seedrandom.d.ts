/** The one generator of seedrandom that is used: the package itself loads all of them. */
declare module "seedrandom/lib/alea.js" {
  interface Alea<State> {
    /** 53 random bits below 1. */
    double(): number;
    state(): State;
  }
  /** `state`: where to go on; `true`: at the start. */
  export default function alea<State>(seed: string, options: { readonly state: State | true }): Alea<State>;
}
