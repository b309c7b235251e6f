// Opens a locked board: the token in the address becomes a cookie that no script sees.

import { at } from './base.js';
import { given, used } from './token.js';

/** Between two tries while the server cannot be reached, in milliseconds. */
const PAUSE = 1000;
/** No answer within this is none: a connection may be taken, and never answered. */
const PATIENCE = 8000;

/** Whether an answer says nothing of the token or the cookie: the server is asked too much, or cannot answer now. */
export function isLater({ status }: Response): boolean {
  return status === 429 || status >= 500;
}

/**
 * Whether the server lets this page in; the address that it printed opens it. Waits for a server that is away, or busy, and
 * tries again; `silent()` is told the first time that no answer came.
 */
export async function openSession(silent: () => void): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      const token = given();
      if (token !== null) {
        const answer = await unlock(token);
        if (isLater(answer)) throw new Error(`it answers ${answer.status}`);
        used();
        if (answer.ok) return true;
      }
      // A token that opens nothing takes away nothing.
      return !(await isLocked());
    } catch {
      if (tries === 1) silent();
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

/** Whether the server wants a token, which this page has not shown. */
export async function isLocked(): Promise<boolean> {
  const answer = await asked('session');
  if (isLater(answer)) throw new Error(`it answers ${answer.status}`);
  return answer.status === 401;
}

/** This browser is let in no more, until it shows a token again. */
export async function signOut(): Promise<void> {
  const answer = await asked('session', { method: 'DELETE' });
  if (!answer.ok) throw new Error(`it answers ${answer.status}`);
}

/** Shows the server a token; its answer says whether that opens the board. */
export function unlock(token: string): Promise<Response> {
  return asked('session', { method: 'POST', body: token });
}

/** What lets others in when it is shown for a token; empty where nothing is locked. */
export async function invitation(): Promise<string> {
  const answer = await asked('invitation', { method: 'POST' });
  if (!answer.ok) throw new Error(`it answers ${answer.status}`);
  return answer.text();
}

function asked(path: string, how: RequestInit = {}): Promise<Response> {
  return fetch(at(path), { ...how, signal: AbortSignal.timeout(PATIENCE) });
}
