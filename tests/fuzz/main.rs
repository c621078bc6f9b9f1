//! Fuzz: whatever is thrown at the doors of the simulator, it answers; and what a link carries comes out as it went in.

mod damaged_links;
mod extremes;
mod hostile_links;
mod links_carry_everything;
mod sound_scenarios_simulate;
mod strategies;
mod unsound_scenarios_are_told_why;
