// The board in words, for those who do not see the canvas.

import type { Board } from './board.js';
import { fill, make } from './make.js';
import { soon } from './soon.js';

/** Changes are told together when there was none for so long. */
const PAUSE = 400;
/** So many notes are listed, the last; the others are a number. */
const LISTED_MAX = 200;

export class Describe {
  #board: Board;
  #canvas: HTMLElement;
  #list: HTMLElement;
  #hint: HTMLElement;
  #timer = 0;

  /** The canvas gets a label, `list` the notes; `hint` is shown while the board is empty. */
  constructor(board: Board, canvas: HTMLElement, list: HTMLElement, hint: HTMLElement) {
    this.#board = board;
    this.#canvas = canvas;
    this.#list = list;
    this.#hint = hint;
    const changed = soon(() => this.update());
    board.watch({ added: changed, changed, moving: changed });
  }

  /** The hint at once, the words soon. */
  update(): void {
    this.#hint.hidden = this.#board.live.size > 0 || !this.#board.seen().next().done;
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#tell();
    }, PAUSE);
  }

  #tell(): void {
    const counts = { stroke: 0, note: 0, image: 0, clear: 0 };
    const notes: string[] = [];
    for (const { shape } of this.#board.seen()) {
      counts[shape.kind] += 1;
      if (shape.kind === 'note') notes.push(shape.text);
    }
    const parts = [some(counts.stroke, 'line'), some(counts.note, 'note'), some(counts.image, 'picture')];
    this.#canvas.setAttribute('aria-label', `Board with ${parts.join(', ')}`);
    const listed = notes.slice(-LISTED_MAX).map((text) => make('li', { dir: 'auto' }, text));
    const more = notes.length - listed.length;
    fill(this.#list, more > 0 ? [make('li', {}, `${more} earlier notes`), ...listed] : listed);
  }
}

function some(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
