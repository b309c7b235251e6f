// Which board this is, the way to another, and the link to give away.
import { at, here } from './base.js';
import { dialog } from './dialog.js';
import { fill, icon, make } from './make.js';
import { recall, remember } from './memory.js';
import { end } from './top.js';
import { invitation } from './unlock.js';
export const MAIN = 'main';
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const VISITED = 'boards';
const VISITED_MAX = 8;
/** How long a button says that it has copied the link. */
const SAYS = 2000;
const RULE = 'Letters a to z, digits and hyphens. A board begins when someone draws on it.';
const DOWN = 'M5 8 L10 13 L15 8';
const LINK = 'M8.5 11.5 a3 3 0 0 0 4.5 .2 l2.8 -2.8 a3.1 3.1 0 0 0 -4.4 -4.4 l-1.4 1.4 '
    + 'M11.5 8.5 a3 3 0 0 0 -4.5 -.2 l-2.8 2.8 a3.1 3.1 0 0 0 4.4 4.4 l1.4 -1.4';
/** The board that this page shows. */
export function boardName() {
    return /^b\/([^/]+)$/.exec(here())?.[1] ?? MAIN;
}
/** The header's left: the board's name, which opens the way to others, and a button that copies the link. */
export class Boards {
    #name = boardName();
    #dialog;
    #input = make('input', {
        id: 'board-name', type: 'text', maxlength: 40, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false',
        placeholder: 'team-7', 'aria-describedby': 'board-rule',
    });
    #visited = make('ul', { class: 'visited' });
    /** `said(text, action)` shows what could not be done, and what can be done about it. */
    constructor(said) {
        document.title = this.#name === MAIN ? 'Whiteboard' : `${this.#name} \u00b7 Whiteboard`;
        const open = make('button', { type: 'button', id: 'board-toggle', title: 'Go to another board', 'aria-haspopup': 'dialog' }, make('h1', {}, make('span', { class: 'unseen' }, 'Board '), this.#name), icon(DOWN));
        const copy = make('button', { type: 'button', id: 'copy-link', class: 'plain' }, icon(LINK));
        name(copy, 'Copy the link to this board');
        open.addEventListener('click', () => this.#open());
        copy.addEventListener('click', () => this.#copy(copy, said));
        end('place').prepend(open, copy);
        this.#dialog = this.#form(said);
        this.#remember();
    }
    #form(said) {
        const form = make('form', { autocomplete: 'off' }, make('label', { class: 'field', for: this.#input.id }, 'Go to a board'), make('div', { class: 'line' }, this.#input, make('button', { type: 'submit', class: 'main' }, 'Go')), make('p', { id: 'board-rule', class: 'quiet' }, RULE));
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            const wanted = tidy(this.#input.value);
            this.#input.setCustomValidity(NAME.test(wanted) ? '' : 'A name is 1 to 40 of a to z, 0 to 9 and hyphens.');
            if (this.#input.reportValidity())
                location.assign(path(wanted));
        });
        this.#input.addEventListener('input', () => this.#input.setCustomValidity(''));
        const copy = make('button', { type: 'button', class: 'copy' }, icon(LINK), 'Copy the link to this board');
        copy.addEventListener('click', () => {
            this.#dialog.close();
            void this.#copy(copy, said);
        });
        return dialog('boards', 'Boards', form, make('h3', {}, 'Visited lately'), this.#visited, copy);
    }
    #open() {
        const items = visited().map((board) => {
            const link = make('a', { href: path(board) }, board);
            if (board === this.#name)
                link.setAttribute('aria-current', 'page');
            return make('li', {}, link);
        });
        fill(this.#visited, items);
        this.#input.value = '';
        this.#dialog.showModal();
        this.#input.focus();
    }
    #remember() {
        const others = visited().filter((board) => board !== this.#name);
        remember(VISITED, [this.#name, ...others].slice(0, VISITED_MAX).join(' '));
    }
    async #copy(button, said) {
        let link = path(this.#name);
        let lets = '';
        try {
            const key = await invitation();
            if (key)
                [link, lets] = [`${link}#token=${key}`, ' It lets in whoever has it.'];
        }
        catch {
            const again = () => void this.#copy(button, said);
            said('No link was copied: the server does not answer.', { label: 'Try again', run: again });
            return;
        }
        try {
            await navigator.clipboard.writeText(link);
        }
        catch {
            said(`The link to this board is ${link}`);
            return;
        }
        said(`The link is copied.${lets}`);
        button.classList.add('done');
        setTimeout(() => button.classList.remove('done'), SAYS);
    }
}
function visited() {
    const known = (recall(VISITED) ?? '').split(' ').filter((board) => NAME.test(board));
    return known.includes(MAIN) ? known : [...known, MAIN];
}
function path(board) {
    return at(board === MAIN ? '.' : `b/${board}`);
}
/** What someone may have typed for a name that is one. */
function tidy(text) {
    return text.trim().toLowerCase().replace(/[\s_]+/g, '-');
}
function name(button, text) {
    button.title = text;
    button.setAttribute('aria-label', text);
}
