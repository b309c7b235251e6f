// A panel beside the board, and the button in the header that opens it.

import { icon, make, part } from './make.js';

const CROSS = 'M5 5 L15 15 M15 5 L5 15';
/** Where two panels do not fit beside each other, opening one closes the others. */
const NARROW = matchMedia('(max-width: 900px)');

const all: Panel[] = [];

export class Panel {
  /** The whole of it, under its bar. */
  readonly section: HTMLElement;
  /** In the header. */
  readonly button: HTMLButtonElement;
  #close: HTMLButtonElement;
  #opened: () => void;
  #closed: () => void;

  /** Calls `opened()` after it was opened, `closed()` after it was closed. `sign` is the path of the button's icon. */
  constructor(id: string, title: string, sign: string, opened: () => void, closed: () => void) {
    this.#opened = opened;
    this.#closed = closed;
    const close = { type: 'button', class: 'plain', id: `${id}-close`, 'aria-label': `Close: ${title}` };
    this.#close = make('button', close, icon(CROSS));
    const heading = make('h2', { id: `${id}-title` }, title);
    const bar = make('div', { class: 'bar' }, heading, this.#close);
    this.section = make('section', { id, class: 'panel', 'aria-labelledby': heading.id, hidden: true }, bar);
    this.button = make(
      'button',
      { type: 'button', id: `${id}-toggle`, class: 'door', 'aria-controls': id, 'aria-expanded': 'false', title },
      icon(sign),
      make('span', { class: 'word' }, title),
    );
    this.button.addEventListener('click', () => this.toggle());
    this.#close.addEventListener('click', () => this.close());
    this.section.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
    });
    part('panels').append(this.section);
    all.push(this);
  }

  get open(): boolean {
    return !this.section.hidden;
  }

  toggle(): void {
    if (this.open) this.close();
    else this.#show();
  }

  /** The focus goes back to the button. */
  close(): void {
    if (!this.open) return;
    const focused = this.section.contains(document.activeElement);
    this.#hide();
    if (focused) this.button.focus();
  }

  /** Without a first place to write in, the closing button is where the keyboard begins. */
  begin(): void {
    this.#close.focus({ preventScroll: true });
  }

  #show(): void {
    if (NARROW.matches) for (const other of all) other.#hide();
    this.section.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    this.#opened();
  }

  #hide(): void {
    if (!this.open) return;
    this.section.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    this.#closed();
  }
}
