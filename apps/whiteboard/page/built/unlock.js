// Opens a locked board: the token in the address becomes a cookie that no script sees.
/** Between two tries while the server cannot be reached, in milliseconds. */
const PAUSE = 1000;
/** Takes the token out of the address bar, before anything else could see it there. */
function takeToken() {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (token !== null)
        history.replaceState(history.state, '', location.pathname + location.search);
    return token;
}
/** Whether the server lets this page in; the address that it printed opens it. Waits for a server that is away. */
export async function openSession() {
    const token = takeToken();
    for (;;) {
        try {
            const answer = await fetch('/session', token === null ? {} : { method: 'POST', body: token });
            return answer.ok;
        }
        catch {
            await new Promise((resolve) => setTimeout(resolve, PAUSE));
        }
    }
}
