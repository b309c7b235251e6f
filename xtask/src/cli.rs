//! The command line, and the texts of `--help`.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The repository's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every check of the project, in stages
    ///
    /// Runs the stages in their fixed order, each under a timeout. The run stops at the first stage
    /// that fails. The last line printed is `N passed, N failed`, counted in stages; the exit code is
    /// 0 when every stage passed, 1 when one failed, 2 when the run could not start.
    #[command(after_long_help = EXAMPLES)]
    Test(Test),

    /// Weaken every memory ordering of the library, one at a time, and see a model fail
    ///
    /// Finds every ordering stronger than Relaxed and every fence, and the labels that name them. In
    /// a copy of the workspace each is weakened, each fence removed, and the loom models run until
    /// one fails. Stress tests play no part: on a processor that orders memory strongly they cannot
    /// show what a weaker ordering allows.
    ///
    /// The last line printed is `N mutants, N killed, N explained, N unexplained`; the exit code is 1
    /// when a mutant survived that docs/MEMORY-ORDERING.md does not explain, could not be built or
    /// judged in time, or when a label and an ordering lack each other; 2 when the run could not start.
    #[command(after_long_help = MUTATE_EXAMPLES)]
    Mutate(ordering_mutants::Options),

    /// Change the library's logic, one place at a time, and see a test fail
    ///
    /// Runs cargo-mutants over the directories topology, consumer, pool and future of the library, in a
    /// copy of the workspace, each against the unit tests and the integration tests that are about it; a
    /// second round of tests judges what survives the first.
    /// The first run builds cargo-mutants, in tools/ in the target directory.
    ///
    /// The last line printed is `N mutants, N killed, N timed out, N not built, N explained, N
    /// unexplained`; the exit code is 1 when a mutant survived that docs/MUTANTS.md does not explain, or
    /// when one is explained there that no longer survives; 2 when the run could not start.
    #[command(after_long_help = MUTATE_LOGIC_EXAMPLES)]
    MutateLogic(MutateLogic),

    /// Measure against every rival: rates, latencies, and what was lost or torn
    ///
    /// Builds the benchmarks, measures for about twelve minutes, and writes the directory of the processor's
    /// family in docs/benchmarks: RESULTS.md for the suite `peers`, against every rival, with a chart for
    /// each workload; and a page each for `published`, `lmax`, `layouts`, `processes` and `journals`. It leaves the lines that RESULTS.md and the charts are drawn from,
    /// one for each sample, in bench/results.jsonl in the target directory. With any option but --goals
    /// it only prints the tables, and writes nothing. The machine should have nothing else to do: the run
    /// warns when it has, and records it.
    #[command(after_long_help = BENCH_EXAMPLES)]
    Bench(Bench),

    /// Judge the licences and sources of all dependencies, and what the library brings with it
    ///
    /// Runs cargo-deny by deny.toml over every workspace, and by deny-core.toml over the library alone.
    /// Run it when you change dependencies. The first run builds cargo-deny, in tools/ in the target
    /// directory, for some minutes. The exit code is 1 when something is refused; 2 when the run could
    /// not start.
    Deny,

    /// Generate the header of the C ABI, and compare it with the one that is checked in
    ///
    /// The header is crates/rusted-ring-ffi/include/rusted_ring.h. The exit code is 1 when it differs; 2
    /// when the run could not start. The stage `c` of `cargo xtask test` does the same.
    Header(Header),

    /// Generate what the Dart package declares of the C ABI, and compare it with what is checked in
    ///
    /// The file is bindings/dart/lib/src/abi.g.dart, and its source the header of the C ABI. The exit code
    /// is 1 when it differs; 2 when the run could not start. The stage `dart` of `cargo xtask test` does the
    /// same.
    Dart(Dart),
}

/// The options of `cargo xtask dart`.
#[derive(Debug, Args)]
pub(crate) struct Dart {
    /// Write the generated declarations to their place, instead of comparing
    #[arg(long)]
    pub(crate) write: bool,
}

/// The options of `cargo xtask header`.
#[derive(Debug, Args)]
pub(crate) struct Header {
    /// Write the generated header to its place, instead of comparing
    #[arg(long)]
    pub(crate) write: bool,
}

/// The options of `cargo xtask test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Run only this stage; may be given several times. `--list` names the stages
    #[arg(long, value_name = "STAGE")]
    pub(crate) only: Vec<String>,

    /// Run the long form of the stages that have one (stress, crash, c, loom, shuttle, fuzz, arm): hours, not minutes
    #[arg(long)]
    pub(crate) deep: bool,

    /// Install the Debian packages that a stage lacks; implied when the environment has CI=true
    #[arg(long)]
    pub(crate) install: bool,

    /// Go on after a failed stage, and fail at the end
    #[arg(long)]
    pub(crate) keep_going: bool,

    /// Name the stages with their timeouts, and run nothing
    #[arg(long)]
    pub(crate) list: bool,
}

