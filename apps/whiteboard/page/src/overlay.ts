// The strokes that others are drawing now, on a canvas of their own: what is new of them is drawn, and what was drawn stays.
// However much comes, no more is drawn in a frame of the screen than it has time for; the rest follows in the next.

import type { Board } from './board.js';
import { type Box, around, meet } from './geometry.js';
import { type Line, type Look, NORMAL, drawLine } from './paint.js';
import type { Live } from './unfinished.js';

/** Values of the points of a line that is drawn at once: 25 points. */
const PIECE = 3 * 25;
/** Pixels that may be covered in a frame, some of them often; a point counts for so many besides. */
const COVERED_MAX = 6_000_000;
const POINT = 2_000;

/** Where a canvas lies on the board. */
export interface Part {
  /** Pixels of the canvas in a board unit. */
  scale: number;
  box: Box;
}

export class Overlay {
  #context: CanvasRenderingContext2D;
  #board: Board;
  #look: Look;
  /** How many values of each stroke were drawn. */
  #drawn = new WeakMap<Live, number>();
  /** How many strokes had gone when it was drawn; -1 when nothing of it counts. */
  #gone = -1;

  constructor(context: CanvasRenderingContext2D, board: Board, look: Look) {
    this.#context = context;
    this.#board = board;
    this.#look = look;
  }

  /** What was drawn lies elsewhere now. */
  renew(): void {
    this.#gone = -1;
  }

  /** Draws what has come, `wipe()` empties the canvas for it if need be. Whether all of it is drawn. */
  draw(part: Part, wipe: () => void): boolean {
    const { live } = this.#board;
    if (this.#gone !== live.gone) {
      wipe();
      this.#drawn = new WeakMap();
      this.#gone = live.gone;
    }
    let left = COVERED_MAX;
    for (const stroke of live) {
      let at = this.#drawn.get(stroke) ?? 0;
      for (; at < stroke.points.length && left > 0; at += PIECE) {
        // From where the last piece ended.
        const line = { ...stroke, points: stroke.points.slice(Math.max(0, at - 3), at + PIECE) };
        left -= POINT * (line.points.length / 3);
        if (!meet(around(line.points, line.width), part.box)) continue;
        drawLine(this.#context, line, this.#look);
        left -= covered(line, part);
      }
      this.#drawn.set(stroke, Math.min(at, stroke.points.length));
      if (left <= 0) return false;
    }
    return true;
  }
}

/** About how many pixels are covered by a line; where it crosses itself, they count again. */
function covered({ points, width }: Line, { scale, box }: Part): number {
  const window = (box.right - box.left) * (box.bottom - box.top) * scale * scale;
  let all = 0;
  for (let at = 0; at < points.length; at += 3) {
    const before = Math.max(0, at - 3);
    const wide = ((width * points[at + 2]!) / NORMAL) * scale;
    const long = Math.hypot(points[at]! - points[before]!, points[at + 1]! - points[before + 1]!) * scale;
    all += Math.min(window, wide * (wide + long));
  }
  return all;
}
