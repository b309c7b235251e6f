//! Tells the crate which build of CPython it is for.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}
