// The eraser: what it touches vanishes whole.

import type { Board, Item } from './board.js';
import type { Camera } from './camera.js';
import type { Editor } from './editor.js';
import { type Line, distance, grown, meet, touches } from './geometry.js';
import type { Place, Tool } from './tool.js';

/** How far it reaches, in pixels. */
export const REACH = 9;

export class Eraser implements Tool {
  #board: Board;
  #editor: Editor;
  #camera: Camera;
  #erased = new Set<Item>();
  #last: Place | null = null;

  constructor(board: Board, editor: Editor, camera: Camera) {
    this.#board = board;
    this.#editor = editor;
    this.#camera = camera;
  }

  begin(place: Place): void {
    this.#last = place;
    this.extend([place]);
  }

  extend(places: readonly Place[]): void {
    for (const place of places) {
      const from = this.#last ?? place;
      const touched = touchedBy(this.#board, { ax: from.x, ay: from.y, bx: place.x, by: place.y }, REACH / this.#camera.scale);
      this.#board.erasing(touched, true);
      for (const item of touched) this.#erased.add(item);
      this.#last = place;
    }
  }

  end(): void {
    const items = [...this.#erased];
    this.#editor.erase(items, this.#editor.step('erasing'));
    this.cancel();
  }

  cancel(): void {
    this.#board.erasing(this.#erased, false);
    this.#erased.clear();
    this.#last = null;
  }
}

function touchedBy(board: Board, way: Line, reach: number): Item[] {
  const box = grown({
    left: Math.min(way.ax, way.bx),
    top: Math.min(way.ay, way.by),
    right: Math.max(way.ax, way.bx),
    bottom: Math.max(way.ay, way.by),
  }, reach);
  return [...board.seen()].filter((item) => meet(item.box, box) && isTouched(item, way, reach));
}

function isTouched({ shape, box }: Item, way: Line, reach: number): boolean {
  if (shape.kind !== 'stroke') return touches(way, grown(box, reach));
  const { points, width } = shape;
  for (let at = 0; at < points.length; at += 3) {
    const before = Math.max(0, at - 3);
    const line = { ax: points[before]!, ay: points[before + 1]!, bx: points[at]!, by: points[at + 1]! };
    if (distance(way, line) <= reach + (width * points[at + 2]!) / 256) return true;
  }
  return false;
}
