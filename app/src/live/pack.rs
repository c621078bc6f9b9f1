//! A timeline on its way from a worker to the page: its rows as bytes, since a browser copies those at once and hundreds
//! of thousands of small objects one by one.

use playground_core::base::{Dur, Time};
use playground_core::report::End;
use playground_core::report::timeline::{About, Choice, Considered, Level, Mark, Stand, Timeline, TracedRequest, What};

/// Numbers, seven bits a byte, the lowest first.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    /// The last time written: times are written as what was added.
    at: u64,
}

impl Writer {
    fn put(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    fn all(&mut self, values: impl IntoIterator<Item = u32>) {
        values.into_iter().for_each(|value| self.put(value.into()));
    }

    fn time(&mut self, at: Time) {
        self.put(at.as_ps() - self.at);
        self.at = at.as_ps();
    }

    fn rows<T>(&mut self, rows: &[T], mut row: impl FnMut(&mut Self, &T)) {
        self.put(rows.len() as u64);
        self.at = 0;
        rows.iter().for_each(|r| row(self, r));
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl Reader<'_> {
    fn get(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn word(&mut self) -> Option<u32> {
        u32::try_from(self.get()?).ok()
    }

    fn time(&mut self) -> Option<Time> {
        self.at = self.at.checked_add(self.get()?)?;
        Some(Time::from_ps(self.at))
    }

    fn rows<T>(&mut self, mut row: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n = self.get()?;
        self.at = 0;
        (0..n).map(|_| row(self)).collect()
    }
}

/// All of a timeline but what it is about.
pub(crate) fn pack(t: &Timeline) -> Vec<u8> {
    let mut out = Writer::default();
    [t.begin.as_ps(), t.end.as_ps(), t.until.as_ps(), t.cut.into()].into_iter().for_each(|v| out.put(v));
    out.rows(&t.requests, |out, r| {
        out.time(r.at);
        out.put(r.number);
        out.all([r.class, r.prompt_tokens, r.output_tokens, r.turn, r.was_there.into()]);
    });
    out.rows(&t.marks, |out, m| {
        out.time(m.at);
        // The router, which has the highest number, comes first.
        out.all([m.request, m.instance.wrapping_add(1)]);
        let (code, value) = code(m.what);
        out.put(code);
        out.put(value);
    });
    out.rows(&t.levels, |out, l| {
        out.time(l.at);
        let Stand { waiting, running, prompts, prompt_tokens, decodes, kv_used } = l.stand;
        out.all([l.instance, waiting, running, prompts, prompt_tokens, decodes, kv_used]);
        out.all([l.cached_permille, l.transfers, l.preemptions]);
    });
    out.rows(&t.choices, |out, c| out.all([c.request, c.apart.into(), c.chosen, c.first, c.count, c.parts]));
    out.rows(&t.considered, |out, c| {
        out.all([c.instance, c.waiting, c.running, c.kv_permyriad, c.matched_tokens]);
    });
    // The sign in the lowest bit.
    out.rows(&t.parts, |out, part| out.put(((part << 1) ^ (part >> 63)) as u64));
    out.bytes
}

/// The timeline that was packed; none where it was not.
pub(crate) fn unpack(about: About, bytes: &[u8]) -> Option<Timeline> {
    let mut from = Reader { bytes, at: 0 };
    let [begin, end, until] = [from.get()?, from.get()?, from.get()?].map(Time::from_ps);
    Some(Timeline {
        about,
        begin,
        end,
        until,
        cut: from.get()? == 1,
        requests: from.rows(|r| {
            let (at, number) = (r.time()?, r.get()?);
            let [class, prompt_tokens, output_tokens, turn] = [r.word()?, r.word()?, r.word()?, r.word()?];
            let was_there = r.word()? == 1;
            Some(TracedRequest { number, at, class, prompt_tokens, output_tokens, turn, was_there })
        })?,
        marks: from.rows(|r| {
            let (at, request, instance) = (r.time()?, r.word()?, r.word()?.wrapping_sub(1));
            let (code, value) = (r.get()?, r.get()?);
            Some(Mark { at, request, instance, what: what(code, value)? })
        })?,
        levels: from.rows(|r| {
            Some(Level {
                at: r.time()?,
                instance: r.word()?,
                stand: Stand {
                    waiting: r.word()?,
                    running: r.word()?,
                    prompts: r.word()?,
                    prompt_tokens: r.word()?,
                    decodes: r.word()?,
                    kv_used: r.word()?,
                },
                cached_permille: r.word()?,
                transfers: r.word()?,
                preemptions: r.word()?,
            })
        })?,
        choices: from.rows(|r| {
            Some(Choice {
                request: r.word()?,
                apart: r.word()? == 1,
                chosen: r.word()?,
                first: r.word()?,
                count: r.word()?,
                parts: r.word()?,
            })
        })?,
        considered: from.rows(|r| {
            Some(Considered {
                instance: r.word()?,
                waiting: r.word()?,
                running: r.word()?,
                kv_permyriad: r.word()?,
                matched_tokens: r.word()?,
            })
        })?,
        parts: from.rows(|r| r.get().map(|v| (v >> 1) as i64 ^ -((v & 1) as i64)))?,
    })
}

fn code(what: What) -> (u64, u64) {
    match what {
        What::Placed => (0, 0),
        What::PlacedApart => (1, 0),
        What::Queued => (2, 0),
        What::Admitted { cached_tokens } => (3, cached_tokens.into()),
        What::Preempted => (4, 0),
        What::Computed => (5, 0),
        What::Fetching { blocks } => (6, blocks.into()),
        What::Fetched => (7, 0),
        What::FirstToken { after } => (8, after.as_ps()),
        What::Ended(end) => (9, end as u64),
    }
}

fn what(code: u64, value: u64) -> Option<What> {
    Some(match code {
        0 => What::Placed,
        1 => What::PlacedApart,
        2 => What::Queued,
        3 => What::Admitted { cached_tokens: u32::try_from(value).ok()? },
        4 => What::Preempted,
        5 => What::Computed,
        6 => What::Fetching { blocks: u32::try_from(value).ok()? },
        7 => What::Fetched,
        8 => What::FirstToken { after: Dur::from_ps(value) },
        9 => What::Ended(*End::ALL.get(usize::try_from(value).ok()?)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::film::tests::timeline;

    #[test]
    fn what_is_packed_comes_out() {
        for preset in ["interactive-chat", "pd-chat", "admission"] {
            let t = timeline(preset, 20_000);
            assert!(t.rows() > 5000, "{}", t.rows());
            let bytes = pack(&t);
            assert_eq!(unpack(t.about.clone(), &bytes).as_ref(), Some(&t));
            for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
                assert_eq!(unpack(t.about.clone(), &bytes[..cut]), None);
            }
        }
    }
}
