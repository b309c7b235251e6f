//! The arrows between packages.

use super::{FOREIGN, PACKAGES, Violation};
use crate::workspace::{LIBRARY, Package};

pub(super) fn violations(packages: &[Package]) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in packages {
        let mut report = |what: String, rule: String| {
            found.push(Violation { file: package.root.join("Cargo.toml"), line: 1, what, rule });
        };
        let Some((_, allowed)) = PACKAGES.iter().find(|(name, _)| *name == package.name) else {
            report(
                format!("`{}` has no place among the packages", package.name),
                "every package is listed in PACKAGES of xtask's arrows".to_owned(),
            );
            continue;
        };
        let members = packages.iter().map(|member| member.name.as_str());
        for member in members.filter(|member| !allowed.contains(member)) {
            if package.dependencies.iter().any(|name| name == member) {
                report(
                    format!("`{}` depends on `{member}`", package.name),
                    match allowed {
                        [] => format!("`{}` depends on no package of the workspace", package.name),
                        some => format!("`{}` depends only on {some:?}", package.name),
                    },
                );
            }
        }
        let is_foreign = |name: &&String| !packages.iter().any(|member| member.name == **name);
        for name in package.dependencies.iter().filter(is_foreign) {
            if package.name == LIBRARY && !FOREIGN.contains(&name.as_str()) {
                report(
                    format!("`{LIBRARY}` depends on `{name}`"),
                    format!(
                        "of other people's the library depends only on {FOREIGN:?}; its tests that need more have a package"
                    ),
                );
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            version: "0.0.0".to_owned(),
            root: format!("/{name}").into(),
            dependencies: dependencies.iter().map(ToString::to_string).collect(),
            tests: Vec::new(),
            examples: Vec::new(),
            is_documented_whole: true,
        }
    }

    #[test]
    fn the_library_depends_on_little_and_its_other_tests_on_what_they_need() {
        let tests = package("rusted-ring-tests", &["rusted-ring", "tokio"]);
        assert_eq!(violations(&[package("rusted-ring", &["bytemuck", "rustix"]), tests]), []);
        let found = violations(&[package("rusted-ring", &["bytemuck", "tokio"])]);
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().contains("`rusted-ring` depends on `tokio`"), "{}", found[0]);
    }

    #[test]
    fn the_application_may_use_the_library_and_not_the_reverse() {
        let down = [package("rusted-ring", &["bytemuck"]), package("whiteboard", &["rusted-ring", "redb"])];
        assert_eq!(violations(&down), []);

        let up = [package("rusted-ring", &["whiteboard"]), package("whiteboard", &[])];
        let found = violations(&up);
        assert_eq!(found.len(), 1);
        let report = found[0].to_string();
        assert!(report.contains("`rusted-ring` depends on `whiteboard`"), "{report}");
    }

    #[test]
    fn an_unlisted_package_is_a_violation() {
        let found = violations(&[package("newcomer", &[])]);
        assert!(found[0].what.contains("`newcomer` has no place"), "{found:?}");
    }
}
