// Mouse, fingers and stylus on the canvas: which of them draw, which move the board, and which are a palm.
import { NORMAL } from './paint.js';
/** A second finger that comes within this time shows that the first one did not draw. */
export const UNSURE = 300;
/** Pixels of a line of a mouse wheel. */
const WHEEL_LINE = 16;
/** Of one turn of the wheel no more counts for zooming. */
const WHEEL_MAX = 50;
const WHEEL_ZOOM = 0.006;
/** The bit of a stylus' other end. */
const OTHER_END = 32;
export class Gestures {
    #canvas;
    #camera;
    #hands;
    #gesture = null;
    /** A pointer that moves the board, by its id, and where it is in the window: one of a mouse, or fingers. */
    #holding = new Map();
    /** The stylus that is down: fingers are a palm meanwhile. */
    #stylus = null;
    #space = false;
    constructor(canvas, camera, hands) {
        this.#canvas = canvas;
        this.#camera = camera;
        this.#hands = hands;
        canvas.addEventListener('pointerdown', (event) => this.#down(event));
        canvas.addEventListener('pointermove', (event) => this.#move(event));
        canvas.addEventListener('pointerup', (event) => this.#up(event, false));
        canvas.addEventListener('pointercancel', (event) => this.#up(event, true));
        canvas.addEventListener('pointerleave', () => hands.away());
        canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
        canvas.addEventListener('contextmenu', (event) => event.preventDefault());
        // The browser's own begins here too: to scroll by the middle button, to select, and to drag what is selected.
        canvas.addEventListener('mousedown', (event) => event.preventDefault());
        // A quick stroke is no swipe: a browser that thinks so swallows the tap that follows.
        canvas.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
        addEventListener('blur', () => this.space(false));
    }
    /** A gesture goes on. */
    get busy() {
        return this.#gesture !== null || this.#holding.size > 0;
    }
    /** While the space bar is down the mouse moves the board. */
    space(down) {
        this.#space = down;
        this.#grab();
    }
    #down(event) {
        const { pointerId, pointerType, button } = event;
        const touch = pointerType === 'touch';
        if (touch && this.#stylus !== null)
            return;
        if (this.#holding.size === 0 && !this.#gesture && this.#hands.taken())
            return;
        if (pointerType === 'pen') {
            this.#stylus = pointerId;
            this.#dropTouches();
        }
        this.#canvas.setPointerCapture(pointerId);
        this.#canvas.focus({ preventScroll: true });
        const second = touch && (this.#gesture?.touch === true || this.#holding.size > 0);
        const tool = this.#hands.tool((event.buttons & OTHER_END) !== 0);
        if (second) {
            this.#becomesHold();
            this.#hold(event);
        }
        else if (this.#gesture || this.#holding.size > 0) {
            return;
        }
        else if (button === 1 || (button === 0 && (this.#space || !tool))) {
            this.#hold(event);
        }
        else if (tool && (button === 0 || button === 5)) {
            this.#gesture = { pointer: pointerId, touch, began: performance.now(), x: event.clientX, y: event.clientY, tool };
            tool.begin(this.#place(event), touch);
        }
    }
    #move(event) {
        const { x, y } = this.#place(event);
        this.#hands.pointed(x, y);
        const gesture = this.#gesture;
        if (gesture?.pointer === event.pointerId) {
            // What the device saw between two frames of the screen; without it a quick curve has corners.
            const moves = coalesced(event);
            Object.assign(gesture, { x: event.clientX, y: event.clientY });
            gesture.tool.extend(moves.map((move) => this.#place(move)));
        }
        else if (this.#holding.has(event.pointerId)) {
            this.#pull(event);
        }
    }
    /** The board goes along with a pointer that holds it. */
    #pull(event) {
        const before = this.#grip();
        this.#hold(event);
        const after = this.#grip();
        this.#camera.pan(after.x - before.x, after.y - before.y);
        if (before.spread > 0 && after.spread > 0)
            this.#camera.zoom(after.spread / before.spread, after.x, after.y);
    }
    #up(event, cancelled) {
        const { pointerId } = event;
        if (this.#stylus === pointerId)
            this.#stylus = null;
        // A browser may have guessed where a finger will be by the next frame of the screen, and tells where it was when it is lifted.
        if (!cancelled && this.#holding.has(pointerId))
            this.#pull(event);
        this.#holding.delete(pointerId);
        if (this.#gesture?.pointer === pointerId) {
            const { tool, began } = this.#gesture;
            this.#gesture = null;
            // What was drawn for a while before the system took the finger was meant.
            if (cancelled && performance.now() - began < UNSURE)
                tool.cancel();
            else
                tool.end();
        }
        this.#grab();
    }
    #wheel(event) {
        event.preventDefault();
        const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1;
        const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
        if (event.ctrlKey || event.metaKey) {
            const turn = Math.max(-WHEEL_MAX, Math.min(WHEEL_MAX, dy));
            this.#camera.zoom(Math.exp(-turn * WHEEL_ZOOM), event.clientX, event.clientY);
        }
        else {
            this.#camera.pan(-dx, -dy);
        }
    }
    /** The finger that drew holds the board from now on. */
    #becomesHold() {
        const gesture = this.#gesture;
        if (!gesture)
            return;
        this.#gesture = null;
        if (performance.now() - gesture.began < UNSURE)
            gesture.tool.cancel();
        else
            gesture.tool.end();
        this.#holding.set(gesture.pointer, { x: gesture.x, y: gesture.y });
    }
    #dropTouches() {
        if (this.#gesture?.touch) {
            this.#gesture.tool.cancel();
            this.#gesture = null;
        }
        this.#holding.clear();
    }
    #hold({ pointerId, clientX, clientY }) {
        this.#holding.set(pointerId, { x: clientX, y: clientY });
        this.#grab();
    }
    /** The middle of what holds the board, and how far apart it is. */
    #grip() {
        const [first, second] = [...this.#holding.values()];
        if (!first)
            return { x: 0, y: 0, spread: 0 };
        if (!second)
            return { ...first, spread: 0 };
        const spread = Math.hypot(second.x - first.x, second.y - first.y);
        return { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2, spread };
    }
    #grab() {
        const grab = this.#holding.size > 0 ? 'grabbing' : this.#space ? 'grab' : '';
        if (grab)
            this.#canvas.dataset.grab = grab;
        else
            delete this.#canvas.dataset.grab;
    }
    #place({ clientX, clientY, pointerType, pressure }) {
        const [x, y] = this.#camera.toBoard(clientX, clientY).map(Math.fround);
        const pressed = pointerType === 'pen' && pressure > 0;
        return { x, y, pressure: pressed ? Math.max(1, Math.min(255, Math.round(pressure * 256))) : NORMAL };
    }
}
/** What the device saw since the last event; browsers tell it over TLS only, and not all of them. */
function coalesced(event) {
    const moves = 'getCoalescedEvents' in event ? event.getCoalescedEvents() : [];
    return moves.length > 0 ? moves : [event];
}
