//! What is stored or hashed has the same bytes on every platform: no `usize` in a serialised struct of the core.

use crate::{files, none};

#[test]
fn no_usize_in_serialised_structs() {
    let mut found = Vec::new();
    let mut structs = 0;
    for file in files("core/src", &[".rs"]) {
        let lines: Vec<&str> = file.text.lines().collect();
        for (start, _) in
            lines.iter().enumerate().filter(|(_, line)| line.contains("derive(") && line.contains("Serialize"))
        {
            structs += 1;
            // Formatted code closes an item with a brace in the first column.
            let body = lines[start..].iter().enumerate().take_while(|(_, line)| **line != "}");
            for (offset, line) in body.filter(|(_, line)| line.contains("usize") || line.contains("isize")) {
                found.push(format!("{}:{}: {}", file.path, start + offset + 1, line.trim()));
            }
        }
    }
    assert!(structs > 10, "only {structs} serialised items were found");
    none(&found);
}
