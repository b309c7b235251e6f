// How objects look, on any canvas whose unit is the board's.

import type { Item } from './board.js';
import { type Layout, LINE, layout } from './layout.js';
import type { ImageFields, NoteFields } from './protocol.js';

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
/** The pressure at which a line is as wide as its pen. */
export const NORMAL = 128;

/** What the looks of an object depend on, beside itself. */
export interface Look {
  colour(colour: number): string;
  /** Of the frame of a picture that cannot be shown. */
  edge: string;
  /** The decoded picture, or `null` while there is none. */
  picture(item: Item): ImageBitmap | null;
}

export interface Line {
  colour: number;
  width: number;
  points: readonly number[];
}

/** Points of a path: what a browser needs for one that crosses itself goes up faster than its length. */
const PIECE = 16;

/** Finished lines as paths, and notes as they lie, so that they are made once. */
const paths = new WeakMap<object, Path2D[]>();
const layouts = new WeakMap<object, Layout>();

export function draw(context: CanvasRenderingContext2D, item: Item, look: Look): void {
  const { shape } = item;
  switch (shape.kind) {
    case 'stroke': {
      const made = paths.get(shape) ?? pathsOf(shape);
      paths.set(shape, made);
      ink(context, shape, made, look);
      break;
    }
    case 'note':
      drawNote(context, shape, look);
      break;
    case 'image':
      drawImage(context, shape, look.picture(item), look);
      break;
    case 'clear':
      break;
  }
}

/** A line that is still growing. */
export function drawLine(context: CanvasRenderingContext2D, line: Line, look: Look): void {
  ink(context, line, pathsOf(line), look);
}

let ruler: CanvasRenderingContext2D | null = null;

/** The width of a line of letters so big. */
export function measure(text: string, size: number): number {
  ruler ??= document.createElement('canvas').getContext('2d')!;
  // Measured at one size: letters of all sizes have the same proportions on the board.
  ruler.font = `100px ${FONT}`;
  return (ruler.measureText(text).width * size) / 100;
}

function ink(context: CanvasRenderingContext2D, line: Line, pieces: readonly Path2D[], look: Look): void {
  const colour = look.colour(line.colour);
  if (isStroked(line.points)) {
    context.strokeStyle = colour;
    context.lineWidth = (line.width * line.points[2]!) / NORMAL;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    for (const piece of pieces) context.stroke(piece);
  } else {
    context.fillStyle = colour;
    for (const piece of pieces) context.fill(piece);
  }
}

/** The line in pieces, each of which begins where the one before it ends. */
function pathsOf({ points, width }: Line): Path2D[] {
  return isStroked(points) ? evenPaths(points) : pressedPaths(points, width);
}

/**
 * Whether the line has a length and is as wide everywhere: a mouse or a finger drew it. What has no length is not stroked
 * by canvases at all, not even its round ends.
 */
function isStroked(points: readonly number[]): boolean {
  let long = false;
  for (let at = 3; at < points.length; at += 3) {
    if (points[at + 2] !== points[2]) return false;
    long ||= points[at] !== points[0] || points[at + 1] !== points[1];
  }
  return long;
}

/** The middle of a smooth line, which goes through the middles between the points. */
function evenPaths(points: readonly number[]): Path2D[] {
  const made: Path2D[] = [];
  let path = new Path2D();
  let [endX, endY] = [points[0]!, points[1]!];
  const last = points.length - 3;
  for (let at = 3; at <= last; at += 3) {
    if (at % (3 * PIECE) === 3) {
      path = new Path2D();
      path.moveTo(endX, endY);
      made.push(path);
    }
    const [x, y] = [points[at]!, points[at + 1]!];
    if (at === last) path.lineTo(x, y);
    else {
      [endX, endY] = [(x + points[at + 3]!) / 2, (y + points[at + 4]!) / 2];
      path.quadraticCurveTo(x, y, endX, endY);
    }
  }
  return made;
}

/** The outline of a smooth line whose width goes with the pressure. */
function pressedPaths(points: readonly number[], width: number): Path2D[] {
  let path = new Path2D();
  const made = [path];
  const radius = (pressure: number) => (width * pressure) / NORMAL / 2;
  let [x, y, r] = [points[0]!, points[1]!, radius(points[2]!)];
  disc(path, x, y, r);
  const to = (nextX: number, nextY: number, nextR: number) => {
    joint(path, x, y, r, nextX, nextY, nextR);
    disc(path, nextX, nextY, nextR);
    [x, y, r] = [nextX, nextY, nextR];
  };
  const last = points.length - 3;
  for (let at = 3; at < last; at += 3) {
    if (at % (3 * PIECE) === 0) {
      path = new Path2D();
      made.push(path);
    }
    const [bendX, bendY, bendR] = [points[at]!, points[at + 1]!, radius(points[at + 2]!)];
    const [endX, endY] = [(bendX + points[at + 3]!) / 2, (bendY + points[at + 4]!) / 2];
    const endR = (bendR + radius(points[at + 5]!)) / 2;
    const [fromX, fromY, fromR] = [x, y, r];
    const pieces = Math.max(1, Math.min(8, Math.ceil(Math.hypot(endX - fromX, endY - fromY) / 2)));
    for (let piece = 1; piece <= pieces; piece += 1) {
      const t = piece / pieces;
      const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
      to(a * fromX + b * bendX + c * endX, a * fromY + b * bendY + c * endY, a * fromR + b * bendR + c * endR);
    }
  }
  to(points[last]!, points[last + 1]!, radius(points[last + 2]!));
  return made;
}

function disc(path: Path2D, x: number, y: number, radius: number): void {
  path.moveTo(x + radius, y);
  path.arc(x, y, radius, 0, 2 * Math.PI);
}

/** The sides between two discs, turning the same way as they do: where both lie, the fill has no hole. */
function joint(path: Path2D, ax: number, ay: number, ar: number, bx: number, by: number, br: number): void {
  const length = Math.hypot(bx - ax, by - ay);
  if (length === 0) return;
  const [nx, ny] = [-(by - ay) / length, (bx - ax) / length];
  path.moveTo(ax - nx * ar, ay - ny * ar);
  path.lineTo(bx - nx * br, by - ny * br);
  path.lineTo(bx + nx * br, by + ny * br);
  path.lineTo(ax + nx * ar, ay + ny * ar);
  path.closePath();
}

function drawNote(context: CanvasRenderingContext2D, note: NoteFields, look: Look): void {
  const { x, y, size, colour, text } = note;
  const laid = layouts.get(note) ?? layout(text, size, measure);
  layouts.set(note, laid);
  context.font = `${size}px ${FONT}`;
  context.fillStyle = look.colour(colour);
  context.textBaseline = 'alphabetic';
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = context.measureText('x');
  // Where a text area with the same letters would put them.
  const first = y + (size * LINE - above - below) / 2 + above;
  context.textAlign = 'start';
  laid.lines.forEach((line, at) => {
    context.direction = line.direction;
    context.fillText(line.text, line.direction === 'rtl' ? x + laid.width : x, first + at * size * LINE);
  });
}

function drawImage(
  context: CanvasRenderingContext2D, { x, y, width, height }: ImageFields, picture: ImageBitmap | null, look: Look,
): void {
  if (picture) {
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, x, y, width, height);
    return;
  }
  context.strokeStyle = look.edge;
  context.lineWidth = Math.min(2, width / 4, height / 4);
  const inset = context.lineWidth / 2;
  context.strokeRect(x + inset, y + inset, width - 2 * inset, height - 2 * inset);
}
