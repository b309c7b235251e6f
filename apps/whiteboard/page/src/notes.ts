// Notes: typed where they will stand.

import { type Board, type Item, LINE } from './board.js';
import type { Camera } from './camera.js';
import { inked } from './colours.js';
import type { Editor } from './editor.js';
import { FONT, measure } from './paint.js';
import type { Ink } from './pen.js';
import { LETTERS_MAX, LETTERS_MIN, type NoteFields, TEXT_MAX } from './protocol.js';
import { byteLength, cleanLines, cut } from './text.js';
import type { Place, Tool } from './tool.js';

/** Letters of a note are at least so big in the window when it is written. */
const PIXELS_MIN = 12;
/** Room for the next letter, in letters. */
const ROOM = 1.2;

interface Draft {
  area: HTMLTextAreaElement;
  note: Omit<NoteFields, 'action' | 'text'>;
  /** The note that is written anew. */
  old: Item | null;
}

export class Notes implements Tool {
  #layer: HTMLElement;
  #board: Board;
  #editor: Editor;
  #camera: Camera;
  #ink: Ink;
  #newAction: () => bigint;
  #dark: () => boolean;
  #said: (text: string) => void;
  #draft: Draft | null = null;
  #at: Place | null = null;

  /** Text areas are put into `layer`; `said(text)` tells the person something. */
  constructor(
    layer: HTMLElement, board: Board, editor: Editor, camera: Camera, ink: Ink, newAction: () => bigint,
    dark: () => boolean, said: (text: string) => void,
  ) {
    this.#layer = layer;
    this.#board = board;
    this.#editor = editor;
    this.#camera = camera;
    this.#ink = ink;
    this.#newAction = newAction;
    this.#dark = dark;
    this.#said = said;
    camera.watch(() => this.replace());
  }

  begin(place: Place): void {
    this.#at = place;
  }

  extend(places: readonly Place[]): void {
    this.#at = places.at(-1) ?? this.#at;
  }

  end(): void {
    if (this.#at) this.write(this.#at.x, this.#at.y);
    this.#at = null;
  }

  cancel(): void {
    this.#at = null;
  }

  /** Writes the note that is at this place, or a new one beginning there. */
  write(x: number, y: number): void {
    if (this.edit(x, y)) return;
    const size = sizeFor(this.#ink.width, this.#camera.scale);
    const top = y - (size * LINE) / 2;
    this.#open({ colour: this.#ink.colour, x: Math.fround(x), y: Math.fround(top), size }, '', null);
  }

  /** Writes the note at this place anew; whether there is one. */
  edit(x: number, y: number): boolean {
    const within = ({ box }: Item) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    const item = [...this.#board.seen()].filter(({ shape }) => shape.kind === 'note').findLast(within);
    if (item?.shape.kind !== 'note') return false;
    this.#open(item.shape, item.shape.text, item);
    return true;
  }

  /** The note that is being written is done; whether there was one. */
  finish(): boolean {
    const draft = this.#close();
    if (!draft) return false;
    const { area, note, old } = draft;
    const text = cleanLines(area.value).replace(/\s+$/u, '');
    const before = old?.shape.kind === 'note' ? old.shape.text : '';
    if (text === before) return true;
    const step = this.#editor.step('a note');
    if (old) this.#editor.erase([old], step);
    if (text) this.#editor.make({ ...note, kind: 'note', action: this.#newAction(), text }, step);
    return true;
  }

  /** Puts what is being written to its place in the window, as it will look. */
  replace(): void {
    if (!this.#draft) return;
    const { area, note } = this.#draft;
    const { scale } = this.#camera;
    const [left, top] = this.#camera.toWindow(note.x, note.y);
    const lines = area.value.split('\n');
    const width = Math.max(...lines.map((line) => measure(line, note.size))) + note.size * ROOM;
    Object.assign(area.style, {
      transform: `translate(${left}px, ${top}px)`,
      width: `${width * scale}px`,
      height: `${lines.length * note.size * LINE * scale}px`,
      font: `${note.size * scale}px/${LINE} ${FONT}`,
      color: inked(note.colour, this.#dark()),
    });
  }

  #open({ colour, x, y, size }: Draft['note'], text: string, old: Item | null): void {
    this.finish();
    const area = document.createElement('textarea');
    area.className = 'note';
    area.value = text;
    area.spellcheck = false;
    area.setAttribute('aria-label', 'Note. Control and Enter finishes it, Escape leaves it as it was');
    area.addEventListener('keydown', (event) => this.#key(event));
    area.addEventListener('input', () => this.#typed(area));
    area.addEventListener('blur', () => this.finish());
    this.#draft = { area, note: { colour, x, y, size }, old };
    if (old) this.#board.erasing([old], true);
    this.#layer.append(area);
    this.replace();
    area.focus({ preventScroll: true });
  }

  #key(event: KeyboardEvent): void {
    // While letters are composed, these keys belong to the composing.
    if (event.isComposing) return;
    if (event.key === 'Escape') this.#close();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.finish();
    else return;
    event.preventDefault();
  }

  #typed(area: HTMLTextAreaElement): void {
    if (byteLength(cleanLines(area.value)) > TEXT_MAX) {
      area.value = cut(area.value, TEXT_MAX);
      this.#said('This note is full.');
    }
    this.replace();
  }

  #close(): Draft | null {
    const draft = this.#draft;
    this.#draft = null;
    if (!draft) return null;
    if (draft.old) this.#board.erasing([draft.old], false);
    const focused = document.activeElement === draft.area;
    draft.area.remove();
    if (focused) document.querySelector<HTMLElement>('#moving')?.focus({ preventScroll: true });
    return draft;
  }
}

/** Letters go with the width of the pen. */
function sizeFor(width: number, scale: number): number {
  const size = Math.max(14 + 3 * width, PIXELS_MIN / scale);
  return Math.round(Math.max(LETTERS_MIN, Math.min(LETTERS_MAX, size)));
}
