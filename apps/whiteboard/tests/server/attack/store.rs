//! Attacks on what is kept, and by what is kept: the data directory, its files, and the commands that read them.

#[cfg(unix)]
mod files;
mod forged;
mod room;
