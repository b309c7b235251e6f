// Remarks at the lower edge of the window, each for a while.
import { make } from './make.js';
const STAYS = 6_000;
/** Something can be done about it: that takes longer to decide. */
const STAYS_WITH_ACTION = 12_000;
const AT_MOST = 3;
export class Toasts {
    #place = make('div', { id: 'toasts', role: 'status' });
    constructor() {
        document.body.append(this.#place);
    }
    /** Shows a remark; the same one again takes the place of the first. */
    show(text, action) {
        for (const old of [...this.#place.children])
            if (old.firstElementChild?.textContent === text)
                old.remove();
        const toast = make('div', { class: 'toast' }, make('span', {}, text));
        if (action) {
            const button = make('button', { type: 'button' }, action.label);
            button.addEventListener('click', () => {
                toast.remove();
                action.run();
            });
            toast.append(button);
        }
        this.#place.append(toast);
        while (this.#place.childElementCount > AT_MOST)
            this.#place.firstElementChild.remove();
        leave(toast, action ? STAYS_WITH_ACTION : STAYS);
    }
}
/** Goes after a while, but not from under a pointer or the keyboard. */
function leave(toast, after) {
    setTimeout(() => {
        if (toast.matches(':hover, :focus-within'))
            leave(toast, after);
        else
            toast.remove();
    }, after);
}
