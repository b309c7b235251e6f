//! Weakens every ordering of a crate, one at a time, to see a model fail.
//!
//! An ordering that no model needs is either not needed, or not tested. So a label in the source names each, the document
//! describes it, and a model kills its mutants or the document explains them.

use crate::catalogue::Catalogue;
use crate::document::Document;
use crate::models::{self, Job, Verdict};
use crate::mutant::Mutant;
use crate::options::Options;
use crate::project::Project;
use crate::results::{self, Outcome, Results};
use crate::scratch::{Built, Scratch};
use crate::tally::{Fate, Tally};
use anyhow::{Context, bail};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long the models may take over the unchanged sources, and over one mutant.
const FIRST_RUN: Duration = Duration::from_secs(30 * 60);
const ONE_MUTANT: Duration = Duration::from_secs(10 * 60);

/// Does what `options` ask for, and writes to `out` what it finds. `Ok(false)`: it ran, and found something wrong.
///
/// It mutates a copy of the project, and writes only into `mutate/` in the project's target directory: `results.json`, which
/// `resume` reads, and `killed.md`, the rows for the document's table of models. Call [`interrupt::listen`](crate::interrupt::listen)
/// before, so that Ctrl-C ends the builds and models that it has started.
///
/// # Errors
///
/// If something cannot be read, built or started; if a model fails on the sources as they are; if `options` name a file or a
/// label that has no ordering.
pub fn run(project: &Project, options: &Options, out: &mut dyn Write) -> anyhow::Result<bool> {
    if options.list {
        let catalogue = catalogue(project)?;
        for mutant in options.chosen(&catalogue.mutants)? {
            let (file, function) = (&mutant.file, &mutant.function);
            writeln!(out, "{:<20} {file}:{} {function}: {}", mutant.labels.join(", "), mutant.line, mutant.change)?;
        }
        return no_complaints(&catalogue, out);
    }
    let scratch = Scratch::copy(project)?;
    let document = read_document(project, &scratch.tree)?;
    let catalogue = Catalogue::read(project, &scratch.tree, &document)?;
    if !no_complaints(&catalogue, out)? {
        return Ok(false);
    }
    let chosen = options.chosen(&catalogue.mutants)?;
    let results = Results::open(scratch.home.join("results.json"), &sources(project, &scratch)?, options.resume)?;
    let mut run = Run { project, scratch, document, results, out };
    let models = run.models_of_the_sources()?;
    let tally = run.judge_all(&catalogue, &chosen, &models)?;
    fs::write(run.scratch.home.join("killed.md"), tally.killed_rows()).context("writing killed.md")?;
    writeln!(run.out, "\n{tally}")?;
    Ok(tally.is_good())
}

/// Returns what is wrong with the labels of the project, each with its place and what to do.
///
/// # Errors
///
/// If a source or the document cannot be read.
pub fn complaints(project: &Project) -> anyhow::Result<Vec<String>> {
    Ok(catalogue(project)?.complaints)
}

/// The mutants and labels of the project as it is.
fn catalogue(project: &Project) -> anyhow::Result<Catalogue> {
    Catalogue::read(project, &project.root, &read_document(project, &project.root)?)
}

fn read_document(project: &Project, root: &Path) -> anyhow::Result<Document> {
    let name = &project.document;
    let text = fs::read_to_string(root.join(name));
    Document::parse(name, &text.with_context(|| format!("reading {name}, the page that describes each label"))?)
}

/// A number for all that the results depend on.
fn sources(project: &Project, scratch: &Scratch<'_>) -> anyhow::Result<String> {
    let lock = fs::read_to_string(scratch.tree.join("Cargo.lock"))
        .context("reading Cargo.lock, which fixes what is built; `cargo generate-lockfile` makes one")?;
    let how = format!("{:?} {:?} {:?}", project.tests, project.models, project.checker);
    results::fingerprint(&scratch.tree, &project.decisive, &[&lock, &how])
}

fn no_complaints(catalogue: &Catalogue, out: &mut dyn Write) -> anyhow::Result<bool> {
    for complaint in &catalogue.complaints {
        writeln!(out, "{complaint}")?;
    }
    Ok(catalogue.complaints.is_empty())
}

struct Run<'p> {
    project: &'p Project,
    scratch: Scratch<'p>,
    document: Document,
    results: Results,
    out: &'p mut dyn Write,
}

impl<'p> Run<'p> {
    /// The models, each with the time that it takes; all pass on the unchanged sources.
    fn models_of_the_sources(&mut self) -> anyhow::Result<Vec<(String, Duration)>> {
        let [_, bound] = self.project.checker.bounds;
        writeln!(self.out, "building the models, and running them on the sources as they are")?;
        let program = match self.scratch.build()? {
            Built::Program(program) => program,
            Built::Refused(errors) => bail!("the models do not compile:\n{errors}"),
        };
        let models = models::list(&program, &self.project.models)?;
        let unknown = models.iter().filter(|model| self.results.time_of(model).is_none());
        let jobs: Vec<Job<'_>> = unknown.map(|model| Job { model, bound }).collect();
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
    ) -> anyhow::Result<Tally<'a>>
    where
        'p: 'a,
    {
        let mut tally = Tally::new(&self.project.document);
        let (started, mut judged) = (Instant::now(), 0);
        for (index, &mutant) in mutants.iter().enumerate() {
            let site = format!("{}:{} {}: {}", mutant.file, mutant.line, mutant.function, mutant.change);
            let label = mutant.labels.join(", ");
            write!(self.out, "[{:>3}/{}] {label:<20} {site:<76} ", index + 1, mutants.len())?;
            self.out.flush()?;
            let begun = Instant::now();
            let kept = self.results.of(&mutant.id());
            let known = kept.is_some();
            let fate = match kept {
                Some(outcome) => self.fate_of(mutant, outcome),
                None => self.judge(catalogue, mutant, models)?,
            };
            let took = begun.elapsed().as_secs_f64();
            if known {
                writeln!(self.out, "{fate} (kept)")?;
            } else {
                judged += 1;
                let left = started.elapsed().as_secs_f64() / f64::from(judged) * (mutants.len() - index - 1) as f64;
                writeln!(self.out, "{fate} ({took:.0} s; {:.0} min left)", (left / 60.0).ceil())?;
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
        let jobs = models::schedule(models, &self.document.likely_models(mutant), self.project.checker.bounds);
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
