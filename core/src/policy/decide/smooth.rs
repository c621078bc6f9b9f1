//! An exponentially smoothed mean: the first value sets it, each later one moves it by a share.

/// A mean that forgets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Smooth {
    value: Option<f64>,
}

impl Smooth {
    /// Takes a value in, with this weight against the mean so far.
    pub(super) fn take(&mut self, value: f64, weight: f64) {
        self.value = Some(self.value.map_or(value, |old| old + weight * (value - old)));
    }

    /// The mean; 0 before the first value.
    pub(super) fn get(self) -> f64 {
        self.value.unwrap_or(0.0)
    }
}
