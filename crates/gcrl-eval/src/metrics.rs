//! The course of a training run: one row of named numbers per logged update.
//!
//! As CSV, the first column is `update`; the others follow in the order in which they first appeared,
//! so that equal runs give equal files. A number prints with the fewest digits that read back as the
//! same `f64`; a metric that a row does not have leaves its field empty.

use crate::csv_text;
use crate::tensorboard;
use std::iter;

const UPDATE: &str = "update";

/// A line of CSV is not a row of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not a row of metrics")]
pub struct CsvError {
    /// The line, from 1.
    pub line: u64,
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

    /// How many rows there are.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// How many metrics there are.
    pub(crate) fn n_columns(&self) -> usize {
        self.names.len()
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
        for row in 0..self.rows.len() {
            file.extend(self.to_event(row, start_secs));
        }
        file
    }

    /// A row as a record for TensorBoard; `start_secs` as for [`MetricLog::to_tensorboard`].
    pub(crate) fn to_event(&self, row: usize, start_secs: f64) -> Vec<u8> {
        let metrics = self.metrics(row);
        let seconds = metrics.iter().find(|(name, _)| *name == "seconds");
        let wall_time_secs = start_secs + seconds.map_or(0.0, |(_, seconds)| *seconds);
        tensorboard::scalars(wall_time_secs, self.rows[row].update, &metrics)
    }

    /// Whether `event` is the record of a row, whenever it was logged.
    pub(crate) fn is_event(&self, row: usize, event: &tensorboard::Event) -> bool {
        let metrics = self.metrics(row);
        let is_equal = |((name, value), (tag, logged)): (&(&str, f64), &(String, f32))| {
            name == tag && (*value as f32).to_bits() == logged.to_bits()
        };
        event.step == self.rows[row].update
            && event.scalars.len() == metrics.len()
            && metrics.iter().zip(&event.scalars).all(is_equal)
    }

    fn metrics(&self, row: usize) -> Vec<(&str, f64)> {
        let values = self.names.iter().zip(&self.rows[row].values);
        values.filter_map(|(name, value)| Some((name.as_str(), (*value)?))).collect()
    }

    /// Reads what `to_csv` wrote, or what was written of it before the writer was killed: a last line
    /// without its end is left out.
    ///
    /// # Errors
    ///
    /// The first line that is not such a row.
    pub fn from_csv(text: &str) -> Result<Self, CsvError> {
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(whole.as_bytes());
        let mut records = reader.records();
        let Some(head) = records.next() else {
            let is_head = text.starts_with(UPDATE) || UPDATE.starts_with(text);
            return if is_head { Ok(Self::default()) } else { Err(CsvError { line: 1 }) };
        };
        let head = head.ok().filter(|head| head.get(0) == Some(UPDATE));
        let head = head.ok_or(CsvError { line: 1 })?;
        let names = head.iter().skip(1).map(str::to_owned).collect();
        let mut log = Self { names, rows: Vec::new() };
        let mut line = head.position().map_or(1, csv::Position::line);
        for record in records {
            line += 1;
            let record = record.map_err(|_not_text| CsvError { line })?;
            line = record.position().map_or(line, csv::Position::line);
            log.rows.push(log.read_row(&record).ok_or(CsvError { line })?);
        }
        Ok(log)
    }

    fn read_row(&self, record: &csv::StringRecord) -> Option<Row> {
        if record.len() != 1 + self.names.len() {
            return None;
        }
        let value = |field: &str| match field {
            "" => Some(None),
            number => number.parse().ok().map(Some),
        };
        let values = record.iter().skip(1).map(value).collect::<Option<_>>()?;
        Some(Row { update: record.get(0)?.parse().ok()?, values })
    }

    /// The rows as CSV, with a head line; lines end in `\n`.
    pub fn to_csv(&self) -> String {
        self.to_csv_head()
            + &(0..self.rows.len()).map(|row| self.to_csv_row(row)).collect::<String>()
    }

    pub(crate) fn to_csv_head(&self) -> String {
        csv_text::text([iter::once(UPDATE.to_owned()).chain(self.names.clone()).collect()])
    }

    pub(crate) fn to_csv_row(&self, row: usize) -> String {
        let Row { update, values } = &self.rows[row];
        let value = |column: usize| values.get(column).copied().flatten();
        let numbers = (0..self.names.len()).map(|column| csv_text::number(value(column)));
        csv_text::text([iter::once(update.to_string()).chain(numbers).collect()])
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
        assert_eq!(read("step,loss\n"), Err(CsvError { line: 1 }));
        assert_eq!(read("nonsense"), Err(CsvError { line: 1 }));
        assert_eq!(read("update,loss\n1,0.5\n2\n"), Err(CsvError { line: 3 }));
        assert_eq!(read("update,loss\n1,half\n"), Err(CsvError { line: 2 }));
    }

    #[test]
    fn a_torn_last_line_is_left_out() {
        let mut log = MetricLog::default();
        log.push(1, &[("loss", 0.5)]);
        log.push(2, &[("loss", 0.25)]);
        let text = log.to_csv();
        for end in 0..text.len() {
            let read = MetricLog::from_csv(&text[..end]).unwrap();
            let n_ends = text[..end].matches('\n').count();
            assert_eq!(read.n_rows(), n_ends.saturating_sub(1), "{:?}", &text[..end]);
        }
    }

    #[test]
    fn an_empty_log_is_a_head_line() {
        assert_eq!(MetricLog::default().to_csv(), "update\n");
    }

    proptest! {
        #[test]
        fn every_number_and_every_name_reads_back(update: u64, bits: u64, name in "\\PC*") {
            let value = f64::from_bits(bits);
            let mut log = MetricLog::default();
            log.push(update, &[("loss", value), (&name, 0.5)]);
            let text = log.to_csv();
            let read = MetricLog::from_csv(&text).unwrap();
            prop_assert_eq!(&read.names, &log.names);
            let (read_update, read_value) = read.column("loss")[0];
            prop_assert_eq!(read_update, update);
            let is_same = read_value.to_bits() == value.to_bits();
            prop_assert!(is_same || name == "loss" || (read_value.is_nan() && value.is_nan()));
            prop_assert_eq!(read.to_csv(), text);
        }
    }
}
