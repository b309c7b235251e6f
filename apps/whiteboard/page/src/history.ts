// What this page did, to be undone and done again: its own steps alone, the last first.

import type { Item } from './board.js';

/** More is not remembered. */
const STEPS_MAX = 500;

/** One thing a person did: objects that came of it, and objects that it took away. */
export interface Step {
  readonly what: string;
  readonly made: Item[];
  readonly erased: Item[];
}

/**
 * Whether undoing the step, or doing it again, would change anything now. One that would not is passed over and stays:
 * what others did to its objects they may undo.
 */
export type Counts = (step: Step) => boolean;

export class History {
  #done: Step[] = [];
  #undone: Step[] = [];

  canUndo(counts: Counts): boolean {
    return this.#done.findLast(counts) !== undefined;
  }

  canRedo(counts: Counts): boolean {
    return this.#undone.findLast(counts) !== undefined;
  }

  /** The last step; what was undone before it cannot be done again. */
  record(step: Step): void {
    this.#undone = [];
    if (this.#done.at(-1) === step) return;
    this.#done.push(step);
    if (this.#done.length > STEPS_MAX) this.#done.shift();
  }

  /** The last step that counts, or that one if it was not undone yet. */
  undo(counts: Counts, that = this.#done.findLast(counts)): Step | undefined {
    return moved(this.#done, this.#undone, that);
  }

  redo(counts: Counts): Step | undefined {
    return moved(this.#undone, this.#done, this.#undone.findLast(counts));
  }

  /** The object is not on the board: a step that made nothing else is none. */
  forget(item: Item): void {
    for (const steps of [this.#done, this.#undone]) {
      for (const { made } of steps) {
        const at = made.indexOf(item);
        if (at >= 0) made.splice(at, 1);
      }
    }
    const real = ({ made, erased }: Step) => made.length + erased.length > 0;
    this.#done = this.#done.filter(real);
    this.#undone = this.#undone.filter(real);
  }

  reset(): void {
    this.#done = [];
    this.#undone = [];
  }
}

function moved(from: Step[], to: Step[], step: Step | undefined): Step | undefined {
  const at = step ? from.lastIndexOf(step) : -1;
  if (!step || at < 0) return undefined;
  from.splice(at, 1);
  to.push(step);
  return step;
}
