//! The table as a page for people: `DIAGNOSIS.md`.

use std::fmt::Write;

use super::{
    Code,
    table::{CHALLENGE, Row, TABLE},
    words::Words,
};

const INTRODUCTION: &str = "# What a test of a connection can say

Made from `src/diagnosis/` by `cargo run -p bedrock --example diagnosis > crates/bedrock/DIAGNOSIS.md`; a test fails
while this page says something else than the code.
";

/// The page.
pub fn document() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n## Codes\n");
    for code in Code::ALL {
        describe(&mut page, *code);
    }
    page.push_str(
        "\n## Which of AWS's refusals means what\n\n\
         The first row that fits counts. Capitals and the form of apostrophes make no difference. A status of 429 or of \
         5xx that is in no row is `throttled` or `aws_unavailable`, any other refusal `unknown_refusal`.\n\n\
         | operations | AWS's code | AWS's message contains | code |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        list(&mut page, row);
    }
    page
}

fn describe(page: &mut String, code: Code) {
    let words = Words::of(code);
    let again = if words.retryable {
        " May pass by itself."
    } else {
        ""
    };
    // Writing into a string does not fail.
    let _ = write!(
        page,
        "\n### `{}`\n\n{}.{again} {}\n\n*What to do:* {}\n",
        code.as_str(),
        code.title(),
        words.message,
        words.remedy
    );
    if !words.causes.is_empty() {
        page.push_str("\n*What may be behind it, the likeliest first:*\n\n");
        for cause in words.causes {
            let _ = writeln!(page, "- {cause}");
        }
    }
}

fn list(page: &mut String, row: &Row) {
    let operations = if row.on.is_empty() {
        "any".to_owned()
    } else {
        row.on.join(", ")
    };
    let code = match (row.code, row.status) {
        ("", CHALLENGE) => "any other challenge".to_owned(),
        (challenge, CHALLENGE) => format!("challenge `{challenge}`"),
        ("", 0) => "any".to_owned(),
        ("", status) => format!("any, status {status}"),
        (code, _) => format!("`{code}`"),
    };
    let confirmed = if row.confirmed {
        " if GetCallerIdentity accepted the credentials"
    } else {
        ""
    };
    let says = if row.silent { "nothing" } else { row.says };
    let _ = writeln!(
        page,
        "| {operations} | {code}{confirmed} | {says} | `{}` |",
        row.means.as_str()
    );
}
