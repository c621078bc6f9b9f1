//! One vLLM engine: a queue, a batch that is formed anew for every step, and KV blocks.
//!
//! Semantics follow vLLM V1's scheduler. A step gives every running request the tokens it lacks, those that
//! decode one each; what is left of the token budget goes to the prompt in progress and then to waiting
//! requests, first come first served or by priority. Blocks are taken when a step is planned; when they run out, the
//! request admitted last, or the one of least priority, loses its own and is computed again later.
//!
//! Steps are numbered. A *pass* plans one step; with asynchronous scheduling it runs one step ahead of
//! execution, so a request that arrives during step *s* joins step *s + 2*, and the place of one that ended
//! in step *s* is free for step *s + 2*. While nothing changes, passes repeat themselves, and the engine
//! jumps over them: [`Instance::step_end`] is then called once for many steps, to the same result bit for
//! bit.

mod abort;
mod admit;
mod cadence;
mod decoders;
mod handoff;
mod instance;
mod kv;
mod lock_step;
mod offload;
mod pass;
mod prefix;
mod probe;
mod queue;
mod run;
mod seq;
mod trace;
mod turn;
mod verify;

pub use handoff::Handoff;
pub use instance::{Content, Emitted, Gauges, Incoming, Inside, Instance, Sinks, Stepping};
pub use lock_step::Stretch;
pub use trace::{Scheduled, StepTrace};
