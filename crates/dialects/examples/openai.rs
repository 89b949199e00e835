//! Prints `OPENAI.md`.

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() {
    print!("{}", dialects::openai::document());
}
