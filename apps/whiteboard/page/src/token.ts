// The token in the address that the server printed. This is evaluated before all else of the page: it is out of the address
// bar and the window's history before anything could see it there.

/** As long as it may be of use. */
let token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token !== null) history.replaceState(history.state, '', location.pathname + location.search);

/** The token that this page came with; `null` if it came with none, or it is used up. */
export function given(): string | null {
  return token;
}

/** It has been shown to the server, which has answered. */
export function used(): void {
  token = null;
}
