/** The minified code of one chunk, and what it consists of. */
export function bundle(
  input: string,
): Promise<{ readonly code: string; readonly modules: Readonly<Record<string, { readonly code: string | null }>> }>;
