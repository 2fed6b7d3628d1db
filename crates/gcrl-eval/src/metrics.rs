//! The course of a training run: one row of named numbers per logged update.
//!
//! As CSV, the first column is `update`; the others follow in the order in which they first appeared,
//! so that equal runs give equal files. A number prints with the fewest digits that read back as the
//! same `f64`; a metric that a row does not have leaves its field empty.

use crate::csv;
use crate::tensorboard;
use std::borrow::Cow;
use std::iter;

/// A line of CSV is not a row of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not a row of metrics")]
pub struct CsvError {
    /// The line, from 1.
    pub line: usize,
}

/// Rows of named numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricLog {
    names: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    update: u64,
    /// In the order of `names`, which may have grown since.
    values: Vec<Option<f64>>,
}

impl MetricLog {
    /// Appends the metrics of `update`, in the order given; a name given twice keeps its last value.
    pub fn push(&mut self, update: u64, metrics: &[(&str, f64)]) {
        let mut values = vec![None; self.names.len()];
        for &(name, value) in metrics {
            let known = self.names.iter().position(|known| known == name);
            let column = known.unwrap_or_else(|| {
                self.names.push(name.to_owned());
                values.push(None);
                values.len() - 1
            });
            values[column] = Some(value);
        }
        self.rows.push(Row { update, values });
    }

    /// `(update, value)` of every row that has the metric.
    pub fn column(&self, name: &str) -> Vec<(u64, f64)> {
        let Some(column) = self.names.iter().position(|known| known == name) else {
            return Vec::new();
        };
        let value = |row: &Row| Some((row.update, row.values.get(column).copied().flatten()?));
        self.rows.iter().filter_map(value).collect()
    }

    /// The rows as a file for TensorBoard. The metric `seconds`, where a row has it, says when after
    /// `start_secs` (seconds since 1970) the row was logged.
    pub fn to_tensorboard(&self, start_secs: f64) -> Vec<u8> {
        let mut file = tensorboard::file_head(start_secs);
        for row in &self.rows {
            let values = self.names.iter().zip(&row.values);
            let metrics: Vec<(&str, f64)> =
                values.filter_map(|(name, value)| Some((name.as_str(), (*value)?))).collect();
            let seconds = metrics.iter().find(|(name, _)| *name == "seconds");
            let wall_time_secs = start_secs + seconds.map_or(0.0, |(_, seconds)| *seconds);
            file.extend(tensorboard::scalars(wall_time_secs, row.update, &metrics));
        }
        file
    }

    /// Reads what `to_csv` wrote.
    ///
    /// # Errors
    ///
    /// The first line that is not such a row. Names that need quotes are not read.
    pub fn from_csv(text: &str) -> Result<Self, CsvError> {
        let mut lines = text.lines().enumerate();
        let head = lines.next().and_then(|(_, head)| head.strip_prefix("update"));
        let names = head.ok_or(CsvError { line: 1 })?.split(',').skip(1);
        let mut log = Self { names: names.map(str::to_owned).collect(), rows: Vec::new() };
        for (line_idx, line) in lines {
            let row = log.read_row(line).ok_or(CsvError { line: line_idx + 1 })?;
            log.rows.push(row);
        }
        Ok(log)
    }

    fn read_row(&self, line: &str) -> Option<Row> {
        let mut fields = line.split(',');
        let update = fields.next()?.parse().ok()?;
        let value = |field: &str| match field {
            "" => Some(None),
            number => number.parse().ok().map(Some),
        };
        let values: Vec<Option<f64>> = fields.map(value).collect::<Option<_>>()?;
        (values.len() == self.names.len()).then_some(Row { update, values })
    }

    /// The rows as CSV, with a head line; lines end in `\n`.
    pub fn to_csv(&self) -> String {
        let names = self.names.iter().map(|name| Cow::from(name.as_str()));
        let mut text = csv::line(iter::once(Cow::from("update")).chain(names));
        for Row { update, values } in &self.rows {
            let numbers = (0..self.names.len())
                .map(|column| csv::number(values.get(column).copied().flatten()));
            text += &csv::line(iter::once(Cow::from(update.to_string())).chain(numbers));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_stand_in_the_order_of_their_first_appearance() {
        let mut log = MetricLog::default();
        log.push(1, &[("policy_loss", 0.5)]);
        log.push(2, &[("return", 44.0), ("policy_loss", 1e-300)]);
        assert_eq!(log.to_csv(), "update,policy_loss,return\n1,0.5,\n2,1e-300,44.0\n");
    }

    #[test]
    fn a_column_skips_rows_without_it() {
        let mut log = MetricLog::default();
        log.push(1, &[("policy_loss", 0.5)]);
        log.push(2, &[("return", 44.0)]);
        assert_eq!(log.column("return"), [(2, 44.0)]);
        assert_eq!(log.column("value"), []);
    }

    #[test]
    fn what_is_not_a_row_is_refused_with_its_line() {
        let read = |text| MetricLog::from_csv(text).map(|log| log.to_csv());
        assert_eq!(read(""), Err(CsvError { line: 1 }));
        assert_eq!(read("update,loss\n1,0.5\n2\n"), Err(CsvError { line: 3 }));
        assert_eq!(read("update,loss\n1,half\n"), Err(CsvError { line: 2 }));
    }

    #[test]
    fn an_empty_log_is_a_head_line() {
        assert_eq!(MetricLog::default().to_csv(), "update\n");
    }

    proptest! {
        #[test]
        fn every_number_reads_back(update: u64, bits: u64) {
            let value = f64::from_bits(bits);
            let mut log = MetricLog::default();
            log.push(update, &[("loss", value)]);
            let text = log.to_csv();
            let (update_text, value_text) = text.lines().nth(1).unwrap().split_once(',').unwrap();
            prop_assert_eq!(update_text.parse::<u64>().unwrap(), update);
            let read: f64 = value_text.parse().unwrap();
            prop_assert!(read.to_bits() == bits || (read.is_nan() && value.is_nan()));
            let read = MetricLog::from_csv(&text).unwrap();
            prop_assert_eq!(read.to_csv(), text);
        }
    }
}
