//! The program has no std to ask for the C library, and its entry is C's `main`.

fn main() {
    println!("cargo::rustc-link-arg-bins=-lc");
}
