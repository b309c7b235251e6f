//! A strict reader of the text format of OpenMetrics, for the types of metric that are used here. It panics at what the format forbids.

use std::collections::{BTreeMap, BTreeSet};

/// The values by the samples' names and labels.
#[derive(Debug, Default)]
pub(crate) struct Samples(BTreeMap<(String, BTreeMap<String, String>), f64>);

impl Samples {
    pub(crate) fn of(text: &str) -> Self {
        let lines: Vec<&str> = text.strip_suffix("# EOF\n").expect("the text ends with EOF").lines().collect();
        let mut samples = Samples::default();
        let mut families = BTreeSet::new();
        let mut family = Family::default();
        for line in lines {
            match line.strip_prefix("# ") {
                Some(description) => family.describe(description, &mut families),
                None => samples.add(&family, line),
            }
        }
        samples
    }

    fn add(&mut self, family: &Family, line: &str) {
        let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("no value: {line}"));
        let (name, rest) = line.split_at(end);
        let suffix = match &*family.kind {
            "counter" => "_total",
            "info" => "_info",
            "gauge" => "",
            other => panic!("a type of metric that is not expected: {other}"),
        };
        assert_eq!(name.strip_suffix(suffix), Some(&*family.name), "a sample of another family: {line}");
        let (labels, value) = rest.strip_prefix('{').map_or_else(|| (BTreeMap::new(), rest), labels);
        let value: f64 = value.strip_prefix(' ').expect("a space before the value").parse().expect("a number");
        assert!(value.is_finite() && value >= 0.0, "{line}");
        let is_new = self.0.insert((name.to_owned(), labels), value).is_none();
        assert!(is_new, "the same sample twice: {line}");
    }

    /// The value of the sample with these labels and no others.
    #[track_caller]
    pub(crate) fn get(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.find(name, labels).unwrap_or_else(|| panic!("no {name} with {labels:?} in {self:#?}"))
    }

    pub(crate) fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.0.get(&(name.to_owned(), labels)).copied()
    }

    /// All samples of this name: their labels and values.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = (&BTreeMap<String, String>, f64)> {
        self.0.iter().filter(move |((of, _), _)| of == name).map(|((_, labels), value)| (labels, *value))
    }

    /// Fails if a counter of `earlier` is not here, or less.
    #[track_caller]
    pub(crate) fn must_continue(&self, earlier: &Samples) {
        for ((name, labels), before) in earlier.0.iter().filter(|((name, _), _)| name.ends_with("_total")) {
            let now = self.0.get(&(name.clone(), labels.clone()));
            assert!(now.is_some_and(|now| now >= before), "{name} {labels:?} was {before} and is {now:?}");
        }
    }
}

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
}

impl Family {
    fn describe(&mut self, description: &str, known: &mut BTreeSet<String>) {
        let mut words = description.splitn(3, ' ');
        let (what, name, rest) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
        assert!(!name.ends_with("_total"), "the name of a family has no suffix: {name}");
        match what {
            "HELP" => {
                assert!(known.insert(name.to_owned()), "the family {name} twice");
                assert!(rest.ends_with('.') && !rest.contains(['\\', '"', '\n']), "{rest}");
                *self = Family { name: name.to_owned(), kind: String::new() };
            }
            "TYPE" => rest.clone_into(&mut self.kind),
            "UNIT" => assert!(name.strip_suffix(rest).is_some_and(|left| left.ends_with('_')), "{description}"),
            other => panic!("a description that is not expected: {other}"),
        }
        assert_eq!(self.name, name, "a description of another family");
    }
}

/// The labels that end with the first `}` that no value has, and what follows.
fn labels(mut text: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    loop {
        let (key, rest) = text.split_once("=\"").expect("a label and its value");
        let (value, rest) = value(rest);
        assert!(key.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !key.is_empty(), "{key}");
        assert!(labels.insert(key.to_owned(), value).is_none(), "the label {key} twice");
        match rest.strip_prefix(',') {
            Some(more) => text = more,
            None => return (labels, rest.strip_prefix('}').expect("an end of the labels")),
        }
    }
}

/// The value up to the first quote that is not escaped, and what follows.
fn value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match chars.next().expect("something escaped").1 {
                'n' => '\n',
                escaped @ ('"' | '\\') => escaped,
                other => panic!("an escape that is not known: {other:?}"),
            }),
            '\n' => panic!("a line's end in a value"),
            char => value.push(char),
        }
    }
    panic!("a value without an end: {text}")
}
