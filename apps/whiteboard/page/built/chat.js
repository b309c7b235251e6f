// The chat panel. Texts are only ever shown as text.
import { icon, make, say } from './make.js';
import { recall, remember } from './memory.js';
import { Panel } from './panel.js';
import { initials, paint } from './person.js';
import { TEXT_MAX } from './protocol.js';
import { byteLength, cleanLines, isBlank } from './text.js';
import { end } from './top.js';
/** More than so many are not kept in the page. */
const KEPT = 500;
const BUBBLE = 'M3 4 h14 v10 h-8 l-4 3.5 v-3.5 h-2 z';
const SEND = 'M3 10 L17 4 L13 17 L9.5 11.5 Z M9.5 11.5 L17 4';
export class Chat {
    #say;
    #me;
    /** Under this the browser remembers up to which revision, of which store, this person has read. */
    #memory;
    #store = '';
    #read = 0;
    #last = 0;
    #unread = 0;
    #panel;
    #badge = make('span', { id: 'unread', hidden: true });
    #list = make('ol', { id: 'messages', role: 'log', 'aria-label': 'Messages', tabindex: 0 });
    #input = make('textarea', {
        name: 'text', rows: 1, dir: 'auto', placeholder: 'Say something', 'aria-label': 'Message', enterkeyhint: 'send',
    });
    /** action -> own message that has not come back in the order of the board. */
    #own = new Map();
    /** `say(text)` sends a message and gives its action id; `board` is the name of the board that this is the chat of. */
    constructor(say, me, board = 'main') {
        this.#say = say;
        this.#me = me;
        this.#memory = `read.${board}`;
        this.#panel = new Panel('chat', 'Chat', BUBBLE, () => this.#opened(), () => { });
        this.#panel.button.append(this.#badge);
        const send = make('button', { type: 'submit', class: 'main', 'aria-label': 'Send', title: 'Send' }, icon(SEND));
        const form = make('form', { autocomplete: 'off' }, this.#input, send);
        this.#panel.section.append(this.#list, form);
        end('company').append(this.#panel.button);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.#submit();
        });
        this.#input.addEventListener('keydown', (event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing)
                return;
            event.preventDefault();
            form.requestSubmit();
        });
        this.#input.addEventListener('input', () => this.#input.setCustomValidity(''));
    }
    /** Something is written that was not sent. */
    get writing() {
        return !isBlank(cleanLines(this.#input.value));
    }
    toggle() {
        this.#panel.toggle();
    }
    /** The revisions to come are those of this store. */
    joined(store) {
        this.#store = String(store);
        const [known, read] = (recall(this.#memory) ?? '').split(' ');
        this.#read = known === this.#store ? Number(read) : 0;
    }
    /** A message at its place in the order. */
    show(message, mine) {
        if (mine)
            this.drop(message.action);
        this.#last = Math.max(this.#last, message.revision);
        this.#append(item(message, mine));
        if (this.#panel.open)
            this.#seen();
        else if (!mine && message.revision > this.#read)
            this.#count(this.#unread + 1);
    }
    /** An own message that will not come back. */
    drop(action) {
        const gone = this.#own.get(action);
        this.#own.delete(action);
        const next = gone?.nextElementSibling;
        gone?.remove();
        if (next instanceof HTMLLIElement)
            group(next);
    }
    /** Another store: nothing of the old one was said here. */
    reset() {
        [this.#last, this.#read] = [0, 0];
        this.#list.replaceChildren(...this.#own.values());
        for (const own of this.#own.values())
            group(own);
        this.#count(0);
    }
    #submit() {
        const text = cleanLines(this.#input.value).trim();
        const over = byteLength(text) - TEXT_MAX;
        this.#input.setCustomValidity(over > 0 ? `This is too long to send at once, by ${over} bytes.` : '');
        if (isBlank(text) || !this.#input.reportValidity())
            return;
        this.#input.value = '';
        const { name, colour } = this.#me;
        const action = this.#say(text);
        const made = item({ name, colour, text }, true);
        made.classList.add('waiting');
        this.#own.set(action, made);
        this.#append(made);
    }
    /** What is on its way stays below what is in order. */
    #append(made) {
        const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 80;
        const first = [...this.#own.values()].find((own) => own !== made && own.isConnected);
        const waiting = made.classList.contains('waiting');
        this.#list.insertBefore(made, waiting ? null : (first ?? null));
        group(made);
        if (made.nextElementSibling instanceof HTMLLIElement)
            group(made.nextElementSibling);
        while (this.#list.childElementCount > KEPT)
            this.#list.firstElementChild.remove();
        if (waiting || (atEnd && this.#panel.open))
            this.#list.scrollTop = this.#list.scrollHeight;
    }
    #opened() {
        this.#seen();
        this.#list.scrollTop = this.#list.scrollHeight;
        this.#input.focus({ preventScroll: true });
    }
    #seen() {
        this.#count(0);
        if (this.#last <= this.#read)
            return;
        this.#read = this.#last;
        remember(this.#memory, `${this.#store} ${this.#read}`);
    }
    #count(unread) {
        this.#unread = unread;
        this.#badge.hidden = unread === 0;
        say(this.#badge, unread > 99 ? '99+' : String(unread));
        this.#panel.button.setAttribute('aria-label', unread === 0 ? 'Chat' : `Chat, ${unread} unread`);
    }
}
function item({ name, colour, text }, mine) {
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
    made.classList.toggle('first', !(before instanceof HTMLElement && before.dataset.by === made.dataset.by));
}
