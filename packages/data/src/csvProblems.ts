import { DataError } from "@cotangent/core";

/** As many as one can read. */
const most = 20;

/** Cells that are not what they should be, collected so that one run shows them all. */
export class CsvProblems {
  readonly #operator: string;
  readonly #source: string;
  readonly #list: { readonly wanted: string; readonly place: string; readonly got: string }[] = [];

  constructor(operator: string, source: string) {
    this.#operator = operator;
    this.#source = source;
  }

  /** Whether there is any. */
  get any(): boolean {
    return this.#list.length > 0;
  }

  /** @param cell the text; `null` for a missing value */
  add(wanted: string, line: number, column: string, cell: string | null): void {
    const got = cell === null ? "a missing value" : JSON.stringify(cell.slice(0, 40));
    this.#list.push({ wanted, place: `line ${line}, column "${column.slice(0, 40)}"`, got });
    if (this.#list.length > most) this.check();
  }

  /** @throws `DataError` with all of them, if there are any */
  check(): void {
    const [first, ...others] = this.#list;
    if (first === undefined) return;
    const lines = others.map(({ place, got }, i) => (i + 1 < most ? `\n  ${place}: ${got}` : "\n  and more"));
    throw new DataError(
      `${this.#operator}: expected ${first.wanted} in ${first.place} of ${this.#source}, got ${first.got}${lines.length === 0 ? "" : `; also${lines.join("")}`}`,
    );
  }
}
