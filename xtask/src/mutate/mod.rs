//! `cargo xtask mutate`: weakens every ordering of the library, one at a time, to see a model fail.
//!
//! An ordering that no model needs is either not needed, or not tested. So a label in the source names each,
//! `docs/MEMORY-ORDERING.md` describes it, and a model kills its mutants or that page explains them.

mod catalogue;
mod cover;
mod document;
mod find;
mod label;
mod models;
mod mutant;
mod results;
mod scratch;
mod site;
mod tally;

use crate::cli;
use crate::interrupt;
use crate::stages::loom;
use crate::workspace::Workspace;
use anyhow::{Context, bail, ensure};
use catalogue::Catalogue;
use document::{DOCUMENT, Document};
use models::{Job, Verdict};
use mutant::Mutant;
use results::{Outcome, Results};
use scratch::{Built, Scratch};
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tally::{Fate, Tally};

/// The bounds at which the models run: first quickly, then as in every run of the stage `loom`.
const BOUNDS: [u32; 2] = [1, loom::CHECKER.quick];

/// How long the models may take over the unchanged sources, and over one mutant.
const FIRST_RUN: Duration = Duration::from_secs(30 * 60);
const ONE_MUTANT: Duration = Duration::from_secs(10 * 60);

/// Runs what the command line asks for. `Ok(false)`: it ran, and found something wrong.
pub(crate) fn mutate(arguments: &cli::Mutate) -> anyhow::Result<bool> {
    interrupt::listen()?;
    let workspace = Workspace::load()?;
    if arguments.list {
        let catalogue = catalogue(&workspace)?;
        for mutant in chosen(&catalogue.mutants, arguments)? {
            println!(
                "{:<20} {}:{} {}: {}",
                mutant.labels.join(", "),
                mutant.file,
                mutant.line,
                mutant.function,
                mutant.change
            );
        }
        return Ok(no_complaints(&catalogue));
    }
    let scratch = Scratch::copy(&workspace)?;
    let document = read_document(&scratch.tree)?;
    let catalogue = Catalogue::read(&scratch.source, &shown(&workspace)?, &document)?;
    if !no_complaints(&catalogue) {
        return Ok(false);
    }
    let chosen = chosen(&catalogue.mutants, arguments)?;
    let lock = fs::read_to_string(scratch.tree.join("Cargo.lock")).context("reading Cargo.lock")?;
    let sources = results::fingerprint(&scratch.source, &[&lock, &format!("{BOUNDS:?}")])?;
    let results = Results::open(scratch.home.join("results.json"), &sources, arguments.resume)?;
    let mut run = Run { scratch, document, results };
    let models = run.models_of_the_sources()?;
    let tally = run.judge_all(&catalogue, &chosen, &models)?;
    fs::write(run.scratch.home.join("killed.md"), tally.killed_rows()).context("writing killed.md")?;
    println!("\n{tally}");
    Ok(tally.is_good())
}

/// What is wrong with the labels of the library, each with its place and what to do.
pub(crate) fn complaints(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    Ok(catalogue(workspace)?.complaints)
}

/// The mutants and labels of the library as it is.
fn catalogue(workspace: &Workspace) -> anyhow::Result<Catalogue> {
    let source = workspace.library()?.root.join("src");
    Catalogue::read(&source, &shown(workspace)?, &read_document(&workspace.root)?)
}

/// The library's source directory, as complaints name it.
fn shown(workspace: &Workspace) -> anyhow::Result<String> {
    let source = workspace.library()?.root.join("src");
    Ok(source.strip_prefix(&workspace.root).unwrap_or(&source).display().to_string())
}

fn read_document(root: &Path) -> anyhow::Result<Document> {
    Document::parse(&fs::read_to_string(root.join(DOCUMENT)).with_context(|| format!("reading {DOCUMENT}"))?)
}

fn no_complaints(catalogue: &Catalogue) -> bool {
    catalogue.complaints.iter().for_each(|complaint| println!("{complaint}"));
    catalogue.complaints.is_empty()
}

/// The mutants that the command line asks for; all if it names none.
fn chosen<'a>(mutants: &'a [Mutant], arguments: &cli::Mutate) -> anyhow::Result<Vec<&'a Mutant>> {
    let in_file = |mutant: &Mutant, file: &str| {
        Path::new(file).ends_with(&mutant.file) || Path::new(&mutant.file).ends_with(file)
    };
    for file in &arguments.only {
        ensure!(mutants.iter().any(|mutant| in_file(mutant, file)), "no ordering is in `{file}`; `--list` names them");
    }
    for label in &arguments.label {
        ensure!(mutants.iter().any(|mutant| mutant.labels.contains(label)), "no ordering has the label `{label}`");
    }
    let chosen = mutants.iter().filter(|mutant| {
        (arguments.only.is_empty() || arguments.only.iter().any(|file| in_file(mutant, file)))
            && (arguments.label.is_empty() || arguments.label.iter().any(|label| mutant.labels.contains(label)))
    });
    Ok(chosen.collect())
}

