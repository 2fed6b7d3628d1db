//! CSV to outcomes.

use super::columns::{COSTS, CURVES, Columns, OutcomeFiles, RESULTS, RUN};
use super::read_outcomes_error::ReadOutcomesError;
use super::{Cost, CurveSample, FinalScore, Outcome};
use csv::{ReaderBuilder, StringRecord};
use std::collections::BTreeMap;

/// Task, data set, method and seed.
type Run = (String, String, String, u64);

/// A line of a file.
struct Row {
    file: &'static str,
    line: u64,
    names: &'static [&'static str],
    record: StringRecord,
}

impl OutcomeFiles {
    /// Reads what [`Self::write`] wrote; outcomes are in the order of `results.csv`. Of curves and costs,
    /// an empty text counts as a file without rows.
    ///
    /// # Errors
    ///
    /// If a file has other columns, a field holds something else, or the three do not fit each other.
    pub fn read(&self) -> Result<Vec<Outcome>, ReadOutcomesError> {
        let mut outcomes = Vec::new();
        let mut row_idx_of = BTreeMap::new();
        for row in rows(&RESULTS, &self.results)? {
            let run = row.run()?;
            if row_idx_of.insert(run.clone(), outcomes.len()).is_some() {
                return Err(row.repeated(&run));
            }
            outcomes.push(row.outcome(run)?);
        }
        for row in optional_rows(&CURVES, &self.curves)? {
            let run = row.run()?;
            let row_idx = *row_idx_of.get(&run).ok_or_else(|| row.without_result(&run))?;
            outcomes[row_idx].curve.push(row.curve_sample()?);
        }
        for row in optional_rows(&COSTS, &self.costs)? {
            let run = row.run()?;
            let row_idx = *row_idx_of.get(&run).ok_or_else(|| row.without_result(&run))?;
            if outcomes[row_idx].cost.replace(row.cost()?).is_some() {
                return Err(row.repeated(&run));
            }
        }
        Ok(outcomes)
    }
}

fn optional_rows(columns: &Columns, text: &str) -> Result<Vec<Row>, ReadOutcomesError> {
    if text.is_empty() { Ok(Vec::new()) } else { rows(columns, text) }
}

fn rows(columns: &Columns, text: &str) -> Result<Vec<Row>, ReadOutcomesError> {
    let file = columns.file;
    let head = columns.head();
    // Flexible, so that the number of fields is judged here; text in memory has no other error.
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records().map(|record| record.expect("text in memory is UTF-8"));
    let found = records.next().unwrap_or_default();
    if !found.iter().eq(head.iter().map(String::as_str)) {
        let found = found.iter().collect::<Vec<_>>().join(",");
        return Err(ReadOutcomesError::Head { file, found, expected: head.join(",") });
    }
    records
        .map(|record| {
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() == head.len() {
                Ok(Row { file, line, names: columns.names, record })
            } else {
                let (found, expected) = (record.len(), head.len());
                Err(ReadOutcomesError::Fields { file, line, found, expected })
            }
        })
        .collect()
}

impl Row {
    fn outcome(&self, (task, dataset, method, seed): Run) -> Result<Outcome, ReadOutcomesError> {
        let score = FinalScore {
            n_episodes: self.parsed("episodes", "a count from 1 on", |found| {
                found.parse().ok().filter(|n_episodes| 1 <= *n_episodes)
            })?,
            mean_return: self.number("return")?,
            return_standard_error: self.parsed(
                "return_standard_error",
                "a finite number or nothing",
                |found| if found.is_empty() { Some(None) } else { finite(found).map(Some) },
            )?,
            discounted_return: self.number("discounted_return")?,
            success: self.number("success")?,
            final_distance: self.number("final_distance")?,
        };
        let n_updates = self.count("updates")?;
        Ok(Outcome { task, dataset, method, seed, n_updates, score, curve: Vec::new(), cost: None })
    }

    fn curve_sample(&self) -> Result<CurveSample, ReadOutcomesError> {
        Ok(CurveSample {
            n_updates: self.count("updates")?,
            mean_return: self.number("return")?,
            discounted_return: self.number("discounted_return")?,
            success: self.number("success")?,
            mean_q: self.parsed("mean_q", "a number or nothing", |found| {
                if found.is_empty() { Some(None) } else { found.parse().ok().map(Some) }
            })?,
        })
    }

    fn cost(&self) -> Result<Cost, ReadOutcomesError> {
        Ok(Cost {
            core_seconds: self.number("core_seconds")?,
            evaluation_core_seconds: self.number("evaluation_core_seconds")?,
        })
    }

    fn run(&self) -> Result<Run, ReadOutcomesError> {
        let name = |column| {
            let text = |found: &str| (!found.is_empty()).then(|| found.to_owned());
            self.parsed(column, "a name", text)
        };
        Ok((name("task")?, name("dataset")?, name("method")?, self.count("seed")?))
    }

    fn count(&self, column: &'static str) -> Result<u64, ReadOutcomesError> {
        self.parsed(column, "a count", |found| found.parse().ok())
    }

    fn number(&self, column: &'static str) -> Result<f64, ReadOutcomesError> {
        self.parsed(column, "a finite number", finite)
    }

