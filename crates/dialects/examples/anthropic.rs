//! Prints `ANTHROPIC.md`.

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() {
    print!("{}", dialects::anthropic::document());
}
