// Notes: typed where they will stand.
import { bounded } from './bounded.js';
import { inked } from './colours.js';
import { bound, isOnBoard } from './edge.js';
import { LINE, WIDEST, layout } from './layout.js';
import { FONT, measure } from './paint.js';
import { LETTERS_MAX, LETTERS_MIN, TEXT_MAX } from './protocol.js';
import { cleanLines, cut, direction, isBlank } from './text.js';
/** Letters of a note are at least so big in the window when it is written. */
const PIXELS_MIN = 12;
/** Room for the next letter, in letters. */
const ROOM = 1.2;
export class Notes {
    #layer;
    #board;
    #editor;
    #camera;
    #ink;
    #newAction;
    #dark;
    #said;
    #draft = null;
    #at = null;
    /** Text areas are put into `layer`; `said(text)` tells the person something. */
    constructor(layer, board, editor, camera, ink, newAction, dark, said) {
        this.#layer = layer;
        this.#board = board;
        this.#editor = editor;
        this.#camera = camera;
        this.#ink = ink;
        this.#newAction = newAction;
        this.#dark = dark;
        this.#said = said;
        camera.watch(() => this.replace());
    }
    begin(place) {
        this.#at = place;
    }
    extend(places) {
        this.#at = places.at(-1) ?? this.#at;
    }
    end() {
        if (this.#at)
            this.write(this.#at.x, this.#at.y);
        this.#at = null;
    }
    cancel() {
        this.#at = null;
    }
    /** Something is written that would be lost with the page. */
    get writing() {
        return this.#draft !== null && written(this.#draft) !== before(this.#draft);
    }
    /** Writes the note that is at this place, or a new one beginning there. */
    write(x, y) {
        if (this.edit(x, y))
            return;
        if (!isOnBoard(x, y)) {
            this.#said('The board ends here.');
            return;
        }
        const size = sizeFor(this.#ink.width, this.#camera);
        this.#open({ colour: this.#ink.colour, x, y: y - (size * LINE) / 2, size }, '', null);
    }
    /** Makes a note of a text that was not typed here; its middle is at this place. */
    put(given, x, y) {
        const whole = cleanLines(given).trim();
        const text = cut(whole, TEXT_MAX);
        if (isBlank(text))
            return;
        const size = sizeFor(this.#ink.width, this.#camera);
        const { width, height } = layout(text, size, measure);
        this.#make({ colour: this.#ink.colour, x: x - width / 2, y: y - height / 2, size }, text, this.#editor.step('a note'));
        this.#said(text === whole ? 'Text added.' : 'A note holds no more: only the beginning of the text was added.');
    }
    /** Writes the note at this place anew; whether there is one. */
    edit(x, y) {
        const within = ({ box }) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
        const item = [...this.#board.seen()].filter(({ shape }) => shape.kind === 'note').findLast(within);
        if (item?.shape.kind !== 'note')
            return false;
        this.#open(item.shape, item.shape.text, item);
        return true;
    }
    /** The note that is being written is done; whether there was one. */
    finish() {
        const draft = this.#close();
        if (!draft)
            return false;
        const { note, old } = draft;
        const text = written(draft);
        if (text === before(draft))
            return true;
        const step = this.#editor.step('a note');
        if (old)
            this.#editor.erase([old], step);
        if (text)
            this.#make({ ...note, x: left(draft, text) }, text, step);
        return true;
    }
    /** Puts what is being written to its place in the window, as it will look. */
    replace() {
        if (!this.#draft)
            return;
        const { area, note } = this.#draft;
        const { scale } = this.#camera;
        const laid = layout(area.value, note.size, measure);
        const room = note.size * ROOM;
        // The room is where lines end; so the others begin where they will.
        const begins = left(this.#draft, area.value) - (direction(area.value) === 'rtl' ? room : 0);
        const [x, y] = this.#camera.toWindow(begins, note.y);
        Object.assign(area.style, {
            transform: `translate(${x}px, ${y}px)`,
            width: `${(laid.width + room) * scale}px`,
            height: `${laid.height * scale}px`,
            paddingInlineEnd: laid.wraps ? `${room * scale}px` : '0',
            whiteSpace: laid.wraps ? 'pre-wrap' : 'pre',
            font: `${note.size * scale}px/${LINE} ${FONT}`,
            color: inked(note.colour, this.#dark()),
        });
        // The browser breaks some lines that it could break elsewhere; none of it is hidden.
        if (area.scrollHeight > area.clientHeight)
            area.style.height = `${area.scrollHeight}px`;
        area.scrollLeft = 0;
    }
    #open({ colour, x, y, size }, text, old) {
        this.finish();
        const area = document.createElement('textarea');
        area.className = 'note';
        area.dir = 'auto';
        area.value = text;
        area.spellcheck = false;
        area.setAttribute('aria-label', 'Note. Escape, or Control and Enter, finishes it');
        area.addEventListener('keydown', (event) => this.#key(event));
        bounded(area, TEXT_MAX, () => this.#said('This note is full.'));
        area.addEventListener('input', () => this.#typed());
        area.addEventListener('blur', () => this.finish());
        this.#draft = { area, note: { colour, x, y, size }, right: old?.box.right ?? x, old };
        if (old)
            this.#board.erasing([old], true);
        this.#layer.append(area);
        this.replace();
        area.focus({ preventScroll: true });
    }
    #key(event) {
        // While letters are composed, these keys belong to the composing.
        if (event.isComposing)
            return;
        // What was typed is kept whatever ends it: to take it back is what undo is for.
        if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey)))
            return;
        this.finish();
        event.preventDefault();
    }
    #typed() {
        this.replace();
        if (!this.#draft)
            return;
        const { area, note } = this.#draft;
        const { width, height } = layout(area.value, note.size, measure);
        const x = left(this.#draft, area.value);
        this.#camera.reveal({ left: x, top: note.y, right: x + width, bottom: note.y + height }, direction(area.value));
    }
    #make(note, text, step) {
        const [x, y] = [Math.fround(bound(note.x)), Math.fround(bound(note.y))];
        this.#editor.make({ ...note, x, y, kind: 'note', action: this.#newAction(), text }, step);
    }
    #close() {
        const draft = this.#draft;
        this.#draft = null;
        if (!draft)
            return null;
        if (draft.old)
            this.#board.erasing([draft.old], false);
        const focused = document.activeElement === draft.area;
        draft.area.remove();
        if (focused)
            document.querySelector('#moving')?.focus({ preventScroll: true });
        return draft;
    }
}
/** What the note will say. */
function written({ area }) {
    const text = cleanLines(area.value).replace(/\s+$/u, '');
    return isBlank(text) ? '' : text;
}
/** What it said when the writing began. */
function before({ old }) {
    return old?.shape.kind === 'note' ? old.shape.text : '';
}
/** The left side of the note with this text: what is written from the right grows to the left. */
function left({ note, right }, text) {
    return direction(text) === 'rtl' ? right - layout(text, note.size, measure).width : note.x;
}
/** Letters go with the width of the pen; a whole line of them is seen in the window. */
function sizeFor(width, { scale, across }) {
    const size = Math.max(Math.min(14 + 3 * width, across / WIDEST), PIXELS_MIN / scale);
    return Math.floor(Math.max(LETTERS_MIN, Math.min(LETTERS_MAX, size)));
}
