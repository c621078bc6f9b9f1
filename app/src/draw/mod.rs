//! Puts figures on the page: the Plotly binding, pictures for what moves, one redraw per task, keyboard and table beside
//! each chart.
//! Knows no serving.

pub(crate) mod cursor;
mod figure;
pub(crate) mod frame;
pub(crate) mod palette;
mod picture;
pub(crate) mod plot;
pub(crate) mod plotly;
pub(crate) mod queue;
mod table;

pub(crate) use figure::figure_view;
pub(crate) use table::table;
