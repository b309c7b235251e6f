// How objects look, on any canvas whose unit is the board's.
import { LINE, layout } from './layout.js';
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
/** The pressure at which a line is as wide as its pen. */
export const NORMAL = 128;
/** Points of a path: what a browser needs for one that crosses itself goes up faster than its length. */
const PIECE = 16;
/** Finished lines as paths, and notes as they lie, so that they are made once. */
const paths = new WeakMap();
const layouts = new WeakMap();
export function draw(context, item, look) {
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
export function drawLine(context, line, look) {
    ink(context, line, pathsOf(line), look);
}
let ruler = null;
/** The width of a line of letters so big. */
export function measure(text, size) {
    ruler ??= document.createElement('canvas').getContext('2d');
    // Measured at one size: letters of all sizes have the same proportions on the board.
    ruler.font = `100px ${FONT}`;
    return (ruler.measureText(text).width * size) / 100;
}
function ink(context, line, pieces, look) {
    const colour = look.colour(line.colour);
    if (isStroked(line.points)) {
        context.strokeStyle = colour;
        context.lineWidth = (line.width * line.points[2]) / NORMAL;
        context.lineCap = 'round';
        context.lineJoin = 'round';
        for (const piece of pieces)
            context.stroke(piece);
    }
    else {
        context.fillStyle = colour;
        for (const piece of pieces)
            context.fill(piece);
    }
}
/** The line in pieces, each of which begins where the one before it ends. */
function pathsOf({ points, width }) {
    return isStroked(points) ? evenPaths(points) : pressedPaths(points, width);
}
/**
 * Whether the line has a length and is as wide everywhere: a mouse or a finger drew it. What has no length is not stroked
 * by canvases at all, not even its round ends.
 */
function isStroked(points) {
    let long = false;
    for (let at = 3; at < points.length; at += 3) {
        if (points[at + 2] !== points[2])
            return false;
        long ||= points[at] !== points[0] || points[at + 1] !== points[1];
    }
    return long;
}
/** The middle of a smooth line, which goes through the middles between the points. */
function evenPaths(points) {
    const made = [];
    let path = new Path2D();
    let [endX, endY] = [points[0], points[1]];
    const last = points.length - 3;
    for (let at = 3; at <= last; at += 3) {
        if (at % (3 * PIECE) === 3) {
            path = new Path2D();
            path.moveTo(endX, endY);
            made.push(path);
        }
        const [x, y] = [points[at], points[at + 1]];
        if (at === last)
            path.lineTo(x, y);
        else {
            [endX, endY] = [(x + points[at + 3]) / 2, (y + points[at + 4]) / 2];
            path.quadraticCurveTo(x, y, endX, endY);
        }
    }
    return made;
}
/** The outline of a smooth line whose width goes with the pressure. */
function pressedPaths(points, width) {
    let path = new Path2D();
    const made = [path];
    const radius = (pressure) => (width * pressure) / NORMAL / 2;
    let [x, y, r] = [points[0], points[1], radius(points[2])];
    disc(path, x, y, r);
    const to = (nextX, nextY, nextR) => {
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
        const [bendX, bendY, bendR] = [points[at], points[at + 1], radius(points[at + 2])];
        const [endX, endY] = [(bendX + points[at + 3]) / 2, (bendY + points[at + 4]) / 2];
        const endR = (bendR + radius(points[at + 5])) / 2;
        const [fromX, fromY, fromR] = [x, y, r];
        const pieces = Math.max(1, Math.min(8, Math.ceil(Math.hypot(endX - fromX, endY - fromY) / 2)));
        for (let piece = 1; piece <= pieces; piece += 1) {
            const t = piece / pieces;
            const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
            to(a * fromX + b * bendX + c * endX, a * fromY + b * bendY + c * endY, a * fromR + b * bendR + c * endR);
        }
    }
    to(points[last], points[last + 1], radius(points[last + 2]));
    return made;
}
function disc(path, x, y, radius) {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
}
/** The sides between two discs, turning the same way as they do: where both lie, the fill has no hole. */
function joint(path, ax, ay, ar, bx, by, br) {
    const length = Math.hypot(bx - ax, by - ay);
    if (length === 0)
        return;
    const [nx, ny] = [-(by - ay) / length, (bx - ax) / length];
    path.moveTo(ax - nx * ar, ay - ny * ar);
    path.lineTo(bx - nx * br, by - ny * br);
    path.lineTo(bx + nx * br, by + ny * br);
    path.lineTo(ax + nx * ar, ay + ny * ar);
    path.closePath();
}
function drawNote(context, note, look) {
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
function drawImage(context, { x, y, width, height }, picture, look) {
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
