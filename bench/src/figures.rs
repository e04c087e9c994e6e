//! Collects figures over several runs and reports the median of each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

/// Figures by name.
#[derive(Default)]
pub struct Figures {
    values: BTreeMap<String, (Vec<f64>, String)>,
}

impl Figures {
    /// One measurement.
    pub fn add(&mut self, name: &str, value: f64, unit: &str) {
        let entry = self.values.entry(name.to_owned()).or_insert_with(|| (Vec::new(), unit.to_owned()));
        entry.0.push(value);
    }

    /// Prints one line a figure (median; for people also the least and the most), and writes them to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    #[allow(clippy::print_stdout, reason = "figures are what this program is for")]
    pub fn report(&self, file: Option<&Path>) -> Result<()> {
        let mut lines = String::new();
        for (name, (values, unit)) in &self.values {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let median = sorted[sorted.len() / 2];
            let rounded = (median * 1000.0).round() / 1000.0;
            writeln!(lines, "{}", serde_json::json!({ "name": name, "value": rounded, "unit": unit }))?;
            println!(
                "{name:28} {median:>14.3} {unit:10} ({:.3} – {:.3}, {} runs)",
                sorted[0],
                sorted[sorted.len() - 1],
                sorted.len()
            );
        }
        if let Some(file) = file {
            std::fs::write(file, lines)?;
        }
        Ok(())
    }
}
