// The board as a picture: everything that is seen on it, on the paper it is seen on.

import type { Board } from './board.js';
import { type Box, grown, union } from './geometry.js';
import { type Look, draw } from './paint.js';
import type { Pictures } from './pictures.js';

/** Pixels of a side, and of a board unit, at most. */
const SIDE_MAX = 8192;
const SCALE_MAX = 2;
/** Where a canvas cannot be had, one with sides so much shorter is tried, down to so many pixels. */
const SMALLER = 0.7;
const SIDE_MIN = 64;
/** Paper around the objects, in board units. */
const MARGIN = 32;

/** Around everything that is seen; `null` when nothing is. */
export function extent(board: Board): Box | null {
  let box: Box | null = null;
  for (const item of board.seen()) box = union(box, item.box);
  return box;
}

/** Saves the board as a file; whether there was anything on it. */
export async function download(board: Board, name: string, look: Look, pictures: Pictures, paper: string): Promise<boolean> {
  const inner = extent(board);
  if (!inner) return false;
  const items = [...board.seen()];
  const box = grown(inner, MARGIN);
  // One picture after the other: together they may be more than a page can hold.
  const drawn = async (context: CanvasRenderingContext2D, scale: number) => {
    for (const item of items) {
      const picture = item.shape.kind === 'image' ? await pictures.once(item, scale) : null;
      draw(context, item, { ...look, picture: () => picture });
      picture?.close();
    }
  };
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await encoded(box, paper, drawn));
  link.download = `whiteboard-${name}-${today()}.png`;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return true;
}

/** The picture, as large as it may be; where the browser has no canvas so large, smaller. */
async function encoded(
  box: Box, paper: string, drawn: (context: CanvasRenderingContext2D, scale: number) => Promise<void>,
): Promise<Blob> {
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const largest = Math.min(SCALE_MAX, SIDE_MAX / width, SIDE_MAX / height);
  for (let scale = largest; Math.max(width, height) * scale >= SIDE_MIN; scale *= SMALLER) {
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.min(SIDE_MAX, Math.round(width * scale)));
    canvas.height = Math.max(1, Math.min(SIDE_MAX, Math.round(height * scale)));
    const context = canvas.getContext('2d');
    if (!context) continue;
    context.fillStyle = paper;
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (!isCovered(context)) continue;
    context.setTransform(scale, 0, 0, scale, -box.left * scale, -box.top * scale);
    await drawn(context, scale);
    const blob = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/png'); });
    if (blob) return blob;
  }
  throw new Error('the picture cannot be encoded');
}

/** Whether there is paper everywhere. A canvas beyond what the browser can hold takes every drawing and stays empty. */
function isCovered(context: CanvasRenderingContext2D): boolean {
  const { width, height } = context.canvas;
  const opaque = (x: number, y: number) => context.getImageData(x, y, 1, 1).data[3] === 255;
  try {
    return opaque(0, 0) && opaque(width - 1, height - 1);
  } catch {
    return false;
  }
}

/** Where the person is, not in Greenwich. */
function today(): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
