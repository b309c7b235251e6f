// What was said, as a list in which the last is seen first: what comes at once is drawn at once, and what is older when
// somebody scrolls to it.
import { make, together } from './make.js';
import { initials, paint } from './person.js';
/** So many messages are kept in the page. */
const KEPT = 5000;
/** So many more are in the list with each look further back; of those that come there are twice as many at most. */
const SHOWN = 100;
/** Nearer to an end than this, in pixels, the list is at that end. */
const NEAR = 80;
export class Said {
    element = make('ol', { id: 'messages', role: 'log', 'aria-label': 'Messages', tabindex: 0 });
    #messages = [];
    /** Which of them are in the list. */
    #from = 0;
    #to = 0;
    /** What is on its way stays below what is in order. */
    #waiting = new Set();
    #leaving = [];
    constructor() {
        this.element.addEventListener('scroll', () => {
            if (this.element.scrollTop < NEAR)
                this.#earlier();
        });
    }
    /** Takes a message; it is in the list after `show()`. */
    add(message) {
        this.#messages.push(message);
        if (this.#messages.length < 2 * KEPT)
            return;
        const gone = this.#messages.length - KEPT;
        this.#messages = this.#messages.slice(gone);
        for (let at = this.#from; at < Math.min(gone, this.#to); at += 1)
            this.element.firstElementChild.remove();
        [this.#from, this.#to] = [Math.max(0, this.#from - gone), Math.max(0, this.#to - gone)];
    }
    /** Shows an own message that is not in order yet, at once. */
    wait(message) {
        const made = item(message);
        made.classList.add('waiting');
        this.#waiting.add(made);
        this.element.append(made);
        group(made);
        this.toEnd();
        return made;
    }
    /** It waits no more; it goes with the next `show()`, when it may have come as a message. */
    leave(waiting) {
        this.#waiting.delete(waiting);
        this.#leaving.push(waiting);
    }
    /** Shows what was added, and looks no further back than before. */
    show() {
        const { element } = this;
        const { length } = this.#messages;
        const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
        for (const gone of this.#leaving.splice(0))
            gone.remove();
        if (length - this.#to > SHOWN)
            this.#begin(length - SHOWN);
        const [waiting] = this.#waiting;
        const fresh = this.#messages.slice(this.#to).map(item);
        element.insertBefore(together(fresh), waiting ?? null);
        for (const made of fresh)
            group(made);
        if (waiting)
            group(waiting);
        this.#to = length;
        if (!atEnd)
            return;
        for (; this.#to - this.#from > 2 * SHOWN; this.#from += 1)
            element.firstElementChild.remove();
        if (element.firstElementChild)
            group(element.firstElementChild);
        this.toEnd();
    }
    toEnd() {
        this.element.scrollTop = this.element.scrollHeight;
    }
    /** Nothing was said, but what is on its way. */
    reset() {
        this.#messages = [];
        this.#begin(0);
    }
    /** The list begins with this message, and ends before it. */
    #begin(at) {
        this.element.replaceChildren(together(this.#waiting));
        for (const waiting of this.#waiting)
            group(waiting);
        [this.#from, this.#to] = [at, at];
    }
    /** Shows more of what was said before; what is seen stays where it is. */
    #earlier() {
        const { element } = this;
        const from = Math.max(0, this.#from - SHOWN);
        const more = this.#messages.slice(from, this.#from).map(item);
        const first = element.firstElementChild;
        const below = element.scrollHeight - element.scrollTop;
        element.prepend(together(more));
        for (const made of more)
            group(made);
        if (first)
            group(first);
        element.scrollTop = element.scrollHeight - below;
        this.#from = from;
    }
}
function item({ name, colour, text, mine }) {
    const shown = name || 'Someone';
    const mark = make('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(shown));
    const who = make('span', { class: 'who' }, mark, make('bdi', {}, shown));
    const made = make('li', {}, who, make('span', { class: 'text', dir: 'auto' }, text));
    made.classList.toggle('mine', mine);
    made.dataset.by = `${mine} ${colour} ${name}`;
    paint(made, colour);
    return made;
}
/** Of what one person says in a row only the first has the name. */
function group(made) {
    const before = made.previousElementSibling;
    const by = (other) => (other instanceof HTMLElement ? other.dataset.by : undefined);
    made.classList.toggle('first', by(before) !== by(made));
}
