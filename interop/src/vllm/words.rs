//! Words of a command line: split as a POSIX shell would, variables that are known put in.

use crate::report::Mark;
use std::collections::BTreeMap;

/// One word, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Without its quotes.
    pub(crate) text: String,
    /// Where it begins; none: unknown.
    pub(crate) at: Option<Mark>,
}

/// Values of variables.
pub(crate) type Environment = BTreeMap<String, String>;

/// What separates two commands, as a word that no quotes can make.
const END: &str = "\u{0}end";

/// Splits a script into commands of words. Assignments before and between commands go to the environment.
pub(crate) fn commands(script: &str, environment: &mut Environment) -> Vec<Vec<Word>> {
    let mut all = vec![Vec::new()];
    for word in split(script) {
        if word.text == END {
            all.push(Vec::new());
            continue;
        }
        let command = all.last_mut().expect("one was begun");
        let leads = command.iter().all(|w: &Word| w.text == "export");
        match word.text.split_once('=') {
            Some((name, value)) if leads && is_name(name) => {
                let value = put_in(value, environment);
                environment.insert(name.into(), value);
            }
            _ => command.push(Word { text: put_in(&word.text, environment), at: word.at }),
        }
    }
    // What was exported is in the environment.
    all.retain(|command| command.iter().any(|word| word.text != "export"));
    all
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// `$NAME`, `${NAME}` and `$(NAME)`, as Kubernetes writes it, where the value is known; all others stay.
pub(crate) fn put_in(text: &str, environment: &Environment) -> String {
    if environment.is_empty() || !text.contains('$') {
        return text.into();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        let closing = match after.chars().next() {
            Some('{') => '}',
            Some('(') => ')',
            _ => ' ',
        };
        let (name, length) = if closing == ' ' {
            let length = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
            (&after[..length], length)
        } else {
            let end = after.find(closing).unwrap_or(after.len());
            (after.get(1..end).unwrap_or_default(), (end + 1).min(after.len()))
        };
        match environment.get(name) {
            Some(value) => out.push_str(value),
            None => {
                out.push('$');
                out.push_str(&after[..length]);
            }
        }
        rest = &after[length..];
    }
    out + rest
}

/// Words of a script; separators of commands are `END`.
fn split(script: &str) -> Vec<Word> {
    let mut splitter = Splitter { words: Vec::new(), word: String::new(), begun: None, line: 1, column: 0 };
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        splitter.step(c);
        match c {
            '\\' => match chars.next() {
                Some('\n') => splitter.step('\n'),
                Some('\r') if chars.peek() == Some(&'\n') => {
                    chars.next();
                    splitter.step('\n');
                }
                Some(next) => splitter.push(next),
                None => {}
            },
            '\'' | '"' => {
                splitter.begin();
                while let Some(inner) = chars.next() {
                    splitter.step(inner);
                    if inner == c {
                        break;
                    }
                    // Within double quotes a backslash protects these alone.
                    let escapes =
                        c == '"' && inner == '\\' && chars.peek().is_some_and(|next| "\"\\$`".contains(*next));
                    splitter.word.push(if escapes { chars.next().unwrap_or(inner) } else { inner });
                }
            }
            // A computed value is one word, whatever is in it.
            '$' if chars.peek() == Some(&'(') => {
                splitter.begin();
                splitter.word.push(c);
                let mut depth = 0;
                for inner in chars.by_ref() {
                    splitter.step(inner);
                    splitter.word.push(inner);
                    depth += i32::from(inner == '(') - i32::from(inner == ')');
                    if depth == 0 {
                        break;
                    }
                }
            }
            '#' if splitter.begun.is_none() => {
                while chars.peek().is_some_and(|next| *next != '\n') {
                    chars.next();
                }
            }
            '\n' | ';' | '&' | '|' => splitter.end(true),
            c if c.is_whitespace() => splitter.end(false),
            c => splitter.push(c),
        }
    }
    splitter.end(true);
    splitter.words
}

struct Splitter {
    words: Vec<Word>,
    word: String,
    begun: Option<Mark>,
    line: u32,
    column: u32,
}

impl Splitter {
    fn step(&mut self, c: char) {
        if c == '\n' {
            (self.line, self.column) = (self.line.saturating_add(1), 0);
        } else {
            self.column = self.column.saturating_add(1);
        }
    }

    fn begin(&mut self) {
        self.begun.get_or_insert(Mark { line: self.line, column: self.column.max(1) });
    }

    fn push(&mut self, c: char) {
        self.begin();
        self.word.push(c);
    }

    fn end(&mut self, command: bool) {
        if let Some(at) = self.begun.take() {
            self.words.push(Word { text: std::mem::take(&mut self.word), at: Some(at) });
        }
        if command {
            self.words.push(Word { text: END.into(), at: None });
        }
    }
}

/// A word as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        return word.into();
    }
    if let Some((flag, value)) =
        word.split_once('=').filter(|(flag, _)| flag.starts_with("--") && flag.chars().all(safe))
    {
        return format!("{flag}={}", quoted(value));
    }
    // A variable that the environment sets must stay one.
    if word.contains('$') && !word.contains(['\'', '"', '`', '\\']) {
        return format!("\"{word}\"");
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<Vec<String>> {
        let all = commands(script, &mut Environment::new());
        all.into_iter().map(|c| c.into_iter().map(|w| w.text).collect()).collect()
    }

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        let script = "vllm serve m \\\n  --a 1 --b='{\"x\": \"y z\"}' # why\necho \"a\\\"b\" 'c'd; x";
        assert_eq!(
            texts(script),
            [vec!["vllm", "serve", "m", "--a", "1", "--b={\"x\": \"y z\"}"], vec!["echo", "a\"b", "cd"], vec!["x"]]
        );
        assert_eq!(texts("--n $((A * B)) --e ''"), [["--n", "$((A * B))", "--e", ""]]);
        assert_eq!(texts("'never closed"), [["never closed"]]);
    }

    #[test]
    fn variables_that_are_known_are_put_in() {
        assert_eq!(
            texts("export TP=4 M=x\nvllm serve $M -tp=${TP} --n $N $(TP)"),
            [["vllm", "serve", "x", "-tp=4", "--n", "$N", "4"]]
        );
        assert_eq!(put_in("${", &Environment::from([("a".into(), "b".into())])), "${");
    }

    #[test]
    fn places_are_lines_and_columns() {
        let all = commands("vllm serve m \\\n  --tp 2", &mut Environment::new());
        assert_eq!(all[0][3].at, Some(Mark { line: 2, column: 3 }));
    }

    #[test]
    fn quoting_reads_back() {
        for word in ["a", "", "a b", "it's", "{\"a\": 1}", "x;y", "--a=b"] {
            assert_eq!(texts(&quoted(word)), [[word]], "{word}");
        }
    }
}