struct Run {
    scratch: Scratch,
    document: Document,
    results: Results,
}

impl Run {
    /// The models, each with the time that it takes; all pass on the unchanged sources.
    fn models_of_the_sources(&mut self) -> anyhow::Result<Vec<(String, Duration)>> {
        println!("building the models, and running them on the sources as they are");
        let program = match self.scratch.build()? {
            Built::Program(program) => program,
            Built::Refused(errors) => bail!("the library's models do not compile:\n{errors}"),
        };
        let models = models::list(&program)?;
        let unknown = models.iter().filter(|model| self.results.time_of(model).is_none());
        let jobs: Vec<Job<'_>> = unknown.map(|model| Job { model, bound: loom::CHECKER.quick }).collect();
        let times = Mutex::new(Vec::new());
        let passed =
            |job: Job<'_>, took| times.lock().expect("nobody panics with it").push((job.model.to_owned(), took));
        match models::judge(&self.scratch, &program, &jobs, FIRST_RUN, passed)? {
            Verdict::Survived => {}
            Verdict::Killed(job) => bail!("{} fails on the sources as they are", job.model),
            Verdict::TimedOut(job) => bail!("{} was not done in {} s", job.model, FIRST_RUN.as_secs()),
        }
        for (model, took) in times.into_inner().expect("nobody panics with it") {
            self.results.keep_time(&model, took)?;
        }
        let time_of = |model: String| {
            let took = self.results.time_of(&model).unwrap_or_default();
            (model, took)
        };
        Ok(models.into_iter().map(time_of).collect())
    }

    fn judge_all<'a>(
        &mut self,
        catalogue: &Catalogue,
        mutants: &[&'a Mutant],
        models: &[(String, Duration)],
    ) -> anyhow::Result<Tally<'a>> {
        let mut tally = Tally::default();
        let (started, mut judged) = (Instant::now(), 0);
        for (index, &mutant) in mutants.iter().enumerate() {
            let site = format!("{}:{} {}: {}", mutant.file, mutant.line, mutant.function, mutant.change);
            print!("[{:>3}/{}] {:<20} {site:<76} ", index + 1, mutants.len(), mutant.labels.join(", "));
            io::stdout().flush()?;
            let begun = Instant::now();
            let kept = self.results.of(&mutant.id());
            let known = kept.is_some();
            let fate = match kept {
                Some(outcome) => self.fate_of(mutant, outcome),
                None => self.judge(catalogue, mutant, models)?,
            };
            let took = begun.elapsed().as_secs_f64();
            if known {
                println!("{fate} (kept)");
            } else {
                judged += 1;
                let left = started.elapsed().as_secs_f64() / f64::from(judged) * (mutants.len() - index - 1) as f64;
                println!("{fate} ({took:.0} s; {:.0} min left)", (left / 60.0).ceil());
            }
            tally.add(mutant, fate);
        }
        Ok(tally)
    }

    /// Builds `mutant`, and runs the models until one fails.
    fn judge(&mut self, catalogue: &Catalogue, mutant: &Mutant, models: &[(String, Duration)]) -> anyhow::Result<Fate> {
        if mutant.unseen {
            return Ok(self.fate_of(mutant, Outcome::Survived));
        }
        let text = catalogue.text(&mutant.file);
        self.scratch.write(&mutant.file, &mutant.apply(text))?;
        let built = self.scratch.build();
        self.scratch.write(&mutant.file, text)?;
        let program = match built? {
            Built::Program(program) => program,
            Built::Refused(errors) => return Ok(Fate::NotBuilt(errors)),
        };
        let jobs = models::schedule(models, &self.document.likely_models(mutant), BOUNDS);
        let outcome = match models::judge(&self.scratch, &program, &jobs, ONE_MUTANT, |_, _| {})? {
            Verdict::Killed(job) => Outcome::Killed { model: job.model.to_owned(), bound: job.bound },
            Verdict::Survived => Outcome::Survived,
            Verdict::TimedOut(job) => return Ok(Fate::TimedOut(job.model.to_owned())),
        };
        self.results.keep(&mutant.id(), &outcome)?;
        Ok(self.fate_of(mutant, outcome))
    }

    fn fate_of(&self, mutant: &Mutant, outcome: Outcome) -> Fate {
        match (outcome, self.document.explanation(mutant)) {
            (Outcome::Killed { model, bound }, None) => Fate::Killed { model, bound },
            (Outcome::Killed { model, .. }, Some(_)) => Fate::KilledAndExplained { model },
            (Outcome::Survived, Some(reason)) => Fate::Explained(reason.to_owned()),
            (Outcome::Survived, None) => Fate::Unexplained { unseen: mutant.unseen },
        }
    }
}
