// @ts-nocheck
// The pen: mouse, touch or stylus on the canvas, as strokes in board units.
import { COORDINATE_MAX } from './protocol.js';
/** In board units. */
const WIDTH = 3.5;
/** In pixels of the window: on a small screen a thinner line could hardly be seen. */
const WIDTH_MIN = 2.2;
/** A stroke of this many points is finished and goes on as a new one: the server takes about this many. */
const POINTS_MAX = 2000;
/** Points closer than this, in board units, look the same. */
const NEAR = 0.6;
/**
 * Calls `begun(stroke)`, `grown(stroke)` and `ended(stroke)` for every stroke, and `pointed(x, y)` wherever the pointer
 * is, all in board units. A stroke is { action, colour, width, points }, its points flat; `newAction()` gives its id.
 */
export function attachPen(canvas, ink, colour, newAction, { begun, grown, ended, pointed }) {
    let stroke = null;
    let pointer = null;
    const bound = (value) => Math.max(-COORDINATE_MAX, Math.min(COORDINATE_MAX, value));
    const place = (event) => ink.toBoard(event.clientX, event.clientY).map(bound);
    const begin = (x, y) => {
        const width = Math.max(WIDTH, WIDTH_MIN / ink.scale);
        stroke = { action: newAction(), colour, width, points: [x, y] };
        begun(stroke);
    };
    const end = () => {
        ended(stroke);
        stroke = null;
    };
    const extend = (x, y) => {
        const { points } = stroke;
        const [lastX, lastY] = points.slice(-2);
        if (Math.hypot(x - lastX, y - lastY) < NEAR)
            return;
        points.push(x, y);
        if (points.length === 2 * POINTS_MAX) {
            end();
            begin(x, y);
        }
    };
    canvas.addEventListener('pointerdown', (event) => {
        if (stroke || event.button !== 0)
            return;
        canvas.setPointerCapture(event.pointerId);
        pointer = event.pointerId;
        begin(...place(event));
        event.preventDefault();
    });
    canvas.addEventListener('pointermove', (event) => {
        pointed(...place(event));
        if (!stroke || event.pointerId !== pointer)
            return;
        // What the device saw between two frames of the screen; without it a quick curve has corners.
        const moves = event.getCoalescedEvents?.() ?? [];
        for (const move of moves.length > 0 ? moves : [event])
            extend(...place(move));
        grown(stroke);
    });
    // A quick stroke is no swipe: a browser that thinks so swallows the tap that follows.
    canvas.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
    for (const name of ['pointerup', 'pointercancel']) {
        canvas.addEventListener(name, (event) => {
            if (stroke && event.pointerId === pointer)
                end();
        });
    }
}
