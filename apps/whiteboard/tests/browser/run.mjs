// The page in a real browser, against the real server.
//
//   npm ci && WHITEBOARD_BIN=path/to/whiteboard node run.mjs
//
// CHROMIUM names the browser (default /usr/bin/chromium); SCREENSHOTS, if set, a directory for pictures of the page.

import './protocol.mjs';
import './pages.mjs';
