// How things are between this page and the server, in the header and as data attributes of the body.

import { announce } from './announce.js';
import { make, say } from './make.js';
import { Toasts } from './toasts.js';
import { end } from './top.js';

export type State = 'connecting' | 'catching-up' | 'live' | 'reconnecting';

const TEXT: Record<State, string> = {
  connecting: 'Connecting',
  'catching-up': 'Catching up',
  live: 'Live',
  reconnecting: 'Reconnecting',
};
/** The interval of moments, in milliseconds, at which the server slows nobody down. */
const NORMAL = 33;
/** What is saved sooner than this was never worth saying. */
const SOON = 500;

export class Status {
  #line = make('span', { id: 'state' });
  /** Stays as long as nothing is saved. */
  #trouble = make('p', { id: 'trouble', role: 'alert', hidden: true });
  #toasts = new Toasts();
  #unacked = 0;
  #unsaved = 0;
  #timer = 0;
  #pace = NORMAL;
  /** Since the connection was lost: how many changes of others came. */
  #away: { changes: number } | null = null;

  constructor() {
    Object.assign(document.body.dataset, { state: 'connecting', revision: 0, unacked: 0, live: 0, pace: NORMAL });
    end('place').append(this.#line);
    document.body.append(this.#trouble);
    this.#show();
  }

  get state(): State {
    return document.body.dataset.state as State;
  }

  set state(state: State) {
    const before = this.state;
    if (state === before) return;
    document.body.dataset.state = state;
    if (state === 'reconnecting') this.#away ??= { changes: 0 };
    if (state === 'live') this.#back();
    this.#show();
    if (state !== 'catching-up') announce(TEXT[state]);
  }

  /** The last revision that is here, for tests and style sheets. */
  set revision(revision: number) {
    document.body.dataset.revision = String(revision);
  }

  /** A change came, in the order of the board. */
  came(mine: boolean): void {
    if (this.#away && !mine) this.#away.changes += 1;
  }

  /** The server told how much it could not send in time: the actions follow, the moments do not. */
  missed(actions: number): void {
    if (actions > 0) this.remark(`This page fell behind: ${changes(actions)} on the way.`);
  }

  /** Why the server saves nothing now; empty when it does. */
  set trouble(reason: string) {
    say(this.#trouble, reason && `${reason}. What you draw is kept in this page until then.`);
    this.#trouble.hidden = reason === '';
  }

  /** How many own actions are not known to be saved. */
  set unacked(count: number) {
    document.body.dataset.unacked = String(count);
    this.#unacked = count;
    if (count === 0 || this.#unsaved > 0) this.#settle();
    else this.#timer ||= setTimeout(() => this.#settle(), SOON);
  }

  /** How many strokes of others are being drawn. */
  set live(count: number) {
    document.body.dataset.live = String(count);
  }

  get pace(): number {
    return this.#pace;
  }

  /** The interval of moments that the server wants now, in milliseconds. */
  set pace(interval: number) {
    const [before, now] = [this.#pace > NORMAL, interval > NORMAL];
    this.#pace = interval;
    document.body.dataset.pace = String(interval);
    this.#show();
    if (before !== now) announce(now ? 'The server is busy and slows this page down.' : 'No longer slowed down.');
  }

  /** Says something for a while, with a button if there is something to do about it. */
  remark(text: string, action?: { label: string; run: () => void }): void {
    this.#toasts.show(text, action);
  }

  #back(): void {
    if (!this.#away) return;
    const { changes: count } = this.#away;
    this.#away = null;
    this.remark(count === 0 ? 'Back. Nothing was missed.' : `Back. ${changes(count)} came while you were away.`);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#unsaved = this.#unacked;
    this.#show();
  }

  #show(): void {
    const calm = this.state === 'live' && this.#pace <= NORMAL && this.#unsaved === 0;
    this.#line.dataset.calm = String(calm);
    const parts = [this.state === 'live' && this.#pace > NORMAL ? 'Busy: slowed down' : TEXT[this.state]];
    if (this.#unsaved > 0) parts.push(`${this.#unsaved} not saved yet`);
    say(this.#line, parts.join(' \u00b7 '));
    this.#line.title = this.#line.textContent;
  }
}

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count} changes`;
}
