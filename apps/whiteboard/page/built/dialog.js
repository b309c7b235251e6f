// A small dialog over the page: the browser keeps the focus in it, and Escape closes it.
import { icon, make } from './make.js';
const CROSS = 'M5 5 L15 15 M15 5 L5 15';
/** A dialog with a heading, a button that closes it, and `content`. A click beside it closes it too. */
export function dialog(id, title, ...content) {
    const close = make('button', { type: 'button', class: 'plain', 'aria-label': 'Close' }, icon(CROSS));
    const heading = make('h2', { id: `${id}-title` }, title);
    const card = make('div', { class: 'card' }, make('div', { class: 'bar' }, heading, close), content);
    const made = make('dialog', { id, class: 'sheet', 'aria-labelledby': heading.id }, card);
    close.addEventListener('click', () => made.close());
    made.addEventListener('click', ({ target }) => {
        if (target === made)
            made.close();
    });
    document.body.append(made);
    return made;
}
