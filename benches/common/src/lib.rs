//! What the suites of benchmarks share: the machine that they run on, its cores and their distance, and a table.

pub mod apart;
pub mod chart;
pub mod machine;
pub mod pin;
pub mod probe;
pub mod table;
