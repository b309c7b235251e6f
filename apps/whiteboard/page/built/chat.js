// The chat panel. Texts are only ever shown as text.
import { icon, make, say } from './make.js';
import { recall, remember } from './memory.js';
import { Panel } from './panel.js';
import { TEXT_MAX } from './protocol.js';
import { Said } from './said.js';
import { soon } from './soon.js';
import { byteLength, cleanLines, isBlank } from './text.js';
import { end } from './top.js';
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
    #said = new Said();
    #input = make('textarea', {
        name: 'text', rows: 1, dir: 'auto', placeholder: 'Say something', 'aria-label': 'Message', enterkeyhint: 'send',
    });
    /** action -> own message that has not come back in the order of the board. */
    #own = new Map();
    /** Many may come at once. */
    #come = soon(() => this.#show());
    /** `say(text)` sends a message and gives its action id; `board` is the name of the board that this is the chat of. */
    constructor(say, me, board = 'main') {
        this.#say = say;
        this.#me = me;
        this.#memory = `read.${board}`;
        this.#panel = new Panel('chat', 'Chat', BUBBLE, () => this.#opened(), () => { });
        this.#panel.button.append(this.#badge);
        const send = make('button', { type: 'submit', class: 'main', 'aria-label': 'Send', title: 'Send' }, icon(SEND));
        const form = make('form', { autocomplete: 'off' }, this.#input, send);
        this.#panel.section.append(this.#said.element, form);
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
    show({ action, revision, ...message }, mine) {
        if (mine)
            this.drop(action);
        this.#last = Math.max(this.#last, revision);
        this.#said.add({ ...message, mine });
        if (!mine && revision > this.#read)
            this.#unread += 1;
        this.#come();
    }
    /** An own message that will not come back. */
    drop(action) {
        const gone = this.#own.get(action);
        if (!gone)
            return;
        this.#own.delete(action);
        this.#said.leave(gone);
        this.#come();
    }
    /** Another store: nothing of the old one was said here. */
    reset() {
        [this.#last, this.#read] = [0, 0];
        this.#said.reset();
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
        this.#own.set(action, this.#said.wait({ name, colour, text, mine: true }));
    }
    #show() {
        this.#said.show();
        if (this.#panel.open)
            this.#seen();
        else
            this.#count(this.#unread);
    }
    #opened() {
        this.#seen();
        this.#said.toEnd();
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
