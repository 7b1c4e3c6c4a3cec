/** Cotangent with something switched on: threads, a BLAS. Only work that these can speed up is measured. @module */
import * as core from "@cotangent/core";
import * as cases from "../cases.js";
import { Unavailable, type Peer } from "../peer.js";

/** The part of the library that a version of it may not have yet. */
interface Switches {
  readonly startThreads?: (n: number) => Promise<number>;
}
const switches = core as Switches;

const heavy = /^(step|matmul)/;
const wide = new Set(cases.elementwise.map(cases.elementwiseName));

function only(peer: Peer, about: string, wanted: (name: string) => boolean): Peer {
  const names = Object.keys(peer.cases).filter(wanted);
  return {
    about: `${peer.about}, ${about}`,
    cases: Object.fromEntries(names.map((name) => [name, peer.cases[name]!])),
  };
}

/** The gist of a message. */
const reason = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split(/[;\n]| \(/)[0]!;

/** @throws {@link Unavailable} where the library has no threads, or the machine only one processor or no shared memory */
export async function withThreads(n: number, make: () => Promise<Peer>): Promise<Peer> {
  if (switches.startThreads === undefined) throw new Unavailable("this version of Cotangent has no threads");
  const started = await switches.startThreads(n).catch((error: unknown) => {
    throw new Unavailable(reason(error));
  });
  if (started !== n) throw new Unavailable(`${n} threads wanted, ${started} to be had here`);
  return only(await make(), `${n} threads`, (name) => heavy.test(name) || wide.has(name));
}

/** @throws {@link Unavailable} where there is no BLAS */
export async function withBlas(make: () => Promise<Peer>): Promise<Peer> {
  const { name, version, threads } = await core.useBlas().catch((error: unknown) => {
    throw new Unavailable(reason(error));
  });
  const number = /\d+(\.\d+)+/.exec(version ?? "")?.[0] ?? "";
  return only(await make(), `products by ${name} ${number}, ${threads ?? "?"} threads`, (name) => heavy.test(name));
}
