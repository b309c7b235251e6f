// Where the board ends: nothing is drawn beyond, and it can be seen.

import type { Camera } from './camera.js';
import { type Box, type Line, clipped } from './geometry.js';
import { COORDINATE_MAX } from './protocol.js';

/** Pixels beside the window in which the line of an edge that is far away lies unseen. */
const BEYOND = 8;

export const BOARD: Box = { left: -COORDINATE_MAX, top: -COORDINATE_MAX, right: COORDINATE_MAX, bottom: COORDINATE_MAX };

export function isOnBoard(x: number, y: number): boolean {
  return Math.abs(x) <= COORDINATE_MAX && Math.abs(y) <= COORDINATE_MAX;
}

/** The nearest value on the board. */
export function bound(value: number): number {
  return Math.max(-COORDINATE_MAX, Math.min(COORDINATE_MAX, value));
}

/** The part of a straight line that lies on the board, as the wire keeps it; `null` if none does. */
export function onBoard(line: Line): Line | null {
  const part = clipped(line, BOARD);
  const kept = (value: number) => Math.fround(bound(value));
  return part && { ax: kept(part.ax), ay: kept(part.ay), bx: kept(part.bx), by: kept(part.by) };
}

/** Keeps an element where the board is in the window; what lies around it is for the style sheet. */
export function showEdge(element: HTMLElement, camera: Camera): void {
  const place = () => {
    const [left, top] = camera.toWindow(BOARD.left, BOARD.top);
    const [right, bottom] = camera.toWindow(BOARD.right, BOARD.bottom);
    // No larger than the window needs it: elements have a largest size.
    const [x, y] = [Math.max(-BEYOND, left), Math.max(-BEYOND, top)];
    Object.assign(element.style, {
      transform: `translate(${x}px, ${y}px)`,
      width: `${Math.max(0, Math.min(camera.width + BEYOND, right) - x)}px`,
      height: `${Math.max(0, Math.min(camera.height + BEYOND, bottom) - y)}px`,
    });
  };
  camera.watch(place);
  place();
}
