//! The table of metrics as observable instruments of OpenTelemetry.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use opentelemetry::{
    InstrumentationScope, KeyValue,
    metrics::{Meter, MeterProvider},
};

use crate::{
    RingCollector,
    families::{self, Family, Kind, Labels, Unit, Value},
};

/// What every metric's name begins with.
const PREFIX: &str = "rusted_ring";
/// A collection calls all instruments within this time.
const LONGEST: Duration = Duration::from_secs(1);

/// Shows the rings that are registered with `rings`, now or later, by observable instruments of a meter of `provider`, whose scope is
/// this crate in its version. The [crate](crate#opentelemetry) says what they are called.
///
/// Each collection reads the ledgers once, so that the figures of one export belong together, if the provider has one reader. The API does not say
/// which reader asks: where two collect at the same time, one of them may get figures of two readings, so that its counts need not balance. Each
/// figure is still true of its moment, and no counter goes back. Who needs two ways out whose figures balance makes a provider for each. Call it once
/// for a provider, which then keeps the collector for as long as it lives: the API has no way to take instruments back. Several collectors at one
/// provider are one set of instruments: their rings need different names.
///
/// A [`Source`](crate::Source) that panics leaves a collection without figures, and the provider is not harmed.
///
/// ```
/// use rusted_ring::HeapTypedRing;
/// use rusted_ring_metrics::{RingCollector, observe, opentelemetry::global};
///
/// let rings = RingCollector::new();
/// rings.register("orders", HeapTypedRing::<u64>::new(64))?;
/// observe(&rings, &*global::meter_provider());    // after the program has set its provider
/// # Ok::<(), rusted_ring_metrics::NameTaken>(())
/// ```
pub fn observe<P: MeterProvider + ?Sized>(rings: &RingCollector, provider: &P) {
    let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME")).with_version(env!("CARGO_PKG_VERSION")).build();
    let meter = provider.meter_with_scope(scope);
    let readings = Arc::new(Readings { rings: rings.clone(), last: Mutex::default() });
    for (number, family) in families::all().enumerate() {
        make(&meter, family, number, Arc::clone(&readings));
    }
}

/// Makes the instrument of one metric, which takes the values of this number.
fn make(meter: &Meter, family: &Family, number: usize, readings: Arc<Readings>) {
    let (name, unit) = (name(family), unit(family.unit));
    macro_rules! build {
        ($kind:ident, $as_number:ident) => {{
            let instrument = meter.$kind(name).with_description(family.help).with_unit(unit);
            let observed = instrument.with_callback(move |instrument| {
                let values = readings.take(number);
                values.iter().for_each(|(attributes, value)| instrument.observe($as_number(*value), attributes));
            });
            // The meter keeps the callback.
            let _ = observed.build();
        }};
    }
    let is_real = matches!(family.unit, Unit::Seconds | Unit::Ratio);
    match (family.kind, is_real) {
        (Kind::Counter, false) => build!(u64_observable_counter, whole),
        (Kind::Counter, true) => build!(f64_observable_counter, real),
        (Kind::Gauge | Kind::Info, false) => build!(u64_observable_gauge, whole),
        (Kind::Gauge | Kind::Info, true) => build!(f64_observable_gauge, real),
    }
}

/// The metric's name with dots, as that convention has it. A unit that OpenTelemetry knows is not in it.
fn name(family: &Family) -> String {
    let end = match (family.kind, family.unit) {
        (Kind::Info, _) => ".info".to_owned(),
        (_, Unit::InName(things)) => format!(".{things}"),
        _ => String::new(),
    };
    let rest = family.name.strip_prefix(PREFIX).expect("every name begins so");
    format!("{PREFIX}{}{end}", rest.replace('_', "."))
}

/// The unit by the Unified Code for Units of Measure; a thing that is counted is an annotation.
fn unit(unit: Unit) -> String {
    match unit {
        Unit::Seconds => "s".to_owned(),
        Unit::Ratio => "1".to_owned(),
        Unit::Bytes => "By".to_owned(),
        Unit::InName(things) => format!("{{{}}}", things.trim_end_matches('s')),
        Unit::Each(thing) => format!("{{{thing}}}"),
        Unit::None => String::new(),
    }
}

fn whole(value: Value) -> u64 {
    match value {
        Value::Whole(value) => value,
        Value::Real(value) => value as u64,
    }
}

fn real(value: Value) -> f64 {
    match value {
        Value::Whole(value) => value as f64,
        Value::Real(value) => value,
    }
}

/// A value, and of what it is.
type Measured = (Vec<KeyValue>, Value);

/// Reads the ledgers once for all instruments of a collection. The API calls the instruments one by one, in no given order, and does not
/// say where a collection begins: it does where an instrument comes again.
struct Readings {
    rings: RingCollector,
    last: Mutex<Reading>,
}

/// What was read, until the instruments take it.
#[derive(Default)]
struct Reading {
    /// By instrument; none where it was taken.
    values: Vec<Option<Vec<Measured>>>,
    at: Option<Instant>,
}

impl Readings {
    /// The values of this instrument, which it gets once.
    fn take(&self, number: usize) -> Vec<Measured> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = last.at.is_some_and(|at| at.elapsed() < LONGEST);
        if let Some(values) = last.values.get_mut(number).and_then(Option::take).filter(|_| is_new) {
            return values;
        }
        *last = Reading { values: self.read(), at: Some(Instant::now()) };
        last.values[number].take().unwrap_or_default()
    }

    fn read(&self) -> Vec<Option<Vec<Measured>>> {
        let read = || {
            self.rings.look(|shown| {
                let values = |family: &Family| {
                    let mut values = Vec::new();
                    (family.values)(shown, &mut |labels, value| values.push((attributes(labels), value)));
                    Some(values)
                };
                families::all().map(values).collect()
            })
        };
        // The panic was reported where it happened; passed on, it would end the provider's thread.
        catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| families::all().map(|_| Some(Vec::new())).collect())
    }
}

fn attributes(labels: &Labels<'_>) -> Vec<KeyValue> {
    labels.iter().map(|(name, value)| KeyValue::new(*name, (*value).to_owned())).collect()
}
