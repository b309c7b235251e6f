// Light or dark: as the system has it, until someone chooses.

import { make } from './make.js';
import { recall, remember } from './memory.js';

export const CHOICES = ['system', 'light', 'dark'] as const;
export type Choice = (typeof CHOICES)[number];

const NAMES: Record<Choice, string> = { system: 'System', light: 'Light', dark: 'Dark' };

/** Keeps `data-theme` of the root at `light` or `dark`; dispatches `change` when that becomes another. */
export class Theme extends EventTarget {
  #system = matchMedia('(prefers-color-scheme: dark)');
  #choice: Choice = CHOICES.find((choice) => choice === recall('theme')) ?? 'system';

  constructor() {
    super();
    this.#system.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  get dark(): boolean {
    return this.#choice === 'system' ? this.#system.matches : this.#choice === 'dark';
  }

  get choice(): Choice {
    return this.#choice;
  }

  /** Remembered by this browser. */
  set choice(choice: Choice) {
    this.#choice = choice;
    remember('theme', choice);
    this.#apply();
  }

  /** A switch with the three choices. */
  control(): HTMLFieldSetElement {
    const options = CHOICES.map((choice) => {
      const input = make('input', { type: 'radio', name: 'theme', value: choice, checked: choice === this.#choice });
      input.addEventListener('change', () => {
        this.choice = choice;
      });
      return make('label', {}, input, make('span', {}, NAMES[choice]));
    });
    return make('fieldset', { class: 'switch' }, make('legend', {}, 'Appearance'), options);
  }

  #apply(): void {
    const { dataset } = document.documentElement;
    const theme = this.dark ? 'dark' : 'light';
    if (dataset.theme === theme) return;
    dataset.theme = theme;
    this.dispatchEvent(new Event('change'));
  }
}
