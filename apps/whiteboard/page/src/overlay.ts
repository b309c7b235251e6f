// The strokes that others are drawing now, on a canvas of their own: what is new of them is drawn, and what was drawn stays.
// However much comes, no more is drawn in a frame of the screen than it has time for; the rest follows in the next.

import type { Board } from './board.js';
import { FRAME_MAX, type Part, effort } from './effort.js';
import { around, meet } from './geometry.js';
import { type Look, drawLine } from './paint.js';
import type { Live } from './unfinished.js';

/** Values of the points of a line that is drawn at once: 25 points. */
const PIECE = 3 * 25;
/** What a piece takes that is beside the window. */
const BESIDE = 1_000;
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
    let left = FRAME_MAX;
    for (const stroke of live) {
      let at = this.#drawn.get(stroke) ?? 0;
      for (; at < stroke.points.length && left > 0; at += PIECE) {
        // From where the last piece ended.
        const line = { ...stroke, points: stroke.points.slice(Math.max(0, at - 3), at + PIECE) };
        left -= BESIDE;
        if (!meet(around(line.points, line.width), part.box)) continue;
        drawLine(this.#context, line, this.#look);
        left -= effort(line, part);
      }
      this.#drawn.set(stroke, Math.min(at, stroke.points.length));
      if (left <= 0) return false;
    }
    return true;
  }
}
