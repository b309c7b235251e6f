// @ts-nocheck
// The health panel: what the server says of itself, asked again while the panel is open.

import { Graph } from './graph.js';

/** How often the server is asked. */
const PAUSE = 1000;

export class Health {
  #panel = document.querySelector('#health');
  #toggle = document.querySelector('#health-toggle');
  #close = document.querySelector('#health-close');
  #facts = document.querySelector('#facts');
  #dot = document.querySelector('#dot');
  #graph = new Graph(document.querySelector('#stages'));
  #timer = 0;

  constructor() {
    this.#toggle.addEventListener('click', () => this.#open(this.#panel.hidden));
    this.#close.addEventListener('click', () => this.#open(false));
    this.#panel.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#open(false));
  }

  #open(open) {
    this.#panel.hidden = !open;
    this.#toggle.setAttribute('aria-expanded', String(open));
    clearInterval(this.#timer);
    if (!open) {
      this.#toggle.focus();
      return;
    }
    this.#timer = setInterval(() => this.#ask(), PAUSE);
    this.#ask();
    this.#close.focus();
  }

  async #ask() {
    try {
      const answer = await fetch('/health');
      this.#show(await answer.json());
    } catch {
      this.#facts.textContent = 'No answer.';
    }
  }

  #show({ status, store, stages, bad, dropped, dot }) {
    const facts = [status, `revision ${store.revision}`, `${bad} bad`, `${dropped} dropped`];
    this.#facts.textContent = facts.join(' \u00b7 ');
    this.#graph.show(stages);
    this.#dot.textContent = dot;
  }
}
