//! The directories of the library that are changed, and the tests that must notice.

use anyhow::bail;

/// A directory of the library's sources.
#[derive(Debug)]
pub(super) struct Area {
    pub(super) directory: &'static str,
    /// The tests that are about it, in rounds: each round judges what survived the one before. They are integration tests of the
    /// library's package or of the tests', and [`UNIT_TESTS`].
    pub(super) rounds: &'static [&'static [&'static str]],
}

/// The name that stands for the unit tests.
pub(super) const UNIT_TESTS: &str = "unit tests";

/// Tests that sit out a time-out of the library, five seconds each. Only an area's last round runs them, because few mutants come so far.
pub(super) const SLOW: [&str; 2] = [
    "ends::a_graph_that_failed_says_why_though_a_handler_has_not_returned",
    "removal::a_stage_slower_than_who_removes_it_leaves_once_its_handler_returns",
];

const AREAS: [Area; 4] = [
    Area {
        directory: "pool",
        rounds: &[&[UNIT_TESTS, "compat_events", "compat_repairs", "compat_surface", "messages", "pools"]],
    },
    Area {
        directory: "consumer",
        rounds: &[
            &["batches", "consumer_contract"],
            &["given_up", "joining", "messages", "topology"],
            &["notes", "oracle", "tasks", "typed", "waiting"],
        ],
    },
    Area { directory: "future", rounds: &[&["foreign", "tasks"], &["topology"]] },
    Area { directory: "topology", rounds: &[&[UNIT_TESTS, "topology"], &["placement", "topology"]] },
];

/// An area, or one file of it.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) area: &'static Area,
    /// Its name in the directory.
    pub(super) file: Option<String>,
}

impl Part {
    /// The files, from the library's sources.
    pub(super) fn glob(&self) -> String {
        format!("{}/{}", self.area.directory, self.file.as_deref().unwrap_or("**"))
    }

    /// Whether `file`, named from the library's sources, is in it.
    pub(super) fn covers(&self, file: &str) -> bool {
        match (file.split_once('/'), &self.file) {
            (Some((directory, _)), None) => directory == self.area.directory,
            (Some((directory, name)), Some(only)) => directory == self.area.directory && name == only,
            (None, _) => false,
        }
    }
}

/// The parts that `only` names, such as `pool` or `pool/auto.rs`; everything if it names nothing.
pub(super) fn chosen(only: &[String]) -> anyhow::Result<Vec<Part>> {
    if only.is_empty() {
        return Ok(AREAS.iter().map(|area| Part { area, file: None }).collect());
    }
    let part = |name: &String| {
        let (directory, file) = match name.split_once('/') {
            Some((directory, file)) => (directory, Some(file.to_owned())),
            None => (&name[..], None),
        };
        match AREAS.iter().find(|area| area.directory == directory) {
            Some(area) => Ok(Part { area, file }),
            None => {
                let known: Vec<&str> = AREAS.iter().map(|area| area.directory).collect();
                bail!("`{name}` is neither of {}, nor a file in one of them", known.join(", "))
            }
        }
    };
    only.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_and_a_file_are_chosen_by_name() {
        let parts = chosen(&["pool".to_owned(), "future/subscriber.rs".to_owned()]).unwrap();
        assert_eq!((parts[0].glob(), parts[1].glob()), ("pool/**".to_owned(), "future/subscriber.rs".to_owned()));
        assert!(parts[0].covers("pool/auto.rs") && !parts[0].covers("future/auto.rs") && !parts[0].covers("pool.rs"));
        assert!(parts[1].covers("future/subscriber.rs") && !parts[1].covers("future/mod.rs"));
        assert_eq!(chosen(&[]).unwrap().len(), AREAS.len());
        assert!(chosen(&["ring".to_owned()]).unwrap_err().to_string().contains("consumer"));
    }
}
