// Who this person is to the others: a name and a colour, remembered by this browser.
import { dialog } from './dialog.js';
import { make, say } from './make.js';
import { recall, remember } from './memory.js';
import { PALETTE, initials, paint } from './person.js';
import { NAME_MAX } from './protocol.js';
import { cleanLine, cut, isBlank, isolated } from './text.js';
import { end } from './top.js';
const MOODS = [
    'Bright', 'Brisk', 'Calm', 'Clever', 'Curious', 'Gentle', 'Keen', 'Lively', 'Merry', 'Nimble', 'Patient', 'Quiet',
    'Sunny', 'Swift', 'Warm', 'Witty',
];
const ANIMALS = [
    'Badger', 'Crane', 'Dolphin', 'Falcon', 'Finch', 'Fox', 'Hare', 'Heron', 'Lynx', 'Marten', 'Otter', 'Owl', 'Robin',
    'Seal', 'Swan', 'Wren',
];
const CHOSEN = 'colour-chosen';
export class Me {
    /** Is called after the name or the colour has become another. */
    onchange = () => { };
    /** Is called before the dialog opens. */
    onopen = () => { };
    #name;
    #colour;
    /** The colour is one that this person has chosen. */
    #chosen = recall(CHOSEN) === 'yes';
    #initials = make('span', { class: 'avatar', 'aria-hidden': 'true' });
    #button = make('button', { type: 'button', id: 'me-toggle', class: 'me' }, this.#initials);
    #dialog;
    #leave = make('button', { type: 'button', id: 'sign-out', hidden: true }, 'Sign out');
    #input = make('input', {
        id: 'me-name', type: 'text', dir: 'auto', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'done',
    });
    /** The dialog has the switch of the theme as well. */
    constructor(theme) {
        this.#name = named(recall('name') ?? '') || `${any(MOODS)} ${any(ANIMALS)}`;
        const known = Number(recall('colour') ?? NaN);
        this.#colour = PALETTE.find(({ colour }) => colour === known)?.colour ?? any(PALETTE).colour;
        this.#dialog = this.#form(theme);
        this.#button.addEventListener('click', () => this.edit());
        end('company').append(this.#button);
        this.#keep();
    }
    /** At most 40 bytes in one line, never empty. */
    get name() {
        return this.#name;
    }
    /** 0xRRGGBB */
    get colour() {
        return this.#colour;
    }
    /** Someone else has this colour. If it was not chosen by hand, this person takes one that nobody has, if there is one. */
    giveWay(colour, taken) {
        const free = PALETTE.filter((other) => !taken.has(other.colour));
        if (this.#chosen || colour !== this.#colour || free.length === 0)
            return;
        this.#become(this.#name, any(free).colour);
    }
    /** What the dialog offers for leaving a board that is locked; `null` where there is nothing to leave. */
    offerLeaving(leave) {
        this.#leave.hidden = leave === null;
        this.#leave.onclick = leave;
    }
    /** Opens the dialog. */
    edit() {
        this.onopen();
        this.#input.value = this.#name;
        this.#dialog.querySelector(`input[value="${this.#colour}"]`).checked = true;
        this.#dialog.showModal();
        this.#input.select();
    }
    #form(theme) {
        const colours = PALETTE.map(({ colour, name }) => {
            const input = make('input', { type: 'radio', name: 'colour', value: colour, checked: colour === this.#colour });
            input.addEventListener('change', () => {
                this.#chosen = true;
                remember(CHOSEN, 'yes');
                this.#become(this.#name, colour);
            });
            const swatch = make('span', { class: 'chip' });
            paint(swatch, colour);
            return make('label', { title: name }, input, swatch, make('span', { class: 'unseen' }, name));
        });
        const form = make('form', { method: 'dialog' }, make('label', { class: 'field', for: this.#input.id }, 'Your name'), make('div', { class: 'line' }, this.#input, make('button', { type: 'submit', class: 'main' }, 'Done')), make('fieldset', { class: 'swatches' }, make('legend', {}, 'Your colour'), colours), theme.control(), this.#leave);
        this.#input.addEventListener('input', () => {
            const name = named(this.#input.value);
            if (name)
                this.#become(name, this.#colour);
        });
        return dialog('me', 'You', form);
    }
    #become(name, colour) {
        if (name === this.#name && colour === this.#colour)
            return;
        [this.#name, this.#colour] = [name, colour];
        this.#keep();
        this.onchange();
    }
    #keep() {
        remember('name', this.#name);
        remember('colour', String(this.#colour));
        say(this.#initials, initials(this.#name));
        paint(this.#button, this.#colour);
        paint(document.documentElement, this.#colour);
        this.#button.title = `You are ${isolated(this.#name)}`;
        this.#button.setAttribute('aria-label', `You are ${isolated(this.#name)}: change your name, your colour, light or dark`);
    }
}
/** The name that was given, as others see it; empty if they would see nothing. */
function named(text) {
    const name = cut(cleanLine(text), NAME_MAX).trim();
    return isBlank(name) ? '' : name;
}
function any(choices) {
    return choices[Math.floor(Math.random() * choices.length)];
}
