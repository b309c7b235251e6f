//! The log of a running server: one event a line on stderr, with its time, for people or as JSON.
//!
//! Events are those of this program alone: what other crates would say may hold what a request carried, tokens included.

mod limit;
mod line;

use std::panic;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use tokio::time::sleep;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use limit::{Limit, Limited};

/// How often it says what was left out.
const TELL: Duration = Duration::from_secs(5);

/// What is logged, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How the log on stderr is written
    #[arg(long = "log", value_name = "FORM", value_enum, default_value_t = Form::Text)]
    form: Form,

    /// The least that is logged
    #[arg(long = "log-level", value_name = "LEVEL", env = "WHITEBOARD_LOG_LEVEL", value_enum, default_value_t = Least::Info)]
    least: Least,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Lines for people
    Text,
    /// A JSON object in each line, with timestamp, level, target, message and what else there is
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    /// What failed
    Error,
    /// And what may become a fault, or be one of others
    Warn,
    /// And what changed
    Info,
    /// And what each connection does
    Debug,
}

impl From<Least> for LevelFilter {
    fn from(least: Least) -> Self {
        match least {
            Least::Error => LevelFilter::ERROR,
            Least::Warn => LevelFilter::WARN,
            Least::Info => LevelFilter::INFO,
            Least::Debug => LevelFilter::DEBUG,
        }
    }
}

/// The log, which has begun.
#[derive(Clone, Debug)]
pub(crate) struct Log(Arc<Limit>);

/// Begins to log, panics included.
pub(crate) fn start(options: &Options) -> Log {
    let limit = Arc::new(Limit::default());
    let lines = fmt::layer().with_ansi(false).with_timer(line::Clock).with_writer(line::Writer::default);
    let lines = match options.form {
        Form::Text => lines.event_format(line::Text).boxed(),
        Form::Json => lines.json().flatten_event(true).boxed(),
    };
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::from(options.least));
    // The first of the process, which has no other.
    let _ = tracing_subscriber::registry().with(own).with(Limited(Arc::clone(&limit))).with(lines).try_init();
    log_panics();
    Log(limit)
}

impl Log {
    /// Says every few seconds what was left out meanwhile, until the server ends.
    pub(crate) async fn tell(self) {
        loop {
            sleep(TELL).await;
            self.0.tell();
        }
    }

    /// Says what was left out and not told yet.
    pub(crate) fn end(&self) {
        self.0.tell();
    }
}

/// Logs panics. Who asks for backtraces gets them as always.
fn log_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let said =
            payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let thread = std::thread::current();
        tracing::error!(
            "the thread {} panicked at {}: {}",
            thread.name().unwrap_or("without a name"),
            info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string),
            said.unwrap_or("no text")
        );
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|wanted| wanted != "0") {
            usual(info);
        }
    }));
}
