// The pen: a gesture is a stroke, or several when it is long, and one step to be undone.
import { onBoard, isOnBoard } from './edge.js';
import { UNSURE } from './gestures.js';
import { SEGMENT_POINTS_MAX, WIDTH_MAX, segment } from './protocol.js';
/** A stroke of this many points is finished and goes on as a new one: the server takes few more. */
const POINTS_MAX = 1800;
/** Points closer than this, in pixels, look the same. */
const NEAR = 0.5;
/** In pixels: thinner lines could hardly be seen while they are drawn. */
const WIDTH_MIN = 1.5;
/** Two taps within this time are a double click. */
const DOUBLE = 700;
export class Pen {
    #editor;
    #camera;
    #newAction;
    #moved;
    #ink;
    /** Nothing while the pointer is beside the board. */
    #drawing = null;
    #step = null;
    /** Where the pointer was. */
    #last = null;
    /** How many of the stroke's values others have been sent. */
    #sent = 0;
    /** Until then the stroke may turn out to be none. */
    #unsureUntil = 0;
    /** When the last gestures that were single points ended. */
    #dots = [];
    /** `moved()` is told when the stroke that is drawn changed. */
    constructor(editor, camera, ink, newAction, moved) {
        this.#editor = editor;
        this.#camera = camera;
        this.#ink = ink;
        this.#newAction = newAction;
        this.#moved = moved;
    }
    /** The stroke that is drawn now. */
    get drawing() {
        return this.#drawing;
    }
    begin(place, unsure) {
        this.#unsureUntil = unsure ? performance.now() + UNSURE : 0;
        this.#step = this.#editor.step('a line');
        this.#last = place;
        if (isOnBoard(place.x, place.y))
            this.#start(place);
    }
    extend(places) {
        for (const place of places)
            this.#add(place);
        this.#moved();
    }
    end() {
        const [step, drawing] = [this.#step, this.#drawing];
        if (!step)
            return;
        if (step.made.length === 0 && drawing?.points.length === 3)
            this.#dots.push(performance.now());
        else
            this.#dots = [];
        this.#finish(step);
        this.#step = null;
    }
    cancel() {
        this.#drawing = null;
        this.#step = null;
        this.#moved();
    }
    /** Frames that let others see what was drawn since the last call. */
    segments() {
        const stroke = this.#drawing;
        const frames = [];
        if (!stroke || performance.now() < this.#unsureUntil)
            return frames;
        while (this.#sent < stroke.points.length) {
            const points = stroke.points.slice(this.#sent, this.#sent + 3 * SEGMENT_POINTS_MAX);
            frames.push(segment({ ...stroke, points }));
            this.#sent += points.length;
        }
        return frames;
    }
    /** Takes back the dots of a double click, which meant something else. */
    takeBackDots() {
        const now = performance.now();
        for (const at of this.#dots)
            if (now - at < DOUBLE)
                this.#editor.undo();
        this.#dots = [];
    }
    #start({ x, y, pressure }) {
        const { colour } = this.#ink;
        const width = Math.fround(Math.min(WIDTH_MAX, Math.max(this.#ink.width, WIDTH_MIN / this.#camera.scale)));
        this.#drawing = { action: this.#newAction(), colour, width, points: [x, y, pressure] };
        this.#sent = 0;
        this.#moved();
    }
    /** Goes on to a place. A stroke ends at the edge of the board, and another begins where the pointer comes back. */
    #add(place) {
        const [step, last] = [this.#step, this.#last];
        if (!step || !last)
            return;
        this.#last = place;
        const part = onBoard({ ax: last.x, ay: last.y, bx: place.x, by: place.y });
        if (!part)
            return;
        if (!this.#drawing)
            this.#start({ x: part.ax, y: part.ay, pressure: place.pressure });
        this.#point(step, { x: part.bx, y: part.by, pressure: place.pressure });
        if (!isOnBoard(place.x, place.y))
            this.#finish(step);
    }
    #point(step, place) {
        const { points } = this.#drawing;
        const [lastX, lastY] = [points.at(-3), points.at(-2)];
        if (Math.hypot(place.x - lastX, place.y - lastY) * this.#camera.scale < NEAR)
            return;
        points.push(place.x, place.y, place.pressure);
        if (points.length < 3 * POINTS_MAX)
            return;
        this.#finish(step);
        this.#start(place);
    }
    #finish(step) {
        if (this.#drawing)
            this.#editor.make({ kind: 'stroke', ...this.#drawing }, step);
        this.#drawing = null;
        this.#moved();
    }
}
