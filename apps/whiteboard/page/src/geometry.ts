// Boxes and distances, in board units.

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function meet(one: Box, other: Box): boolean {
  return one.left <= other.right && other.left <= one.right && one.top <= other.bottom && other.top <= one.bottom;
}

/** The smallest box around both. */
export function union(one: Box | null, other: Box): Box {
  if (!one) return other;
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

export function grown({ left, top, right, bottom }: Box, by: number): Box {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
}

/** The box around flat points (x, y, pressure, ...) of a line so wide. */
export function around(points: readonly number[], width: number): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  let pressure = 1;
  for (let at = 0; at + 2 < points.length; at += 3) {
    const [x, y] = [points[at]!, points[at + 1]!];
    if (x < box.left) box.left = x;
    if (x > box.right) box.right = x;
    if (y < box.top) box.top = y;
    if (y > box.bottom) box.bottom = y;
    pressure = Math.max(pressure, points[at + 2]!);
  }
  return grown(box, (width * pressure) / 256);
}

/** A straight line from (ax, ay) to (bx, by). */
export interface Line {
  ax: number;
  ay: number;
  bx: number;
  by: number;
}

/** How far two lines are from each other; 0 when they cross. */
export function distance(one: Line, other: Line): number {
  if (cross(one, other)) return 0;
  return Math.min(
    toLine(one.ax, one.ay, other),
    toLine(one.bx, one.by, other),
    toLine(other.ax, other.ay, one),
    toLine(other.bx, other.by, one),
  );
}

/** Whether the line comes into the box. */
export function touches(line: Line, { left, top, right, bottom }: Box): boolean {
  const inside = line.ax >= left && line.ax <= right && line.ay >= top && line.ay <= bottom;
  return inside || [
    { ax: left, ay: top, bx: right, by: top },
    { ax: right, ay: top, bx: right, by: bottom },
    { ax: right, ay: bottom, bx: left, by: bottom },
    { ax: left, ay: bottom, bx: left, by: top },
  ].some((side) => cross(line, side));
}

/** The part of the line that lies in the box; `null` if none does. */
export function clipped({ ax, ay, bx, by }: Line, { left, top, right, bottom }: Box): Line | null {
  const [dx, dy] = [bx - ax, by - ay];
  let [from, to] = [0, 1];
  for (const [step, room] of [[-dx, ax - left], [dx, right - ax], [-dy, ay - top], [dy, bottom - ay]] as const) {
    if (step === 0 && room < 0) return null;
    if (step < 0) from = Math.max(from, room / step);
    if (step > 0) to = Math.min(to, room / step);
  }
  if (from > to) return null;
  const at = (part: number): [number, number] => [ax + part * dx, ay + part * dy];
  const [[startX, startY], [endX, endY]] = [from === 0 ? [ax, ay] : at(from), to === 1 ? [bx, by] : at(to)];
  return { ax: startX!, ay: startY!, bx: endX!, by: endY! };
}

function toLine(x: number, y: number, { ax, ay, bx, by }: Line): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function cross(one: Line, other: Line): boolean {
  const side = ({ ax, ay, bx, by }: Line, x: number, y: number) => Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));
  return (
    side(one, other.ax, other.ay) * side(one, other.bx, other.by) < 0 &&
    side(other, one.ax, one.ay) * side(other, one.bx, one.by) < 0
  );
}