/// The options of `cargo xtask mutate-logic`.
#[derive(Debug, Args)]
pub(crate) struct MutateLogic {
    /// Only this directory or file, as `pool` or `pool/auto.rs`; may be given several times
    #[arg(long, value_name = "PATH")]
    pub(crate) only: Vec<String>,

    /// Keep what earlier runs killed, in files whose code is the same; what survived is judged again
    #[arg(long)]
    pub(crate) resume: bool,

    /// Name the mutants, and run nothing
    #[arg(long)]
    pub(crate) list: bool,
}

/// The options of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// 64 B and 1 KiB, three rounds, in under 90 seconds
    #[arg(long)]
    pub(crate) quick: bool,

    /// Only this suite; may be given several times. The options below are for `peers`, and choose it
    #[arg(long, value_name = "NAME", value_parser = ["peers", "published", "lmax", "layouts", "processes", "journals"])]
    pub(crate) suite: Vec<String>,

    /// Print a line for each goal: against what, the figures, and whether it is met
    #[arg(long)]
    pub(crate) goals: bool,

    /// Only this workload; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) workload: Vec<String>,

    /// Only this payload; may be given several times
    #[arg(long, value_name = "BYTES")]
    pub(crate) payload: Vec<String>,

    /// Only this contender, or all of this package; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) contender: Vec<String>,

    /// How often each cell is measured, instead of 5 times
    #[arg(long, value_name = "N")]
    pub(crate) rounds: Option<u32>,

    /// How long the measuring may take, instead of 580 seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,

    /// Check only the first word and the last of each payload
    #[arg(long)]
    pub(crate) light: bool,

    /// Name contenders, workloads and payloads, and measure nothing
    #[arg(long)]
    pub(crate) list: bool,

    /// Measure nothing, and draw RESULTS.md and the charts from the lines that a run has left
    #[arg(long, value_name = "FILE", exclusive = true)]
    pub(crate) report: Option<PathBuf>,
}

impl Bench {
    /// Whether everything is to be measured and kept.
    pub(crate) fn is_whole(&self) -> bool {
        self.suite.is_empty() && !self.is_part_of_peers()
    }

    /// Whether the suite `name` is to be measured.
    pub(crate) fn wants(&self, name: &str) -> bool {
        if self.suite.is_empty() {
            self.is_whole() || name == "peers"
        } else {
            self.suite.iter().any(|wanted| wanted == name)
        }
    }

    fn is_part_of_peers(&self) -> bool {
        let filters = [&self.workload, &self.payload, &self.contender];
        let changes = [self.rounds.is_some(), self.seconds.is_some(), self.light, self.list, self.quick];
        filters.into_iter().any(|filter| !filter.is_empty()) || changes.contains(&true)
    }
}

const BENCH_EXAMPLES: &str = "\
Examples:
  cargo xtask bench                           everything, kept in docs/benchmarks
  cargo xtask bench --quick --goals           how things stand, in a minute and a half
  cargo xtask bench --suite lmax              LMAX's workloads, beside LMAX itself
  cargo xtask bench --suite layouts           layouts and protocols that a ring could have
  cargo xtask bench --list                    the contenders, workloads and payloads
  cargo xtask bench --report FILE             the page and the charts again, from a run's lines
  cargo xtask bench --workload one-to-one --payload 64 --contender rusted-ring --contender rtrb

docs/benchmarks/README.md says how it measures, and what a row means.";

const MUTATE_EXAMPLES: &str = "\
Examples:
  cargo xtask mutate --list                   the mutants, and what is wrong with labels
  cargo xtask mutate                          all of them, from the beginning
  cargo xtask mutate --resume                 go on after an interruption
  cargo xtask mutate --only gate.rs --label HORIZON

A run writes only into mutate/ in the target directory: results.json is what --resume reads,
killed.md the rows for the document's table of models.";

const MUTATE_LOGIC_EXAMPLES: &str = "\
Examples:
  cargo xtask mutate-logic --list             the mutants
  cargo xtask mutate-logic                    all of them: an hour or two
  cargo xtask mutate-logic --resume           go on after an interruption, or with new tests
  cargo xtask mutate-logic --only pool        those of one directory
  cargo xtask mutate-logic --only pool/auto.rs --only future

A run writes only into mutate-logic/ in the target directory; out/DIRECTORY/1/mutants.out
there has the log of each mutant by the first round of tests, results.json is what --resume reads.";

const EXAMPLES: &str = "\
Examples:
  cargo xtask test                            everything that a change must pass
  cargo xtask test --only fmt --only clippy   two stages
  cargo xtask test --keep-going               see every failure, not only the first
  cargo xtask test --only stress --deep       the long stress run

A run writes only into the target directory and node_modules.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn only_may_be_given_several_times() {
        let cli = Cli::parse_from(["xtask", "test", "--only", "fmt", "--only", "doc"]);
        let Command::Test(test) = cli.command else { panic!("it is a test") };
        assert_eq!(test.only, ["fmt", "doc"]);
    }
}
