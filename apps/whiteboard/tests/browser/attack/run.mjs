// What somebody hostile tries against an open page, by the real server. What is tried against the server alone is in
// tests/server/attack; `cargo xtask test --only attack` runs both.
//
//   npm ci && WHITEBOARD_BIN=path/to/whiteboard node attack/run.mjs


import './doors.mjs';
import './pictures.mjs';
import './clears.mjs';
import './failures.mjs';
import './chat.mjs';
import './strokes.mjs';
import './costs.mjs';
import './ids.mjs';
import './silent.mjs';
import './frames.mjs';
