// Whether the other end is still there. A connection can be dead and stay open: nobody is told of a router that went off.

/** So many seconds without a word, and it is asked for one; the answer may take so many more. */
const QUIET = 10;
const ANSWER = 5;
const SECOND = 1000;

/**
 * Counts the seconds in which this page could have heard something and did not. They are its own turns, not the clock's:
 * while the machine slept, or the page was held up, it was deaf, and what came meanwhile is still waiting for it.
 */
export class Pulse {
  #ask: () => void;
  #silent = 0;
  #timer = 0;
  #dead: () => void;

  /** `ask()` asks the other end for a sign of life, `dead()` is told that none came. */
  constructor(ask: () => void, dead: () => void) {
    this.#ask = ask;
    this.#dead = dead;
  }

  /** A connection is being made. */
  begin(): void {
    this.end();
    this.#silent = 0;
    this.#timer = setInterval(() => this.#turn(), SECOND);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  /** The other end said something. */
  heard(): void {
    this.#silent = 0;
  }

  /** Something happened that connections often do not survive: asks at once. */
  doubt(): void {
    if (this.#timer === 0 || this.#silent >= QUIET) return;
    this.#silent = QUIET;
    this.#ask();
  }

  #turn(): void {
    this.#silent += 1;
    if (this.#silent === QUIET) this.#ask();
    if (this.#silent < QUIET + ANSWER) return;
    this.end();
    this.#dead();
  }
}
