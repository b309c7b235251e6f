//! What the compiler says to programs that use the library: what it refuses, and why; and that what the documentation advises compiles.

#![cfg(feature = "std")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Runs `cargo check` on a program of this source, which depends on the library and on `others`.
fn cargo_check(name: &str, source: &str, others: &str) -> Output {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let krate = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compiler-{name}"));
    fs::create_dir_all(krate.join("src")).unwrap();
    fs::write(krate.join("src/main.rs"), source).unwrap();
    // By the name, and not by the directory, cargo tells one program's check from another's.
    let cargo_toml = format!(
        "[package]\nname = \"outside-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nrusted-ring = {{ path = {manifest:?} }}\n{others}\n\n[workspace]\n"
    );
    fs::write(krate.join("Cargo.toml"), cargo_toml).unwrap();
    // The versions that this test was built with; in a package without its workspace, whatever is at hand.
    let lock = manifest.join("../../Cargo.lock");
    if lock.exists() {
        fs::copy(lock, krate.join("Cargo.lock")).unwrap();
    }
    Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiler"))
        .current_dir(&krate)
        .output()
        .unwrap()
}

/// What the compiler says to a program that it must refuse.
#[track_caller]
fn refused(name: &str, source: &str) -> String {
    let checked = cargo_check(name, source, "");
    assert!(!checked.status.success(), "{name} passes");
    String::from_utf8_lossy(&checked.stderr).into_owned()
}

#[track_caller]
fn passes(name: &str, source: &str, others: &str) {
    let checked = cargo_check(name, source, others);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

/// rusted-ring 0.5.4 counted data bytes alone, passed 67 MB, and fired when linking. Here the guard counts what the planes take,
/// and `cargo check` refuses the static.
#[test]
fn cargo_check_refuses_a_static_ring_beyond_the_guard() {
    let ring = |size, capacity| {
        format!(
            "use rusted_ring::RingBuffer;\n\
             pub static RING: RingBuffer<{size}, {capacity}> = RingBuffer::new();\nfn main() {{}}\n"
        )
    };
    // 1024 * (1008 + 16) is 1 MiB to the byte.
    for (name, size, capacity) in [("existing", 1024, 1000), ("brim", 1008, 1024)] {
        passes(name, &ring(size, capacity), "");
    }
    for (name, size, capacity, says) in [
        ("small-slots", 1, 1_048_576, "MAX_STACK_BYTES"),
        ("over-the-brim", 1008, 1025, "MAX_STACK_BYTES"),
        ("beyond-memory", 1_u64 << 60, 1 << 20, "too big"),
        ("no-slots", 64, 0, "at least one slot"),
        ("no-bytes", 0, 64, "zero bytes"),
    ] {
        let errors = refused(name, &ring(size, capacity));
        assert!(errors.contains("E0080") && errors.contains(says), "{errors}");
    }
}

#[test]
fn what_no_typed_ring_holds_is_refused_with_the_way_out() {
    let errors = refused(
        "an-enum",
        "#[derive(Clone, Copy)] #[repr(u8)] pub enum Tool { Pen, Eraser }\n\
         fn main() { rusted_ring::HeapTypedRing::<Tool>::new(64); }\n",
    );
    assert!(errors.contains("`Tool` cannot be held by a typed ring"), "{errors}");
    assert!(errors.contains("the documentation of `rusted_ring::Typed` shows how"), "{errors}");
}

/// A test of the documentation has the library's own dependencies at hand; a program has what it names.
#[test]
fn the_way_out_compiles_in_a_program_that_names_what_the_page_says() {
    let page = include_str!("../src/ring/memory/typed.md");
    let example = page.rsplit("```").nth(1).expect("the page ends behind an example");
    let lines = example.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
    let body: Vec<&str> = lines.collect();
    let program = format!("fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{}\n}}\n", body.join("\n"));
    passes("the-way-out", &program, "bytemuck = { version = \"1\", features = [\"derive\"] }");
}
