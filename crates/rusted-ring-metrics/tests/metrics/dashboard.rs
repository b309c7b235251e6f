//! The dashboard: every query of every panel is put to a real Prometheus, and what it answers is drawn.

use serde_json::Value;

use crate::{
    peer::Prometheus,
    picture::{Line, Panel, svg},
};

const DASHBOARD: &str = include_str!("../../grafana/dashboard.json");
/// What Grafana puts in the place of its variables; each panel is of some rings and an interval.
const VARIABLES: [(&str, &str); 2] = [("$ring", ".*"), ("$__rate_interval", "2s")];
/// Seconds from one point of a line to the next.
const STEP: &str = "0.4";

/// Draws the panels as they are from `begin` to `end`, in seconds since 1970. Fails if a query has nothing to show.
pub(crate) fn draw(prometheus: &Prometheus, begin: f64, end: f64) -> String {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("the dashboard is JSON");
    let panels = dashboard["panels"].as_array().unwrap().iter().map(|panel| {
        let targets = panel["targets"].as_array().unwrap();
        let lines = targets.iter().flat_map(|target| lines(prometheus, target, begin, end)).collect();
        let is_ratio = panel["fieldConfig"]["defaults"]["unit"] == "percentunit";
        Panel { title: panel["title"].as_str().unwrap().to_owned(), is_ratio, lines }
    });
    svg(begin, end, panels.collect())
}

fn lines(prometheus: &Prometheus, target: &Value, begin: f64, end: f64) -> Vec<Line> {
    let mut query = target["expr"].as_str().unwrap().to_owned();
    for (variable, value) in VARIABLES {
        query = query.replace(variable, value);
    }
    assert!(!query.contains('$'), "a variable that is not in the table of this test: {query}");
    let (begin, end) = (begin.to_string(), end.to_string());
    let range = [("query", &*query), ("start", &*begin), ("end", &*end), ("step", STEP)];
    let data = prometheus.ask("query_range", &range).expect("Prometheus answers");
    let series = data["result"].as_array().unwrap();
    assert!(!series.is_empty(), "the dashboard's query has nothing to show: {query}");
    let legend = target["legendFormat"].as_str().unwrap();
    let point = |point: &Value| {
        let value = point[1].as_str().unwrap().parse().unwrap();
        (point[0].as_f64().unwrap(), value)
    };
    let line = |series: &Value| Line {
        name: named(legend, &series["metric"]),
        points: series["values"].as_array().unwrap().iter().map(point).collect(),
    };
    series.iter().map(line).collect()
}

/// The legend, with the labels in the places of their names.
fn named(legend: &str, labels: &Value) -> String {
    let mut name = legend.to_owned();
    for (label, value) in labels.as_object().unwrap() {
        name = name.replace(&format!("{{{{{label}}}}}"), value.as_str().unwrap());
    }
    assert!(!name.contains("{{"), "a label that the query does not have: {name}");
    // A ring of a file has a path.
    name.rsplit('/').next().unwrap().to_owned()
}
