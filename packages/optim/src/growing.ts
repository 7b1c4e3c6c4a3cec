/**
 * Lists that only grow.
 * @module
 */

/** An immutable list to which an item is added without a copy: the longer one shares its place in memory. */
export class Growing<T> {
  /** Perhaps longer than this list. */
  readonly #shared: T[];
  readonly #length: number;

  constructor(items: T[]) {
    this.#shared = items;
    this.#length = items.length;
  }

  /** The list with one more. */
  with(item: T): Growing<T> {
    // Where another list has grown from this one already, the place is taken.
    const items = this.#shared.length === this.#length ? this.#shared : this.toArray();
    items.push(item);
    return new Growing(items);
  }

  toArray(): T[] {
    return this.#shared.slice(0, this.#length);
  }
}
