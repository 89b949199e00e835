//! Where installed programs may be.

use std::{
    cmp::Reverse,
    env,
    ffi::OsStr,
    fmt, fs, iter,
    path::{self, PathBuf},
};

use crate::Options;

pub(crate) const SHELVES: &[Shelf<'static>] = &[
    Shelf {
        parent: "/usr/lib/postgresql",
        prefix: "",
    },
    Shelf {
        parent: "/opt/homebrew/opt",
        prefix: "postgresql",
    },
    Shelf {
        parent: "/usr/local/opt",
        prefix: "postgresql",
    },
];

/// Where systems install several versions side by side: `<parent>/<prefix><version…>/bin`.
pub(crate) struct Shelf<'a> {
    pub(crate) parent: &'a str,
    pub(crate) prefix: &'a str,
}

impl Shelf<'_> {
    /// Newest first.
    fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.parent).into_iter().flatten().flatten();
        let mut versions: Vec<_> = entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let rest = name.strip_prefix(self.prefix)?;
                let version = leading_number(rest.trim_start_matches('@')).unwrap_or(0);
                Some((version, entry.path().join("bin")))
            })
            .filter(|(_, folder)| folder.join("postgres").is_file())
            .collect();
        versions.sort_by_key(|(version, _)| Reverse(*version));
        versions.into_iter().map(|(_, folder)| folder).collect()
    }
}

impl fmt::Display for Shelf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}*/bin", self.parent, self.prefix)
    }
}

/// Every place to look for PostgreSQL, and the folders found there, in the order in which they count.
pub(crate) fn in_order(
    options: &Options,
    shelves: &[Shelf<'_>],
) -> impl Iterator<Item = (String, Vec<PathBuf>)> {
    // Programs are run from the root folder, so that a relative path would change its meaning.
    let chosen = options
        .bin
        .iter()
        .map(|folder| path::absolute(folder).unwrap_or_else(|_| folder.clone()));
    let chosen = chosen.map(|folder| (folder.display().to_string(), vec![folder]));
    let on_path = iter::once_with(|| {
        (
            "PATH".to_owned(),
            on_path(options.path.as_deref(), "postgres"),
        )
    });
    let shelved = shelves
        .iter()
        .map(|shelf| (shelf.to_string(), shelf.folders()));
    chosen.chain(on_path).chain(shelved)
}

/// The folders on `path` that have a `program`. Relative ones are passed over: where we run is nobody's choice.
pub(crate) fn on_path(path: Option<&OsStr>, program: &str) -> Vec<PathBuf> {
    env::split_paths(path.unwrap_or_default())
        .filter(|folder| folder.is_absolute() && folder.join(program).is_file())
        .collect()
}

/// The digits that `text` begins with.
pub(crate) fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn relative_folders_on_the_path_are_passed_over() {
        assert_eq!(
            on_path(Some(&OsString::from("bin:.:")), "sh"),
            Vec::<PathBuf>::new()
        );
        assert_eq!(
            on_path(Some(&OsString::from("bin:/bin")), "sh"),
            [PathBuf::from("/bin")]
        );
    }
}
