//! The README's table of variables is the program's own.

use std::fmt::Write;

use server::config::VARIABLES;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const BEGIN: &str = "<!-- configuration -->";
const END: &str = "<!-- /configuration -->";

/// The table as it must stand between the markers.
fn table() -> String {
    let mut table = "| Variable | Default | What it is for |\n|---|---|---|\n".to_owned();
    for variable in VARIABLES {
        let default = variable.default.map(|default| format!("`{default}`"));
        let (name, default) = (variable.name, default.unwrap_or_default());
        let secret = if variable.secret { "*Secret.* " } else { "" };
        writeln!(
            table,
            "| `{name}` | {default} | {secret}{} |",
            variable.help
        )
        .unwrap();
    }
    table
}

#[test]
fn the_readme_lists_every_variable_with_its_default_and_meaning() {
    let readme = std::fs::read_to_string(README).unwrap_or_default();
    let between = readme
        .split_once(BEGIN)
        .and_then(|(_, rest)| rest.split_once(END))
        .map(|(between, _)| between.trim());
    let table = table();
    assert!(
        between == Some(table.trim()),
        "README.md must have these lines, markers included:\n\n{BEGIN}\n{table}{END}\n"
    );
}

#[test]
fn no_cell_of_the_table_breaks_it() {
    for variable in VARIABLES {
        let text = format!(
            "{}{}{}",
            variable.name,
            variable.default.unwrap_or_default(),
            variable.help
        );
        assert!(!text.contains(['|', '\n']), "{}", variable.name);
        assert!(!variable.help.is_empty(), "{}", variable.name);
    }
}
