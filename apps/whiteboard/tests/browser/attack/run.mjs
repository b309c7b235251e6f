// What somebody hostile tries against an open page, by the real server. What is tried against the server alone is in
// tests/server/attack; `cargo xtask test --only attack` runs both.
//
//   npm ci && WHITEBOARD_BIN=path/to/whiteboard node attack/run.mjs

import { play } from '../several.mjs';

await play(import.meta.url, [
  'frames', 'costs', 'pictures', 'doors', 'strokes', 'chat', 'clears', 'failures', 'ids', 'silent',
]);
