//! The API server before an engine: one process that takes requests in one at a time, and sends tokens out one at a
//! time.
//!
//! ```text
//! to the engine = t_before + [before 0.14] t_early, then a queue served one at a time, t_request + t_prompt · prompt tokens each
//! to the client = t_after + t_token · sequences that the step yields tokens for
//! ```
//!
//! Of a step's tokens those of the sequence admitted last are sent last, so a first token waits for all others.

use crate::base::{Dur, PS_PER_S, math};
use crate::catalog::StepConstants;

/// Times of one API server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrontEnd {
    before: Dur,
    request: Dur,
    prompt_token: Dur,
    after: Dur,
    token: Dur,
}

impl FrontEnd {
    /// With these constants; of a release before 0.14, or a later one.
    #[must_use]
    pub fn new(k: &StepConstants, early: bool) -> Self {
        let us = |us: f64| Dur::from_ps(math::round(us * 1e-6 * PS_PER_S as f64) as u64);
        FrontEnd {
            before: us(k.front_end_before_us + if early { k.front_end_early_us } else { 0.0 }),
            request: us(k.front_end_request_us),
            prompt_token: us(k.front_end_prompt_token_us),
            after: us(k.front_end_after_us),
            token: us(k.front_end_token_us),
        }
    }

    /// From a request's arrival until it is due to be served.
    #[must_use]
    pub fn before(&self) -> Dur {
        self.before
    }

    /// How long it is served, while others wait.
    #[must_use]
    pub fn service(&self, prompt_tokens: u32) -> Dur {
        Dur::from_ps(self.request.as_ps() + self.prompt_token.as_ps() * u64::from(prompt_tokens))
    }

    /// From a token in the engine to the client, where so many sequences run.
    #[must_use]
    pub fn after(&self, running: u32) -> Dur {
        Dur::from_ps(self.after.as_ps() + self.token.as_ps() * u64::from(running))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Fit;

    #[test]
    fn the_default_takes_no_time() {
        let none = FrontEnd::default();
        assert_eq!(none.before(), Dur::ZERO);
        assert_eq!(none.service(u32::MAX), Dur::ZERO);
        assert_eq!(none.after(u32::MAX), Dur::ZERO);
    }

    #[test]
    fn longer_prompts_and_larger_batches_take_longer() {
        let front_end = FrontEnd::new(&StepConstants::builtin(Fit::Calibrated), false);
        assert!(front_end.service(2000) > front_end.service(1000));
        assert!(front_end.after(100) >= front_end.after(1));
        assert!(front_end.before() > Dur::ZERO);
    }

    #[test]
    fn an_early_release_takes_longer_before_the_queue_alone() {
        let k = StepConstants::builtin(Fit::Calibrated);
        let [late, early] = [false, true].map(|early| FrontEnd::new(&k, early));
        let more = early.before().as_ps() - late.before().as_ps();
        assert!(more.abs_diff((k.front_end_early_us * 1e6) as u64) <= 2, "{more} ps");
        assert_eq!((early.service(1000), early.after(10)), (late.service(1000), late.after(10)));
    }
}
