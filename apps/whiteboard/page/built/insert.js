// What is pasted or dropped, and pictures that are chosen.
import { bound } from './edge.js';
import { isTyping } from './keys.js';
import { COORDINATE_MAX } from './protocol.js';
import { shrink, told } from './shrink.js';
/** A picture takes no more of the window than this. */
const PART = 0.6;
/** A small picture is shown larger than its pixels, but not much. */
const LARGER = 1.5;
export class Insert {
    #editor;
    #camera;
    #newAction;
    #said;
    #wrote;
    #chooser = document.createElement('input');
    /**
     * `said(text)` tells the person what became of a picture; `wrote(text, x, y)` is given a text, and the place on the board
     * that is to be its middle.
     */
    constructor(editor, camera, newAction, said, wrote) {
        this.#wrote = wrote;
        this.#editor = editor;
        this.#camera = camera;
        this.#newAction = newAction;
        this.#said = said;
        this.#chooser.type = 'file';
        this.#chooser.accept = 'image/png,image/jpeg,image/webp,image/gif,image/avif,image/bmp';
        this.#chooser.id = 'picture-file';
        this.#chooser.hidden = true;
        this.#chooser.addEventListener('change', () => {
            void this.#take(this.#chooser.files);
            this.#chooser.value = '';
        });
        document.body.append(this.#chooser);
        // By some systems the middle button, which moves the board, pastes what was selected anywhere.
        let middle = false;
        addEventListener('pointerdown', ({ button }) => { middle = button === 1; }, true);
        addEventListener('keydown', () => { middle = false; }, true);
        document.addEventListener('paste', (event) => {
            if (isTyping(event.target) || document.querySelector('dialog[open]'))
                return;
            event.preventDefault();
            if (middle || isPast())
                return;
            this.#given(event.clipboardData);
        });
        // A text that is dragged into a field is for the field.
        const isForField = ({ target, dataTransfer }) => isTyping(target) && !dataTransfer?.types.includes('Files');
        document.addEventListener('dragover', (event) => isForField(event) || event.preventDefault());
        document.addEventListener('drop', (event) => {
            if (isForField(event))
                return;
            event.preventDefault();
            if (isPast())
                return;
            this.#given(event.dataTransfer, [event.clientX, event.clientY]);
        });
    }
    /** Lets the person choose a file. */
    choose() {
        this.#chooser.click();
    }
    /** Puts what was given in the middle of the window, or at a place in it: pictures, or else a text. */
    #given(data, at) {
        if (hasFiles(data)) {
            void this.#take(data?.files, at);
            return;
        }
        const [left, top] = this.#place(at);
        const [x, y] = this.#camera.toBoard(left, top);
        this.#wrote(data?.getData('text/plain') ?? '', x, y);
    }
    #place(at) {
        return at ?? [this.#camera.width / 2, this.#camera.height / 2];
    }
    async #take(files, at) {
        // The list is emptied when the event is over.
        for (const file of [...(files ?? [])]) {
            try {
                const small = await shrink(file);
                this.#put(small, this.#place(at));
                this.#said(told(small));
            }
            catch {
                this.#said('This file is no picture that can be read.');
            }
        }
    }
    #put({ file, width, height, from }, [left, top]) {
        const { width: across, height: down, scale } = this.#camera;
        const pixels = Math.min(from.width, LARGER * width, PART * across, (PART * down * width) / height);
        const [shownWidth, shownHeight] = [pixels / scale, (pixels * height) / width / scale].map((side) => Math.fround(Math.min(COORDINATE_MAX, side)));
        const [middleX, middleY] = this.#camera.toBoard(left, top);
        const image = {
            kind: 'image',
            action: this.#newAction(),
            x: Math.fround(bound(middleX - shownWidth / 2)),
            y: Math.fround(bound(middleY - shownHeight / 2)),
            width: shownWidth,
            height: shownHeight,
            file,
        };
        this.#editor.make(image, this.#editor.step('a picture'));
    }
}
function hasFiles(data) {
    return (data?.files.length ?? 0) > 0;
}
/** Whether the board is shown as it was: then nothing is put on it. */
function isPast() {
    return document.body.dataset.past !== undefined;
}
