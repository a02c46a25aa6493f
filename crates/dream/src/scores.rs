//! What the objectives of a dream amount to, iteration by iteration.

use dream_graph::{Buffer, CURVE, Engine};
use dream_protocol::Scores;

use crate::{error::DreamError, session::Session};

impl<E: Engine> Session<E> {
    /// The value of every objective in each iteration since the last call, without its weight: how
    /// the dream climbs. Long bursts may lose the beginning.
    ///
    /// # Errors
    /// Whatever the engine reports.
    pub async fn scores(&mut self) -> Result<Vec<Scores>, DreamError> {
        if self.iteration > 0 && self.octave < self.octaves() {
            self.gather().await?;
        }
        Ok(std::mem::take(&mut self.curve))
    }

    /// Brings back the values that the engine has written since the last time in this octave.
    pub(crate) async fn gather(&mut self) -> Result<(), DreamError> {
        let count = self.settings.objectives.len();
        if count == 0 || self.gathered == self.iteration {
            return Ok(());
        }
        let rows = self.engine.read(Buffer::Curve).await?;
        let first = self.gathered.max(self.iteration.saturating_sub(CURVE as u32));
        let octave = self.octave as u32 + 1;
        let row = |iteration: u32| {
            let start = iteration as usize % CURVE * count;
            Scores { octave, values: rows[start..start + count].to_vec() }
        };
        self.curve.extend((first..self.iteration).map(row));
        self.gathered = self.iteration;
        Ok(())
    }
}
