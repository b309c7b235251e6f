// What a person does to the board: seen at once, sent, remembered so that it can be undone.

import type { Board, Item, Shape } from './board.js';
import { History, type Step } from './history.js';
import * as protocol from './protocol.js';

/** Takes actions to the server: all of them, sometime; `alone` keeps the order to those before and after it. */
export interface Sender {
  add(action: bigint, frame: ArrayBuffer, alone?: boolean): void;
  settle(action: bigint): void;
}

export class Editor {
  #board: Board;
  #sender: Sender;
  #newAction: () => bigint;
  #watchers: (() => void)[] = [];
  #history = new History();
  /** Own hides and shows that are on their way. */
  #flags = new Set<bigint>();
  /** What undoing a step left as it was, since others had done it already: doing it again leaves it, too. */
  #left = new WeakMap<Step, Set<Item>>();

  constructor(board: Board, sender: Sender, newAction: () => bigint) {
    this.#board = board;
    this.#sender = sender;
    this.#newAction = newAction;
    // What others do decides what there is to undo.
    board.watch({ added() {}, changed: () => this.#changed(), moving() {} });
  }

  /** `changed()` is told when there may be more or less to undo. */
  watch(changed: () => void): void {
    this.#watchers.push(changed);
  }

  get canUndo(): boolean {
    return this.#history.canUndo(this.#undoes);
  }

  get canRedo(): boolean {
    return this.#history.canRedo(this.#redoes);
  }

  /** A step to come: it counts from the first object that is made or erased in it. */
  step(what: string): Step {
    return { what, made: [], erased: [] };
  }

  make(shape: Shape, step: Step): void {
    const item = this.#board.hold(shape);
    step.made.push(item);
    this.#history.record(step);
    this.#sender.add(shape.action, frameOf(shape), shape.kind === 'clear');
    this.#changed();
  }

  erase(items: readonly Item[], step: Step): void {
    if (items.length === 0) return;
    for (const item of items) step.erased.push(item);
    this.#history.record(step);
    this.#set(items, true);
    this.#changed();
  }

  /** Takes everything off the board; gives the step. */
  clear(): Step {
    const step = this.step('the clearing');
    this.make({ kind: 'clear', action: this.#newAction() }, step);
    return step;
  }

  /** Undoes the last step of which something is left, or that one, whatever came after it. What was undone, in words. */
  undo(that?: Step): string | undefined {
    const step = this.#history.undo(this.#undoes, that);
    if (!step) return undefined;
    const made = step.made.filter((item) => this.#board.matters(item, true));
    const erased = step.erased.filter((item) => this.#board.matters(item, false));
    const turned = new Set([...made, ...erased]);
    this.#left.set(step, new Set([...step.made, ...step.erased].filter((item) => !turned.has(item))));
    this.#set(made, true);
    this.#set(erased, false);
    this.#changed();
    return step.what;
  }

  /** What was done again, in words. */
  redo(): string | undefined {
    const step = this.#history.redo(this.#redoes);
    if (!step) return undefined;
    const { made, erased } = this.#again(step);
    this.#set(erased, true);
    this.#set(made, false);
    this.#changed();
    return step.what;
  }

  /** The server has the action, as this revision. */
  acked(action: bigint, revision: number): void {
    this.#flags.delete(action);
    const item = this.#board.learned(action, revision);
    this.#sender.settle(action);
    if (item) this.#settled(item);
  }

  /** The server will never take the action. */
  refused(action: bigint): void {
    this.#sender.settle(action);
    if (this.#flags.delete(action)) this.#board.unwish(action);
    const item = this.#board.drop(action);
    if (item) this.#history.forget(item);
    this.#changed();
  }

  /** An object at its place in the order. */
  placed(message: protocol.ObjectMessage, mine: boolean): void {
    this.#settled(this.#board.place(message, mine));
  }

  /** Another board: revisions mean other objects there. */
  reset(): void {
    for (const action of this.#flags) this.#sender.settle(action);
    this.#flags.clear();
    this.#history.reset();
    this.#board.reset();
    this.#changed();
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }

  #undoes = ({ made, erased }: Step): boolean =>
    made.some((item) => this.#board.matters(item, true)) || erased.some((item) => this.#board.matters(item, false));

  #redoes = (step: Step): boolean => {
    const { made, erased } = this.#again(step);
    return made.length + erased.length > 0;
  };

  /** What is to do when the step is done again. */
  #again(step: Step): { made: Item[]; erased: Item[] } {
    const [left, board] = [this.#left.get(step), this.#board];
    return {
      made: step.made.filter((item) => !left?.has(item) && board.matters(item, false)),
      erased: step.erased.filter((item) => !left?.has(item) && board.matters(item, true)),
    };
  }

  /** Hides or shows: what has a revision by an action, what has none yet on this page alone, until it has. */
  #set(items: readonly Item[], hidden: boolean): void {
    this.#board.wish(items.filter(({ revision }) => revision === 0), hidden, 0n);
    const known = items.filter(({ revision }) => revision > 0);
    for (let at = 0; at < known.length; at += protocol.REVISIONS_MAX) {
      const part = known.slice(at, at + protocol.REVISIONS_MAX);
      const action = this.#newAction();
      const fields = { action, revisions: part.map(({ revision }) => revision) };
      this.#flags.add(action);
      this.#board.wish(part, hidden, action);
      this.#sender.add(action, hidden ? protocol.hide(fields) : protocol.show(fields), true);
    }
  }

  /** The object has its revision now: what was wished before is sent. */
  #settled(item: Item): void {
    if (item.wish?.action !== 0n) return;
    if (item.wish.hidden) this.#set([item], true);
    else item.wish = null;
  }
}

function frameOf(shape: Shape): ArrayBuffer {
  switch (shape.kind) {
    case 'stroke':
      return protocol.stroke(shape);
    case 'note':
      return protocol.note(shape);
    case 'image':
      return protocol.image(shape);
    case 'clear':
      return protocol.clear(shape);
  }
}
