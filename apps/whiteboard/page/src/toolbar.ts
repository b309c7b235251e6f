// The toolbar: tools, ink, and what is done to the whole board, as labelled buttons.

import { announce } from './announce.js';
import { SWATCHES, css, inked, parsed } from './colours.js';
import { together } from './make.js';
import type { Ink } from './pen.js';
import type { ToolName } from './tool.js';

/** What the four buttons for widths give. */
export const WIDTHS: readonly (readonly [name: string, width: number])[] = [
  ['Thin', 2], ['Medium', 4], ['Thick', 9], ['Broad', 20],
];
export const WIDTH_RANGE = { min: 1, max: 60 } as const;
/** What is open above the bar, where there is no room for all of it. */
type Tab = 'ink' | 'more' | '';

export interface Doing {
  undo(): void;
  redo(): void;
  picture(): void;
  save(): void;
  clear(): void;
  past(): void;
  help(): void;
  zoomIn(): void;
  zoomOut(): void;
  ownSize(): void;
  fit(): void;
}

export class Toolbar {
  #root = element('#toolbar');
  #ink: Ink;
  #tool: ToolName = 'pen';
  #toolChanged: (tool: ToolName) => void;
  #swatches: HTMLButtonElement[] = [];
  #widths: HTMLButtonElement[] = [];
  #custom = element<HTMLInputElement>('#colour');
  #slider = element<HTMLInputElement>('#width');
  #dark = false;

  /** The bar changes `ink`; `toolChanged(tool)` is told which tool is in the hand. */
  constructor(ink: Ink, doing: Doing, toolChanged: (tool: ToolName) => void) {
    this.#ink = ink;
    this.#toolChanged = toolChanged;
    this.#makeSwatches();
    this.#makeWidths();
    this.#slider.min = String(WIDTH_RANGE.min);
    this.#slider.max = String(WIDTH_RANGE.max);
    this.#slider.addEventListener('input', () => this.#width(Number(this.#slider.value)));
    this.#custom.addEventListener('input', () => this.#colour(parsed(this.#custom.value), 'Own colour'));
    for (const button of this.#root.querySelectorAll<HTMLButtonElement>('[data-tool]')) {
      button.addEventListener('click', () => this.choose(button.dataset.tool as ToolName));
    }
    for (const button of document.querySelectorAll<HTMLButtonElement>('[data-do]')) {
      button.addEventListener('click', () => {
        if (button.getAttribute('aria-disabled') === 'true') return;
        if (button.closest('#zoom') === null) this.#open('');
        doing[button.dataset.do as keyof Doing]();
      });
    }
    for (const button of this.#root.querySelectorAll<HTMLButtonElement>('[data-open]')) {
      button.addEventListener('click', () => {
        const tab = button.dataset.open as Tab;
        this.#open(this.#root.dataset.tab === tab ? '' : tab);
      });
    }
    element('#moving').addEventListener('pointerdown', () => this.#open(''));
    this.#rove();
    this.choose('pen', true);
    this.#show();
  }

  get tool(): ToolName {
    return this.#tool;
  }

  choose(tool: ToolName, quietly = false): void {
    this.#tool = tool;
    document.body.dataset.tool = tool;
    for (const button of this.#root.querySelectorAll<HTMLButtonElement>('[data-tool]')) {
      button.setAttribute('aria-pressed', String(button.dataset.tool === tool));
      if (button.dataset.tool === tool && !quietly) announce(button.getAttribute('aria-label') ?? tool);
    }
    this.#toolChanged(tool);
  }

  /** The swatch at this place. */
  colour(at: number): void {
    const swatch = SWATCHES[at];
    if (swatch) this.#colour(swatch[1], swatch[0]);
  }

  /** The next thinner or wider of the four widths. */
  wider(steps: number): void {
    const widths = WIDTHS.map(([, width]) => width);
    const width = steps > 0
      ? widths.find((other) => other > this.#ink.width) ?? WIDTH_RANGE.max
      : widths.findLast((other) => other < this.#ink.width) ?? WIDTH_RANGE.min;
    this.#width(width);
  }

  /** What there is to undo and to redo. */
  history(canUndo: boolean, canRedo: boolean): void {
    // A button that is really disabled loses the focus, and with it the place in the bar.
    element('[data-do=undo]').setAttribute('aria-disabled', String(!canUndo));
    element('[data-do=redo]').setAttribute('aria-disabled', String(!canRedo));
  }

  zoomed(scale: number): void {
    const percent = `${Math.round(scale * 100)} %`;
    const button = element('[data-do=ownSize]');
    button.textContent = percent;
    button.setAttribute('aria-label', `Zoom ${percent}; press for own size`);
  }

  /** The paper is dark, or light. */
  paper(dark: boolean): void {
    this.#dark = dark;
    this.#show();
  }

  #colour(colour: number, name: string): void {
    this.#ink.colour = colour;
    this.#draws();
    this.#show();
    announce(name);
  }

  #width(width: number): void {
    this.#ink.width = Math.max(WIDTH_RANGE.min, Math.min(WIDTH_RANGE.max, width));
    this.#draws();
    this.#show();
    announce(`Width ${this.#ink.width}`);
  }

  /** Who chooses ink wants to draw. */
  #draws(): void {
    if (this.#tool !== 'pen' && this.#tool !== 'note') this.choose('pen', true);
  }

  #open(tab: Tab): void {
    this.#root.dataset.tab = tab;
    for (const button of this.#root.querySelectorAll<HTMLButtonElement>('[data-open]')) {
      button.setAttribute('aria-expanded', String(button.dataset.open === tab));
    }
  }

