//! What rusted-ring 0.5.4 got wrong about the size of a ring: the guard, and when it fires.

#![cfg(feature = "std")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Runs `cargo check` on a library crate with this source.
fn cargo_check(name: &str, source: &str) -> Output {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let krate = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("size-guard-{name}"));
    fs::create_dir_all(krate.join("src")).unwrap();
    fs::write(krate.join("src/lib.rs"), source).unwrap();
    let cargo_toml = format!(
        "[package]\nname = \"size-guard\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nrusted-ring = {{ path = {manifest:?} }}\n\n[workspace]\n"
    );
    fs::write(krate.join("Cargo.toml"), cargo_toml).unwrap();
    // The versions that this test was built with; in a package without its workspace, whatever is at hand.
    let lock = manifest.join("../../Cargo.lock");
    if lock.exists() {
        fs::copy(lock, krate.join("Cargo.lock")).unwrap();
    }
    Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("size-guard"))
        .current_dir(&krate)
        .output()
        .unwrap()
}

/// The 1 MiB guard counted data bytes alone, passed 67 MB, and fired when linking. Here it counts what the planes take,
/// and `cargo check` refuses the static.
#[test]
fn cargo_check_refuses_a_static_ring_beyond_the_guard() {
    let ring = |size, capacity| {
        format!(
            "//! A ring.\nuse rusted_ring::RingBuffer;\n\
             pub static RING: RingBuffer<{size}, {capacity}> = RingBuffer::new();\n"
        )
    };
    // 1024 * (1008 + 16) is 1 MiB to the byte.
    for (name, size, capacity) in [("existing", 1024, 1000), ("brim", 1008, 1024)] {
        let checked = cargo_check(name, &ring(size, capacity));
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
    for (name, size, capacity, says) in [
        ("small-slots", 1, 1_048_576, "MAX_STACK_BYTES"),
        ("over-the-brim", 1008, 1025, "MAX_STACK_BYTES"),
        ("beyond-memory", 1_u64 << 60, 1 << 20, "too big"),
        ("no-slots", 64, 0, "at least one slot"),
        ("no-bytes", 0, 64, "zero bytes"),
    ] {
        let checked = cargo_check(name, &ring(size, capacity));
        let errors = String::from_utf8_lossy(&checked.stderr);
        assert!(!checked.status.success(), "RingBuffer<{size}, {capacity}> passes");
        assert!(errors.contains("E0080") && errors.contains(says), "{errors}");
    }
}
