// Opens a locked board: the token in the address becomes a cookie that no script sees.
import { at } from './base.js';
/** Between two tries while the server cannot be reached, in milliseconds. */
const PAUSE = 1000;
/** No answer within this is none: a connection may be taken, and never answered. */
const PATIENCE = 8000;
/** Takes the token out of the address bar, before anything else could see it there. */
function takeToken() {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (token !== null)
        history.replaceState(history.state, '', location.pathname + location.search);
    return token;
}
/**
 * Whether the server lets this page in; the address that it printed opens it. Waits for a server that is away, and tries
 * again; `silent()` is told the first time that no answer came.
 */
export async function openSession(silent) {
    const token = takeToken();
    for (let tries = 1;; tries += 1) {
        try {
            // A token that opens nothing takes away nothing.
            return (token !== null && (await unlock(token)).ok) || !(await isLocked());
        }
        catch {
            if (tries === 1)
                silent();
            await new Promise((resolve) => setTimeout(resolve, PAUSE));
        }
    }
}
/** Whether the server wants a token, which this page has not shown. */
export async function isLocked() {
    return (await asked('session')).status === 401;
}
/** Shows the server a token; its answer says whether that opens the board. */
export function unlock(token) {
    return asked('session', { method: 'POST', body: token });
}
/** What lets others in when it is shown for a token; empty where nothing is locked. */
export async function invitation() {
    const answer = await asked('invitation', { method: 'POST' });
    if (!answer.ok)
        throw new Error(`it answers ${answer.status}`);
    return answer.text();
}
function asked(path, how = {}) {
    return fetch(at(path), { ...how, signal: AbortSignal.timeout(PATIENCE) });
}
