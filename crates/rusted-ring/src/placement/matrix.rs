//! How far cores are from each other.

use core::{fmt, time::Duration};
use std::{format, io, string::String, vec::Vec};

use super::{Machine, choose::choose, cores::usable, measure};

/// For so long it is measured at most.
const WITHIN: Duration = Duration::from_secs(5);
/// From the quickest pair to the slowest.
const SHADES: [char; 4] = ['░', '▒', '▓', '█'];

/// How long a cache line takes between cores, in nanoseconds for the way there and back, and the choice of cores by that.
///
/// [`Topology::placed`](crate::topology::Topology::placed) goes by it. `Display` shows it as a table; the shades are from the quickest pair to the
/// slowest.
///
/// Hardware threads of one core, SMT siblings, are the closest, and slow each other down while both work. So a choice takes a sibling of a core
/// that is taken only where nothing else is left, unless siblings are [preferred](Self::preferring_siblings).
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    cores: Vec<usize>,
    /// A row a core, as long as there are cores before it.
    rows: Vec<Vec<f64>>,
    siblings: Vec<Vec<usize>>,
    prefers_siblings: bool,
    left_out: Vec<usize>,
}

impl Placement {
    /// Measures the cores that this process may use, within five seconds: see [`measure_with`](Self::measure_with). Linux only.
    ///
    /// A measurement is of fewer round trips where there are more cores, from 200 down to 10, so that the time should suffice for a hundred
    /// cores. Two take some milliseconds.
    ///
    /// # Errors
    ///
    /// As [`measure_with`](Self::measure_with).
    pub fn measure() -> io::Result<Self> {
        let cores = usable().len() as u64;
        let pairs = (cores * cores.saturating_sub(1) / 2).max(1);
        Self::measure_with((100_000 / pairs).clamp(10, 200) as u32, WITHIN)
    }

    /// Measures the cores that this process may use. Linux only.
    ///
    /// Each pair's figure is that of the quickest of 50 measurements of `rounds` round trips each, for the others were disturbed. It takes
    /// some milliseconds for each pair, and both cores work meanwhile. A core of which not all pairs could be measured `within` the time is
    /// [left out](Self::left_out). The time is exceeded only where the system does not let the measuring threads run.
    ///
    /// The siblings are those that the system names.
    ///
    /// # Errors
    ///
    /// If the system refuses to pin or to start a thread. On other systems than Linux always, with [`Unsupported`](io::ErrorKind::Unsupported).
    ///
    /// # Panics
    ///
    /// If `rounds` is 0 or more than a million.
    pub fn measure_with(rounds: u32, within: Duration) -> io::Result<Self> {
        assert!(
            (1..=1_000_000).contains(&rounds),
            "a measurement is of 1 to 1,000,000 round trips, and not of {rounds}"
        );
        let Machine { cores, siblings, .. } = Machine::look();
        let rows = measure::rows(&cores, rounds, within)?;
        let mut measured = cores;
        let left_out = measured.split_off(rows.len());
        Ok(Placement { cores: measured, rows, siblings, prefers_siblings: false, left_out })
    }

    /// A placement by given figures. `figure` returns the nanoseconds of a round trip between two of `cores`, which are given by their
    /// numbers, and is called once for each pair. A core that is named twice counts once.
    pub fn from_figures(cores: impl IntoIterator<Item = usize>, mut figure: impl FnMut(usize, usize) -> f64) -> Self {
        let mut placement = Placement {
            cores: Vec::new(),
            rows: Vec::new(),
            siblings: Vec::new(),
            prefers_siblings: false,
            left_out: Vec::new(),
        };
        for core in cores {
            if !placement.cores.contains(&core) {
                placement.rows.push(placement.cores.iter().map(|other| figure(*other, core)).collect());
                placement.cores.push(core);
            }
        }
        placement
    }

    /// The same, with `groups` of hardware threads that share a core.
    pub fn with_siblings<G: IntoIterator<Item = usize>>(self, groups: impl IntoIterator<Item = G>) -> Self {
        Placement { siblings: groups.into_iter().map(|group| group.into_iter().collect()).collect(), ..self }
    }

    /// The same, which takes siblings of cores that are taken before others. That is good for threads that mostly wait for each other, and
    /// bad for those that compute.
    pub fn preferring_siblings(self) -> Self {
        Placement { prefers_siblings: true, ..self }
    }

    /// The cores that can be chosen.
    pub fn cores(&self) -> &[usize] {
        &self.cores
    }

    /// The cores that this process may use, and that were not measured, for there was no time.
    pub fn left_out(&self) -> &[usize] {
        &self.left_out
    }

    /// Nanoseconds from one core to another and back; none from a core to itself, and of cores that are not known.
    pub fn between(&self, one: usize, other: usize) -> Option<f64> {
        let place = |core| self.cores.iter().position(|known| *known == core);
        self.at(place(one)?, place(other)?)
    }

    /// The quickest and the slowest pair, with their nanoseconds; none if there is no pair.
    pub fn extremes(&self) -> Option<[(usize, usize, f64); 2]> {
        let all = || {
            let pairs = self.rows.iter().enumerate();
            pairs.flat_map(|(one, row)| row.iter().enumerate().map(move |(other, time)| (other, one, *time)))
        };
        let by_time = |a: &(usize, usize, f64), b: &(usize, usize, f64)| a.2.total_cmp(&b.2);
        let named = |(one, other, time): (usize, usize, f64)| (self.cores[one], self.cores[other], time);
        Some([named(all().min_by(by_time)?), named(all().max_by(by_time)?)])
    }

