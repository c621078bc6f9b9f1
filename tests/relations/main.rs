//! Relations: how results must answer to a change, whatever the results are.

mod a_class_split_in_two_is_the_same_traffic;
mod a_draft_begins_the_settled_run;
mod a_fleet_that_begins_peopled_is_as_it_stays;
mod a_replay_of_what_was_drawn_is_the_same_run;
mod engine_is_the_plain_scheduler;
mod faster_hardware_is_never_slower;
mod jump_is_step;
mod more_replicas_answer_sooner;
mod room_beyond_need_changes_nothing;
mod slices_do_not_matter;
mod time_scales;
mod what_has_no_effect_changes_nothing;
