// @ts-nocheck
// The chat panel. Texts are only ever shown as text.
import { TEXT_MAX } from './protocol.js';
import { css } from './ink.js';
export class Chat {
    #panel = document.querySelector('#chat');
    #list = document.querySelector('#messages');
    #toggle = document.querySelector('#chat-toggle');
    #badge = document.querySelector('#unread');
    #input = document.querySelector('#chat input');
    #unread = 0;
    /** action -> own message that has not come back in the order of the board. */
    #own = new Map();
    /** `say(text)` sends a message and gives its action id. */
    constructor(say, colour) {
        this.#toggle.addEventListener('click', () => this.#open(this.#panel.hidden));
        document.querySelector('#chat-close').addEventListener('click', () => this.#open(false));
        this.#panel.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#open(false));
        this.#panel.querySelector('form').addEventListener('submit', (event) => {
            event.preventDefault();
            const text = this.#input.value.trim();
            this.#input.setCustomValidity(tooLong(text) ? 'This is too long to send at once.' : '');
            if (!text || !this.#input.reportValidity())
                return;
            this.#input.value = '';
            const action = say(text);
            const item = message(text, colour, true);
            item.classList.add('waiting');
            this.#own.set(action, item);
            this.#append(item);
        });
        this.#input.addEventListener('input', () => this.#input.setCustomValidity(''));
    }
    /** A message at its place in the order. */
    show({ action, text, colour }, mine) {
        if (mine)
            this.drop(action);
        this.#append(message(text, colour, mine));
        if (this.#panel.hidden && !mine)
            this.#count(this.#unread + 1);
    }
    /** An own message that will not come back. */
    drop(action) {
        this.#own.get(action)?.remove();
        this.#own.delete(action);
    }
    reset() {
        this.#list.replaceChildren(...this.#own.values());
        this.#count(0);
    }
    #append(item) {
        const first = [...this.#own.values()].find((own) => own !== item && own.isConnected);
        const waiting = item.classList.contains('waiting');
        this.#list.insertBefore(item, waiting ? null : first ?? null);
        this.#list.scrollTop = this.#list.scrollHeight;
    }
    #open(open) {
        this.#panel.hidden = !open;
        this.#toggle.setAttribute('aria-expanded', String(open));
        if (!open) {
            this.#toggle.focus();
            return;
        }
        this.#count(0);
        this.#list.scrollTop = this.#list.scrollHeight;
        this.#input.focus();
    }
    #count(unread) {
        this.#unread = unread;
        this.#badge.hidden = unread === 0;
        this.#badge.textContent = unread > 99 ? '99+' : String(unread);
    }
}
function tooLong(text) {
    return new TextEncoder().encode(text).length > TEXT_MAX;
}
function message(text, colour, mine) {
    const item = document.createElement('li');
    item.classList.toggle('mine', mine);
    item.style.setProperty('--pen', css(colour));
    item.textContent = text;
    return item;
}
