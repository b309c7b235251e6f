// The header's two ends: where one is, and who is here with the doors to the panels.
import { make, part } from './make.js';
/** The end of the header with this name. */
export function end(name) {
    const header = part('top');
    const found = header.querySelector(`:scope > .${name}`);
    if (found)
        return found;
    const made = make('div', { class: name });
    header.append(made);
    return made;
}