    fn parsed<T>(
        &self,
        column: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ReadOutcomesError> {
        let column_idx = RUN.iter().chain(self.names).position(|name| *name == column);
        let found = &self.record[column_idx.expect("the file has the column")];
        parse(found).ok_or_else(|| ReadOutcomesError::Field {
            file: self.file,
            line: self.line,
            column,
            found: found.to_owned(),
            expected,
        })
    }

    fn repeated(&self, run: &Run) -> ReadOutcomesError {
        ReadOutcomesError::Repeated { file: self.file, line: self.line, run: words(run) }
    }

    fn without_result(&self, run: &Run) -> ReadOutcomesError {
        ReadOutcomesError::NoResult { file: self.file, line: self.line, run: words(run) }
    }
}

fn words((task, dataset, method, seed): &Run) -> String {
    format!("`{method}` on `{task}/{dataset}` with seed {seed}")
}

fn finite(found: &str) -> Option<f64> {
    found.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcome(task: &str, method: &str, seed: u64) -> Outcome {
        let score = FinalScore {
            n_episodes: 100,
            mean_return: 0.1 + 0.2,
            return_standard_error: Some(0.25),
            discounted_return: 20.0,
            success: 0.99,
            final_distance: 1e-7,
        };
        let sample = |n_updates, mean_q| CurveSample {
            n_updates,
            mean_return: 1.5,
            discounted_return: 1.0,
            success: 0.0,
            mean_q,
        };
        Outcome {
            task: task.to_owned(),
            dataset: "random-v1".to_owned(),
            method: method.to_owned(),
            seed,
            n_updates: 1000,
            score,
            curve: vec![sample(0, None), sample(500, Some(f64::INFINITY))],
            cost: Some(Cost { core_seconds: 12.5, evaluation_core_seconds: 2.0 }),
        }
    }

    fn files() -> OutcomeFiles {
        OutcomeFiles::write(&[outcome("PointReach", "wgcsl", 0)], &["PointReach"])
    }

    #[test]
    fn the_three_files_are_these() {
        let expected = "task,dataset,method,seed,updates,episodes,return,return_standard_error,\
             discounted_return,success,final_distance\n\
             PointReach,random-v1,wgcsl,0,1000,100,0.30000000000000004,0.25,20.0,0.99,1e-7\n";
        assert_eq!(files().results, expected);
        let expected = "task,dataset,method,seed,updates,return,discounted_return,success,mean_q\n\
             PointReach,random-v1,wgcsl,0,0,1.5,1.0,0.0,\n\
             PointReach,random-v1,wgcsl,0,500,1.5,1.0,0.0,inf\n";
        assert_eq!(files().curves, expected);
        let expected = "task,dataset,method,seed,core_seconds,evaluation_core_seconds\n\
             PointReach,random-v1,wgcsl,0,12.5,2.0\n";
        assert_eq!(files().costs, expected);
    }

    #[test]
    fn rows_are_sorted_and_read_back() {
        let without_cost = Outcome { cost: None, ..outcome("HandReach", "her", 10) };
        let sorted = [
            outcome("PointReach", "her", 2),
            outcome("PointReach", "her", 10),
            outcome("PointReach", "wgcsl", 0),
            without_cost,
        ];
        let tasks = ["PointReach", "HandReach"];
        let files = OutcomeFiles::write(&sorted, &tasks);
        let mut shuffled = sorted.to_vec();
        shuffled.reverse();
        assert_eq!(OutcomeFiles::write(&shuffled, &tasks), files);
        assert_eq!(files.read().unwrap(), sorted);
    }

    #[test]
    fn errors_name_line_and_column_and_what_was_expected() {
        let message = |files: OutcomeFiles| files.read().unwrap_err().to_string();
        let results = files().results.replace("0.99", "much");
        let expected = "found `much`, expected a finite number, in column `success` of line 2 of `results.csv`";
        assert_eq!(message(OutcomeFiles { results, ..files() }), expected);
        let results = files().results.replace(",100,", ",0,");
        let expected = "found `0`, expected a count from 1 on, in column `episodes` of line 2 of `results.csv`";
        assert_eq!(message(OutcomeFiles { results, ..files() }), expected);
        let curves = files().curves.replace(",inf", ",inf,7");
        let expected = "found 10 fields, expected 9, in line 3 of `curves.csv`";
        assert_eq!(message(OutcomeFiles { curves, ..files() }), expected);
        let costs = files().costs.replace("wgcsl", "her");
        let expected = "found `her` on `PointReach/random-v1` with seed 0, expected a run of \
             `results.csv`, in line 2 of `costs.csv`";
        assert_eq!(message(OutcomeFiles { costs, ..files() }), expected);
        let costs = files().costs.replace("evaluation_core_seconds", "threads");
        let expected = "found the columns \
             `task,dataset,method,seed,core_seconds,threads`, expected \
             `task,dataset,method,seed,core_seconds,evaluation_core_seconds`, in line 1 of `costs.csv`";
        assert_eq!(message(OutcomeFiles { costs, ..files() }), expected);
        let row = files().results.lines().nth(1).unwrap().to_owned();
        let results = files().results + &row + "\n";
        let expected = "found a second row of `wgcsl` on `PointReach/random-v1` with seed 0, \
             expected one, in line 3 of `results.csv`";
        assert_eq!(message(OutcomeFiles { results, ..files() }), expected);
    }

    #[test]
    fn curves_and_costs_may_be_absent_but_not_results() {
        let alone = OutcomeFiles { results: files().results, ..OutcomeFiles::default() };
        assert!(alone.read().unwrap()[0].curve.is_empty());
        let none = OutcomeFiles::default().read();
        assert!(matches!(none, Err(ReadOutcomesError::Head { file: "results.csv", .. })));
    }

    proptest! {
        #[test]
        fn damaged_text_is_an_error_or_read_but_never_a_panic(
            position in 0_usize..300, text in "[a-z0-9,.\"\n\r-]{0,4}"
        ) {
            let mut results = files().results;
            let position = position.min(results.len());
            results.insert_str(position, &text);
            let _ = OutcomeFiles { results, ..files() }.read();
        }
    }
}