  #makeSwatches(): void {
    this.#swatches = SWATCHES.map(([name], at) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'dab';
      button.setAttribute('aria-label', name);
      button.title = `${name} (Shift ${at + 1})`;
      button.addEventListener('click', () => this.colour(at));
      return button;
    });
    element('#swatches').prepend(together(this.#swatches));
  }

  #makeWidths(): void {
    this.#widths = WIDTHS.map(([name, width]) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'nib';
      button.setAttribute('aria-label', `${name}, width ${width}`);
      button.title = name;
      button.style.setProperty('--dot', `${Math.min(18, 3 + width * 0.75)}px`);
      button.addEventListener('click', () => this.#width(width));
      return button;
    });
    element('#widths').prepend(together(this.#widths));
  }

  #show(): void {
    const { colour, width } = this.#ink;
    SWATCHES.forEach(([, own], at) => {
      const button = this.#swatches[at]!;
      button.style.setProperty('--colour', inked(own, this.#dark));
      button.setAttribute('aria-pressed', String(own === colour));
    });
    WIDTHS.forEach(([, own], at) => this.#widths[at]!.setAttribute('aria-pressed', String(own === width)));
    this.#slider.value = String(width);
    this.#custom.value = css(colour);
    const custom = !SWATCHES.some(([, own]) => own === colour);
    this.#custom.parentElement!.classList.toggle('chosen', custom);
    this.#root.style.setProperty('--pen-colour', inked(colour, this.#dark));
    this.#root.style.setProperty('--pen-dot', `${Math.min(20, 6 + width * 0.6)}px`);
  }

  /** One stop for Tab; the arrows go from button to button. */
  #rove(): void {
    const buttons = () => [...this.#root.querySelectorAll<HTMLButtonElement>('button')]
      .filter((button) => button.offsetParent !== null);
    const stop = (at: HTMLButtonElement) => {
      for (const button of this.#root.querySelectorAll('button')) button.tabIndex = button === at ? 0 : -1;
    };
    stop(element<HTMLButtonElement>('[data-tool=pen]'));
    this.#root.addEventListener('focusin', ({ target }) => target instanceof HTMLButtonElement && stop(target));
    this.#root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#open('');
      const all = buttons();
      const at = all.indexOf(event.target as HTMLButtonElement);
      if (at < 0) return;
      const next: Record<string, number> = {
        ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1,
      };
      const to = next[event.key];
      if (to === undefined) return;
      event.preventDefault();
      all.at(to % all.length)!.focus();
    });
    // After a click of the mouse the keys are for the board again: space would press the button.
    document.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest('#toolbar button, #zoom button') : null;
      if (button && event.detail > 0) element('#moving').focus({ preventScroll: true });
    });
  }
}

function element<Kind extends HTMLElement = HTMLElement>(selector: string): Kind {
  return document.querySelector<Kind>(selector)!;
}
