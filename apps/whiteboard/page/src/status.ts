// @ts-nocheck
// The line that says how things are, and the same for tests and style sheets as data attributes of the body.

const TEXT = {
  connecting: 'Connecting',
  'catching-up': 'Catching up',
  live: 'Live',
  reconnecting: 'Reconnecting',
};
/** How long a remark stays. */
const REMARK = 5000;

export class Status {
  #line = document.querySelector('#state');
  #people = document.querySelector('#people');
  #remark = '';
  #timer = 0;

  constructor() {
    Object.assign(document.body.dataset, { state: 'connecting', revision: 0, unacked: 0, live: 0 });
    this.#show();
  }

  get state() {
    return document.body.dataset.state;
  }

  set state(state) {
    document.body.dataset.state = state;
    this.#show();
  }

  set revision(revision) {
    document.body.dataset.revision = revision;
  }

  /** How many own actions are not known to be saved. */
  set unacked(count) {
    document.body.dataset.unacked = count;
    this.#show();
  }

  /** How many strokes of others are being drawn. */
  set live(count) {
    document.body.dataset.live = count;
  }

  set people(count) {
    this.#people.textContent = count === 1 ? 'Only you' : `${count} here`;
  }

  /** Says something for a while, instead of the state. */
  remark(text) {
    this.#remark = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#remark = '';
      this.#show();
    }, REMARK);
    this.#show();
  }

  #show() {
    const { state, unacked } = document.body.dataset;
    const unsaved = Number(unacked) > 0 ? ` \u00b7 ${unacked} not saved yet` : '';
    this.#line.textContent = this.#remark || TEXT[state] + unsaved;
  }
}
