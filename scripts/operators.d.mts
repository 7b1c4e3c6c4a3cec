/** A public operator, and what its docstring says. */
export interface Operator {
  readonly name: string;
  readonly signature: string;
  readonly family: string;
  readonly summary: string;
  readonly derivative: string;
  /** Whether the docstring says what shape comes out. */
  readonly shapes: boolean;
  readonly kink: string;
  readonly example: boolean;
}

export function firstSentence(text: string): string;
export function readOperators(): readonly Operator[];
export function pagesOf(operators: readonly Operator[]): ReadonlyMap<string, string>;
