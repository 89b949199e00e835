//! Prints `DIAGNOSIS.md`.

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() {
    print!("{}", bedrock::diagnosis::document());
}
