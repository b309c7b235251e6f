//! The whole program of a project that has no larger command line of its own.

use crate::interrupt;
use crate::options::Options;
use crate::project::Project;
use crate::run::run;
use clap::Parser;
use std::io;
use std::process::ExitCode;

/// Weaken every memory ordering of a crate, one at a time, and see a model fail
///
/// The last line printed is `N mutants, N killed, N explained, N unexplained`. The exit code is 1 when a mutant survived that the
/// document does not explain, could not be built or judged in time, or when a label and an ordering lack each other; 2 when the
/// run could not start.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

/// Runs what the command line asks for, prints it, and returns the exit code: 0 if all is well, 1 if something was found, and 2
/// if the run could not be done.
///
/// On Ctrl-C it ends what it has started.
pub fn main(project: &Project) -> ExitCode {
    let Arguments { options } = Arguments::parse();
    let result = interrupt::listen().map_err(Into::into).and_then(|()| run(project, &options, &mut io::stdout()));
    exit_code(result)
}

/// The exit code of a run: 0 if all is well, 1 if something was found, and 2, with the error printed, if it could not be done.
pub fn exit_code(result: anyhow::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
        let Arguments { options } = Arguments::parse_from(["mutants", "--only", "a.rs", "--only", "b.rs", "--resume"]);
        assert_eq!((options.only, options.resume, options.list), (vec!["a.rs".into(), "b.rs".into()], true, false));
    }
}
