//! The list of what can be done now.

use super::{Command, Desk};
use crate::compare;
use crate::export;
use crate::glossary::TERMS;
use crate::page::starts;
use crate::state::theme::Theme;
use crate::state::{Experiment, Tab};
use leptos::prelude::*;
use playground_core::report::Statistic;
use playground_core::study::compare::Side;
use std::sync::Arc;

/// What single keys do: key and command.
pub(super) const KEYS: [(&str, &str); 17] = [
    ("1", "tab-answer"),
    ("2", "tab-details"),
    ("3", "tab-compare"),
    ("4", "tab-sweep"),
    ("5", "tab-live"),
    ("s", "share"),
    ("e", "export-menu"),
    ("i", "import"),
    ("c", "compare"),
    ("x", "swap"),
    ("p", "percentile"),
    ("l", "log-scale"),
    ("r", "run"),
    ("t", "theme"),
    ("g", "glossary"),
    ("?", "map"),
    ("/", "palette"),
];

/// Everything, by what it is about.
pub(super) fn all(desk: Desk) -> Vec<Command> {
    let mut all = tabs(desk);
    all.extend(edits(desk));
    all.extend(files(desk));
    all.extend(looks(desk));
    all.extend(presets(desk));
    all.extend(help(desk));
    all
}

/// The command of this name.
pub(super) fn find(desk: Desk, id: &str) -> Option<Command> {
    all(desk).into_iter().find(|c| c.id == id)
}

fn command(
    id: impl Into<String>,
    group: &'static str,
    title: impl Into<String>,
    run: impl Fn() + Send + Sync + 'static,
) -> Command {
    let id = id.into();
    let key = KEYS.iter().find(|(_, name)| *name == id).map(|(key, _)| *key);
    Command { id, group, title: title.into(), key, run: Arc::new(run) }
}

fn tabs(desk: Desk) -> Vec<Command> {
    let to = |tab: Tab| command(format!("tab-{}", tab.name()), "Go to", tab.title(), move || desk.store.show(tab));
    Tab::ALL.map(to).into()
}

fn edits(desk: Desk) -> Vec<Command> {
    let store = desk.store;
    let (undo, redo) = (store.undo_label.get_untracked(), store.redo_label.get_untracked());
    let step = |word: &str, label: Option<String>| {
        label.map_or_else(|| format!("{word} (nothing)"), |l| format!("{word}: {l}"))
    };
    let offer = store.scenario.with_untracked(|s| compare::routing_offer(s).0);
    let comparing = compare::which_side(store).is_some();
    let mut all = vec![
        command("undo", "Edit", step("Undo", undo), move || store.undo()),
        command("redo", "Edit", step("Redo", redo), move || store.redo()),
        command(
            "import",
            "Edit",
            "Import a configuration, a load, a trace, a scenario, a link or a picture",
            move || desk.import.begin(),
        ),
        command(
            "compare",
            "Compare",
            if comparing { "Show the comparison" } else { "Compare with a copy" },
            move || {
                if compare::which_side(store).is_some() { store.show(Tab::Compare) } else { compare::with_copy(store) }
            },
        ),
        command("run", "Edit", "Simulate again", move || store.run_again()),
        command("cancel", "Edit", "Cancel what is being simulated", move || {
            store.cancel();
            desk.compare.cancel();
        }),
    ];
    if comparing {
        all.extend(sides(desk));
    } else {
        all.push(command("compare-routing", "Compare", offer, move || compare::with_other_routing(store)));
    }
    all
}

/// What can be done to the sides of a comparison.
fn sides(desk: Desk) -> Vec<Command> {
    let store = desk.store;
    let experiment = store.experiment();
    let (in_hand, next) = (experiment.edited(), experiment.next_baseline());
    let swap = compare::rebasing(&experiment, next);
    let mut all = vec![command("swap", "Compare", swap, move || compare::rebase(store, next))];
    if let Some(side) = experiment.next_side() {
        let copied = in_hand.map_or("", Side::name);
        let title = format!("Add {}, a copy of {copied}", side.name());
        all.push(command("compare-add", "Compare", title, move || compare::add(store)));
    }
    for &side in experiment.sides() {
        if in_hand != Some(side) {
            let title = format!("Edit {}", side.name());
            all.push(command(format!("side-{}", side.name()), "Compare", title, move || store.edit_side(side)));
        }
        if experiment.sides().len() > 2 {
            let (to, out) = (compare::rebasing(&experiment, side), compare::removing(side));
            if side != Side::A && side != next {
                all.push(command(format!("baseline-{}", side.name()), "Compare", to, move || {
                    compare::rebase(store, side)
                }));
            }
            all.push(command(format!("remove-{}", side.name()), "Compare", out, move || compare::remove(store, side)));
        }
    }
    all.push(command("compare-stop", "Compare", "Stop comparing", move || compare::leave(store)));
    all
}

fn files(desk: Desk) -> Vec<Command> {
    let share = command("share", "Share", "Copy the link to this experiment", move || desk.share.copy_link());
    let frame =
        command("share-frame", "Share", "Copy the code of a frame for another page", move || desk.share.copy_frame());
    let menu = command("export-menu", "Export", "Open the menu", || {
        crate::dialog::press_later("[data-testid=save-scenario] > summary")
    });
    let exports = export::documents(desk.store).into_iter().map(|item| {
        let (id, label, save) = item.parts();
        command(format!("export-{id}"), "Export", label, move || save())
    });
    [share, frame, menu].into_iter().chain(exports).collect()
}

fn looks(desk: Desk) -> Vec<Command> {
    let store = desk.store;
    let theme = |theme: Theme| {
        command(format!("theme-{}", theme.name()), "Theme", theme.name(), move || desk.colours.choose(theme))
    };
    let statistic = |s: Statistic| {
        command(format!("statistic-{}", s.name()), "Statistic of figures", s.name(), move || store.statistic.set(s))
    };
    let mut all: Vec<Command> = [Theme::Auto, Theme::Light, Theme::Dark].map(theme).into();
    all.push(command("theme", "Theme", "next", move || desk.colours.choose(desk.colours.theme.get_untracked().next())));
    all.extend(Statistic::ALL.map(statistic));
    all.push(command("percentile", "Statistic of figures", "next", move || {
        let here = Statistic::ALL.iter().position(|s| *s == store.statistic.get_untracked()).unwrap_or(0);
        store.statistic.set(Statistic::ALL[(here + 1) % Statistic::ALL.len()]);
    }));
    all.push(command("log-scale", "Figures", "Log scale on or off", move || store.log_y.update(|on| *on = !*on)));
    all
}

fn presets(desk: Desk) -> Vec<Command> {
    let each = starts().into_iter().enumerate().map(|(i, start)| {
        let run = {
            let start = start.clone();
            move || desk.store.open(&format!("Start from “{}”", start.title), Experiment::of(start.scenario.clone()))
        };
        command(format!("preset-{i}"), "Start from", start.title.clone(), run)
    });
    each.collect()
}

fn help(desk: Desk) -> Vec<Command> {
    let mut all = vec![
        command("map", "Help", "Keyboard", move || desk.map.set(true)),
        command("palette", "Help", "Find a command", move || desk.palette.set(true)),
        command("glossary", "Help", "Glossary", move || desk.glossary.show(None)),
    ];
    all.extend(TERMS.iter().map(|term| {
        command(format!("term-{}", term.id), "What is", term.name, move || desk.glossary.show(Some(term.id)))
    }));
    all
}
