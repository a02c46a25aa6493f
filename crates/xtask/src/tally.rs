//! Counts of tests, read from the lines that test runners print.

use std::{fmt, ops::AddAssign};

/// Tests that ran, or did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed, if need be at a second try.
    pub passed: u32,
    /// Tests that failed.
    pub failed: u32,
    /// Tests that were not run.
    pub skipped: u32,
}

impl Tally {
    /// Adds the counts of a closing line of libtest (`test result: ok. 3 passed; 0 failed; …`) or
    /// Playwright (`  3 passed (2.1s)`); other lines count nothing.
    pub fn read(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let closing = match words.as_slice() {
            ["test", "result:", ..] => words.as_slice(),
            [count, _] | [count, _, _] if count.parse::<u32>().is_ok() => &words[..2],
            _ => return,
        };
        for pair in closing.windows(2) {
            let Ok(count) = pair[0].parse::<u32>() else { continue };
            match pair[1].trim_end_matches(';') {
                "passed" | "flaky" => self.passed += count,
                "failed" => self.failed += count,
                "skipped" | "ignored" => self.skipped += count,
                _ => {}
            }
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        tally
    }

    #[test]
    fn adds_up_the_closing_lines_of_both_runners() {
        let lines = [
            "running 3 tests",
            "test a ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
            "  2 failed",
            "  14 passed (1.2m)",
            "  1 skipped",
            "  1 flaky",
        ];
        assert_eq!(tally(&lines), Tally { passed: 20, failed: 3, skipped: 2 });
    }

    #[test]
    fn other_lines_count_nothing() {
        let lines = ["5 passed the post today with ease", "passed 5", "", "  ✓  5 passed.spec.ts"];
        assert_eq!(tally(&lines), Tally::default());
    }
}
