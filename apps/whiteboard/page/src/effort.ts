// About what it takes to draw something, so that no frame of the screen takes too long: in pixels that are covered, of which
// some count often.

import type { Box } from './geometry.js';
import { type Line, NORMAL } from './paint.js';

/** What is drawn for one frame: what is more follows in the next. */
export const FRAME_MAX = 6_000_000;
/** What a point of a line takes, however small it is. */
const POINT = 2_000;

/** Where a canvas lies on the board. */
export interface Part {
  /** Pixels of the canvas in a board unit. */
  scale: number;
  box: Box;
}

/** What a line takes; where it crosses itself, pixels count again. */
export function effort({ points, width }: Line, { scale, box }: Part): number {
  const window = (box.right - box.left) * (box.bottom - box.top) * scale * scale;
  let all = 0;
  for (let at = 0; at < points.length; at += 3) {
    const before = Math.max(0, at - 3);
    const wide = ((width * points[at + 2]!) / NORMAL) * scale;
    const long = Math.hypot(points[at]! - points[before]!, points[at + 1]! - points[before + 1]!) * scale;
    all += POINT + Math.min(window, wide * (wide + long));
  }
  return all;
}
