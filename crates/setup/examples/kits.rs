//! Writes `test-data` anew: `cargo run -p setup --example kits`, then look at what changed.

#[expect(clippy::unwrap_used, reason = "the cases are the tests' own")]
#[path = "../tests/kits/cases.rs"]
mod cases;

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data");
    fs::remove_dir_all(&folder).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    for case in cases::all() {
        let folder = folder.join(&case.name);
        fs::create_dir_all(&folder)?;
        for (name, text) in cases::files(&case.kit) {
            fs::write(folder.join(name), text)?;
        }
    }
    fs::write(
        folder.join("published.json"),
        setup::published_template(&setup::Names::default()) + "\n",
    )
}
