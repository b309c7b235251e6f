//! The table of metrics as `prometheus-client` writes it.

use std::fmt;

use prometheus_client::{
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
    metrics::MetricType,
    registry,
};

use crate::{
    collector::Shown,
    families::{Family, Kind, Labels, Unit, Value},
};

/// Writes every metric of what is shown.
pub(crate) fn write(encoder: &mut DescriptorEncoder<'_>, shown: &Shown<'_>) -> fmt::Result {
    shown.families().try_for_each(|family| write_family(encoder, family, shown))
}

fn write_family(encoder: &mut DescriptorEncoder<'_>, family: &Family, shown: &Shown<'_>) -> fmt::Result {
    let unit = match family.unit {
        Unit::Seconds => Some("seconds"),
        Unit::Ratio => Some("ratio"),
        Unit::Bytes => Some("bytes"),
        Unit::InName(things) => Some(things),
        Unit::Each(_) | Unit::None => None,
    };
    let unit = unit.map(|unit| registry::Unit::Other(unit.to_owned()));
    let kind = match family.kind {
        Kind::Info => MetricType::Info,
        Kind::Gauge => MetricType::Gauge,
        Kind::Counter => MetricType::Counter,
    };
    let mut metric = encoder.encode_descriptor(family.name, family.help, unit.as_ref(), kind)?;
    let mut outcome = Ok(());
    (family.values)(shown, &mut |labels, value| {
        outcome = outcome.and_then(|()| write_value(&mut metric, family.kind, labels, value));
    });
    outcome
}

fn write_value(metric: &mut MetricEncoder<'_>, kind: Kind, labels: &Labels<'_>, value: Value) -> fmt::Result {
    if kind == Kind::Info {
        return metric.encode_info(&labels);
    }
    let mut metric = metric.encode_family(&labels)?;
    match (kind, value) {
        (Kind::Counter, Value::Whole(value)) => metric.encode_counter::<NoLabelSet, u64, u64>(&value, None),
        (Kind::Counter, Value::Real(value)) => metric.encode_counter::<NoLabelSet, f64, u64>(&value, None),
        (_, Value::Whole(value)) => metric.encode_gauge(&value),
        (_, Value::Real(value)) => metric.encode_gauge(&value),
    }
}
