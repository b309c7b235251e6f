// The board as it was after each of its steps.

import { Board, type Item } from './board.js';
import type { Change, Kept } from './past.js';
import type { ObjectMessage } from './protocol.js';

export class Rewind {
  /** What is shown. */
  readonly board: Board;
  readonly steps: readonly Kept[];
  #order: Change[];
  /** What is hidden before the first step. */
  #hidden: number[];
  /** How much of the order is on the board. */
  #done = 0;
  #restart: () => void;

  /**
   * The objects `now` on the live board that no step made were there before, or came where the journal lacks something. `board` is empty;
   * `restart()` is told when its items are made anew.
   */
  constructor(board: Board, steps: readonly Kept[], now: Iterable<Item>, restart: () => void) {
    this.board = board;
    this.steps = steps;
    this.#restart = restart;
    const changes = steps.map(({ message }) => message);
    const made = new Set(changes.filter(isObject).map(({ revision }) => revision));
    const last = changes.at(-1)?.revision ?? 0;
    // The first step that speaks of an object says the opposite of what it was before.
    const first = new Map<number, boolean>();
    for (const change of changes) {
      if (isObject(change)) continue;
      for (const revision of change.revisions) if (!first.has(revision)) first.set(revision, change.kind !== 'hide');
    }
    const others = [...now].filter(({ revision }) => revision <= last && !made.has(revision));
    this.#hidden = others.filter(({ revision, hidden }) => first.get(revision) ?? hidden).map(({ revision }) => revision);
    const before = others.map(({ shape, revision }): ObjectMessage => ({ ...shape, author: 0n, revision }));
    this.#order = [...before, ...changes].sort((one, other) => one.revision - other.revision);
  }

  /** Shows the board as it was after so many steps. */
  seek(steps: number): void {
    const until = steps > 0 ? this.steps[steps - 1]!.message.revision : (this.steps[0]?.message.revision ?? 1) - 1;
    if (this.#done > 0 && this.#order[this.#done - 1]!.revision > until) {
      this.board.reset();
      this.#done = 0;
      this.#restart();
    }
    const hidden = new Set(this.#hidden);
    for (let next = this.#order[this.#done]; next && next.revision <= until; next = this.#order[this.#done]) {
      this.#done += 1;
      if (!isObject(next)) {
        this.board.flag(next, false);
        continue;
      }
      this.board.place(next, false);
      if (hidden.has(next.revision)) {
        this.board.flag({ kind: 'hide', action: 0n, author: 0n, revision: next.revision, revisions: [next.revision] }, false);
      }
    }
  }
}

function isObject(change: Change): change is ObjectMessage {
  return change.kind !== 'hide' && change.kind !== 'show';
}