    /// Chooses cores for a publisher and for `stages` stages, each of which comes after the one before: the publisher's first. Neighbours
    /// are close. None stands for each that no core is left for.
    ///
    /// It is no proof that no other choice is closer.
    pub fn chain(&self, stages: usize) -> Vec<Option<usize>> {
        let upstream: Vec<Vec<usize>> =
            (0..=stages).map(|member| member.checked_sub(1).into_iter().collect()).collect();
        choose(self, &upstream, &std::vec![None; stages + 1])
    }

    /// Groups of hardware threads that share a core.
    pub(super) fn siblings(&self) -> &[Vec<usize>] {
        &self.siblings
    }

    /// Nanoseconds between the cores at two places of the list; none from a core to itself.
    pub(super) fn at(&self, one: usize, other: usize) -> Option<f64> {
        (one != other).then(|| self.rows[one.max(other)][one.min(other)])
    }

    pub(super) fn prefers_siblings(&self) -> bool {
        self.prefers_siblings
    }

    /// The same, of cores for which `may` holds.
    pub(crate) fn only(&self, may: impl Fn(usize) -> bool) -> Self {
        let cores = self.cores.iter().copied().filter(|core| may(*core));
        let rest = Self::from_figures(cores, |one, other| self.between(one, other).expect("both are known"));
        Placement { cores: rest.cores, rows: rest.rows, ..self.clone() }
    }

    /// Chooses cores for members, each of which comes after those of its `upstream`, which are before it; none of which is given another
    /// core than its `fixed` one. See [`choose`].
    pub(crate) fn choose(&self, upstream: &[Vec<usize>], fixed: &[Option<usize>]) -> Vec<Option<usize>> {
        choose(self, upstream, fixed)
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some([quickest, slowest]) = self.extremes() else {
            return f.write_str("round trips: there is but one core");
        };
        let shade = |time: f64| {
            let heat = if slowest.2 > quickest.2 { (time - quickest.2) / (slowest.2 - quickest.2) } else { 0.0 };
            SHADES[(heat * (SHADES.len() - 1) as f64).round() as usize]
        };
        let cell = |one, other| match self.between(one, other) {
            Some(time) => format!("{time:.0} {}", shade(time)),
            None => String::from("-"),
        };
        let cells: Vec<Vec<String>> =
            self.cores.iter().map(|one| self.cores.iter().map(|other| cell(*one, *other)).collect()).collect();
        let width = |text: &String| text.chars().count();
        let widest = cells.iter().flatten().map(width).max().unwrap_or(0);
        write!(f, "round trips from core to core, in nanoseconds\ncore")?;
        self.cores.iter().try_for_each(|core| write!(f, "  {core:>widest$}"))?;
        for (core, row) in self.cores.iter().zip(&cells) {
            write!(f, "\n{core:>4}")?;
            row.iter().try_for_each(|cell| write!(f, "  {cell:>widest$}"))?;
        }
        write!(
            f,
            "\n{} quickest: {:.0} ns, cores {} and {}   {} slowest: {:.0} ns, cores {} and {}",
            SHADES[0], quickest.2, quickest.0, quickest.1, SHADES[3], slowest.2, slowest.0, slowest.1
        )?;
        if !self.left_out.is_empty() {
            write!(f, "\nnot measured, for there was no time: {:?}", self.left_out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    fn three() -> Placement {
        Placement::from_figures([0, 1, 8, 1], |one, other| match (one, other) {
            (0, 1) => 80.0,
            (0, 8) => 300.0,
            (1, 8) => 150.4,
            pair => unreachable!("{pair:?} is asked for once, in order"),
        })
    }

    #[test]
    fn given_figures_are_found_by_the_cores_numbers() {
        let placement = three();
        assert_eq!(placement.cores(), [0, 1, 8]);
        assert_eq!((placement.between(0, 8), placement.between(8, 0)), (Some(300.0), Some(300.0)));
        assert_eq!((placement.between(8, 8), placement.between(0, 2)), (None, None));
        assert_eq!(placement.extremes(), Some([(0, 1, 80.0), (0, 8, 300.0)]));
        let two = placement.only(|core| core != 1);
        assert_eq!((two.cores(), two.between(0, 8)), (&[0, 8][..], Some(300.0)));
        assert_eq!(Placement::from_figures([3], |_, _| 0.0).extremes(), None);
    }

    #[test]
    fn the_table_shows_numbers_and_shades() {
        let text = three().to_string();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "core      0      1      8",
                "   0      -   80 ░  300 █",
                "   1   80 ░      -  150 ▒",
                "   8  300 █  150 ▒      -",
                "░ quickest: 80 ns, cores 0 and 1   █ slowest: 300 ns, cores 0 and 8",
            ]
        );
        assert!(Placement::from_figures([3], |_, _| 0.0).to_string().contains("one core"));
        let short = Placement { left_out: std::vec![9, 10], ..three() };
        assert!(short.to_string().ends_with("\nnot measured, for there was no time: [9, 10]"));
    }
}
