//! Execution: one step, or as many at once as would be planned alike.

use super::instance::{Instance, Sinks, Stepping};
use super::lock_step::Stretch;
use crate::base::{Dur, Time};
use crate::latency::Ramp;

/// Steps in execution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    pub(super) start: Time,
    pub(super) ramp: Ramp,
    pub(super) steps: u32,
}

impl Running {
    pub(super) fn end(&self) -> Time {
        self.start + Dur::from_ps(self.ramp.total(self.steps))
    }
}

impl Instance {
    /// The next planned step, and with it those that are sure to repeat it; none where none is planned.
    #[must_use]
    pub fn stretch(&mut self) -> Option<Stretch> {
        let front = self.planned.front()?;
        let (duration, batch) = (front.duration, front.batch);
        let steps = match self.stepping {
            Stepping::Single => 1,
            Stepping::Jump => 1 + self.passes_alike(),
        };
        let ramp = self.model.ramp_from(duration, &batch);
        Some(Stretch { ramp, steps: steps.min(ramp.valid) })
    }

    /// Starts the next planned step, and those that repeat it: so many, and as long, as the stretch says.
    pub fn launch(&mut self, now: Time, stretch: Option<Stretch>) {
        self.epoch += 1;
        if !self.planned.is_empty() {
            self.executing = stretch.map(|Stretch { ramp, steps }| Running { start: now, ramp, steps });
        }
    }

    /// How many of the coming passes would plan the same step again: none while a prompt is being computed, a
    /// place is about to come free or someone waits who was not tried; otherwise up to the first decoder's
    /// last token or the first that reaches the bound of attention, and while blocks last.
    fn passes_alike(&mut self) -> u32 {
        let count = self.decoders.count;
        let steady = self.planned.len() == self.lookahead + 1
            && self.planned.iter().all(|p| p.batch.prefill_tokens == 0 && p.batch.decode_seqs == count)
            && self.planned.iter().all(|p| p.batch.decode_span_growing == self.decoders.growing)
            && self.ending.is_empty()
            && self.partial.is_empty()
            && (!self.someone_waits() || (self.blocked && !self.kv.is_eager()))
            // Who waits may wait for what is being copied.
            && (self.waiting.is_empty() || !self.offload.as_ref().is_some_and(|tier| tier.is_busy()));
        if !steady {
            return 0;
        }
        let Some((leave, _)) = self.decoders.first_leaving(&self.seqs) else {
            return 0;
        };
        let until_leaving = (leave + 1).saturating_sub(self.next_pass);
        let until_outgrown =
            self.decoders.first_outgrowing(&self.seqs).map_or(u64::MAX, |(step, _)| step - self.next_pass);
        let cap = until_leaving.min(until_outgrown).min(u64::from(u32::MAX - 1));
        let passes = self.decoders.steps_within(self.next_pass, self.kv.free(), cap);
        u32::try_from(passes).expect("capped below 2^32")
    }

    /// Carries out `passes` passes that plan what the last one planned.
    pub(super) fn skip(&mut self, passes: u32, sinks: &mut Sinks<'_>) {
        if passes == 0 {
            return;
        }
        let steps = u64::from(passes);
        let (taken, area) = self.decoders.blocks_over(self.next_pass, steps);
        self.record.kv_used_sum += u128::from(self.kv.used()) * u128::from(steps) + area;
        assert!(self.kv.take(taken), "a jump ends before blocks run out");
        self.record.kv_used_peak = self.record.kv_used_peak.max(u64::from(self.kv.used()));
        let mut batch = self.planned.back().expect("what executes was planned").batch;
        self.decoders.describe(&mut batch);
        let ramp = self.model.ramp(&batch);
        if !self.in_lock_step {
            sinks.count_gaps(&self.decoders.by_class, ramp, passes);
        }
        for planned in &mut self.planned {
            self.decoders.moved(&mut planned.batch, steps);
            planned.duration = self.model.duration(&planned.batch);
        }
        self.decoders.advance(steps, self.next_pass + steps, &self.seqs);
        self.record.steps += steps;
        self.cadence.passed(steps, false);
        self.step += steps;
        self.next_pass += steps;
    }

    /// How many of the steps in execution have ended by `t`.
    fn ended_by(run: &Running, t: Time) -> u32 {
        run.ramp.steps_until(t.since(run.start).as_ps() + 1, run.steps) - 1
    }

    /// Takes in those of the steps in execution that have ended by now, so that whoever looks in the middle of a jump
    /// sees what was done. When the jump ends, and all it does, stays the same.
    pub fn settle(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        let Some(run) = self.executing else {
            return;
        };
        let ended = Self::ended_by(&run, now);
        let spent = Dur::from_ps(run.ramp.total(ended));
        self.count_shared_gaps(run.ramp, ended, sinks);
        self.skip(ended, sinks);
        self.record.busy += spent;
        let ramp = Ramp { first: run.ramp.first + run.ramp.delta * u64::from(ended), ..run.ramp };
        self.executing = Some(Running { start: run.start + spent, ramp, steps: run.steps - ended });
    }

    /// The same with those that ended before now.
    pub fn settle_before(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        if self.executing.as_ref().is_some_and(|run| run.start < now) {
            self.settle(Time::from_ps(now.as_ps() - 1), sinks);
        }
    }

    /// Blocks that passes skipped in the present jump have taken up to `t`.
    pub(super) fn blocks_taken_by(&self, t: Time) -> u32 {
        let ended = self.executing.as_ref().map_or(0, |run| Self::ended_by(run, t));
        self.decoders.blocks_taken(self.next_pass, u64::from(ended))
    }

    /// Someone comes or goes: the steps in execution end at the first boundary from now on, where a pass sees it.
    pub fn shorten(&mut self, now: Time) {
        let Some(run) = &mut self.executing else {
            return;
        };
        let steps = run.ramp.steps_until(now.since(run.start).as_ps(), run.steps);
        if steps < run.steps {
            run.steps = steps;
            self.epoch += 1;
        }
    }
}
