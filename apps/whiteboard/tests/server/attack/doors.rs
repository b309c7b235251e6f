//! Attacks on who comes in, and on how much of the server one visitor takes.
