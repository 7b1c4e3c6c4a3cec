/** A file of minified code, and what it consists of. */
export interface Chunk {
  readonly fileName: string;
  readonly code: string;
  readonly modules: Readonly<Record<string, { readonly code: string | null }>>;
}

/** The chunks, with the one that the page loads first. */
export function bundle(input: string): Promise<readonly Chunk[]>;
