//! Which column of a recording says what: chosen from its header, beside its first rows.

use super::reader::Reader;
use super::recording::Columns;
use crate::draw;
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use playground_interop::trace::{Kind, Mapping, Role, Unit};
use std::sync::Arc;
use web_sys::{HtmlInputElement, HtmlSelectElement};

/// The form; what is changed in it is read at once.
pub(super) fn view(reader: Reader, columns: Arc<Columns>) -> AnyView {
    let heads: Vec<AnyView> =
        columns.names.iter().map(|name| view! { <th scope="col">{name.clone()}</th> }.into_any()).collect();
    let rows: Vec<AnyView> = columns
        .sample
        .iter()
        .map(|row| {
            let cells: Vec<AnyView> = row.iter().map(|cell| view! { <td>{cell.clone()}</td> }.into_any()).collect();
            view! { <tr>{cells}</tr> }.into_any()
        })
        .collect();
    let fields: Vec<AnyView> = Role::ALL.into_iter().map(|role| field(reader, &columns, role)).collect();
    view! {
        <details class="fates" data-testid="trace-columns" open=columns.unclear>
            <summary>"Columns " <span class="muted">{columns.mapping.kind.title()}</span></summary>
            {draw::table("The first rows", "trace-sample", heads, rows)}
            <div class="row three trace-roles">
                {fields}
                {unit(reader)}
                {block_tokens(reader, &columns)}
            </div>
            {without_prefix(reader, &columns)}
        </details>
    }
    .into_any()
}

/// What a role is called here.
fn title(role: Role) -> &'static str {
    match role {
        Role::Time => "Due at",
        Role::Input => "Prompt, tokens",
        Role::Output => "Answer, tokens",
        Role::Class => "Class",
        Role::Prefix => "Shared prefix",
        Role::PrefixTokens => "Prefix, tokens",
        Role::Prompt => "Rest of the prompt",
        Role::Hashes => "Hashes of blocks",
    }
}

/// Changes the mapping, and reads the recording anew where it can be.
fn change(reader: Reader, with: impl FnOnce(&mut Mapping)) {
    let Some(mut mapping) = reader.recording.mapping.get_untracked() else { return };
    with(&mut mapping);
    reader.recording.mapping.set(Some(mapping.clone()));
    reader.scan(Some(mapping));
}

/// What of the mapping is asked for now; none while there is none.
fn now<T>(reader: Reader, of: impl Fn(&Mapping) -> T) -> Option<T> {
    reader.recording.mapping.with(|mapping| mapping.as_ref().map(of))
}

fn field(reader: Reader, columns: &Arc<Columns>, role: Role) -> AnyView {
    let id = format!("trace-{}", role.word());
    let chosen = columns.mapping.columns.get(&role);
    let none = if role.is_needed() { "choose…" } else { "none" };
    let options: Vec<AnyView> = columns
        .names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            view! { <option value=i.to_string() selected={chosen == Some(name)}>{name.clone()}</option> }.into_any()
        })
        .collect();
    let known = Arc::clone(columns);
    let on_change = move |e: Targeted<Event, HtmlSelectElement>| {
        let place = e.target().value().parse::<usize>().ok();
        let name = place.and_then(|i| known.names.get(i)).cloned();
        let first = place.and_then(|i| known.sample.first()?.get(i)).cloned().unwrap_or_default();
        change(reader, |mapping| match name {
            Some(name) => {
                if role == Role::Time {
                    mapping.unit = Unit::guess(&name, Kind::Mapped, &first);
                }
                mapping.columns.insert(role, name);
            }
            None => {
                mapping.columns.remove(&role);
            }
        });
    };
    let missing = move || role.is_needed() && now(reader, |m| !m.columns.contains_key(&role)) == Some(true);
    view! {
        <div class="field">
            <label for=id.clone()>{title(role)}</label>
            <select id=id.clone() data-testid=id aria-invalid={move || missing().to_string()} on:change:target=on_change>
                <option value="" selected=chosen.is_none()>{none}</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn unit(reader: Reader) -> AnyView {
    let title = |unit: Unit| match unit {
        Unit::Seconds => "seconds",
        Unit::Millis => "milliseconds",
        Unit::Micros => "microseconds",
        Unit::Date => "date and time",
    };
    let options = Unit::ALL.map(|unit| {
        let chosen = move || now(reader, |m| m.unit == unit) == Some(true);
        view! { <option value=unit.word() prop:selected=chosen>{title(unit)}</option> }.into_any()
    });
    let on_change = move |e: Targeted<Event, HtmlSelectElement>| {
        if let Some(unit) = Unit::find(&e.target().value()) {
            change(reader, |mapping| mapping.unit = unit);
        }
    };
    view! {
        <div class="field">
            <label for="trace-unit">"Time is in"</label>
            <select id="trace-unit" data-testid="trace-unit" on:change:target=on_change>{options.into_iter().collect_view()}</select>
        </div>
    }
    .into_any()
}

/// Most tokens of a hashed block.
const BLOCK_TOKENS_MAX: u32 = 65_536;

fn block_tokens(reader: Reader, columns: &Columns) -> AnyView {
    let on_change = move |e: Targeted<Event, HtmlInputElement>| {
        let tokens = e.target().value().trim().parse::<u32>().ok().filter(|n| (1..=BLOCK_TOKENS_MAX).contains(n));
        match tokens {
            Some(tokens) => change(reader, |mapping| mapping.block_tokens = tokens),
            // What cannot be is put back.
            None => e.target().set_value(&untrack(|| now(reader, |m| m.block_tokens)).unwrap_or(1).to_string()),
        }
    };
    let unused = move || now(reader, |m| m.columns.contains_key(&Role::Hashes)) != Some(true);
    view! {
        <div class="field" hidden=unused>
            <label for="trace-block">"A block, tokens"</label>
            <input
                id="trace-block"
                data-testid="trace-block"
                type="text"
                inputmode="numeric"
                value=columns.mapping.block_tokens.to_string()
                on:change:target=on_change
            />
        </div>
    }
    .into_any()
}

fn without_prefix(reader: Reader, columns: &Columns) -> AnyView {
    let unused = move || now(reader, |m| m.columns.contains_key(&Role::PrefixTokens)) != Some(true);
    let on_change = move |e: Targeted<Event, HtmlInputElement>| {
        let without = e.target().checked();
        change(reader, |mapping| mapping.input_without_prefix = without);
    };
    view! {
        <label class="trace-without" hidden=unused>
            <input
                type="checkbox"
                data-testid="trace-without-prefix"
                checked=columns.mapping.input_without_prefix
                on:change:target=on_change
            />
            " Prompts are counted without their prefix"
        </label>
    }
    .into_any()
}
