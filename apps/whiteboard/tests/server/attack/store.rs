//! Attacks on what is kept, and by what is kept: the data directory, its file, and the commands that read them.
