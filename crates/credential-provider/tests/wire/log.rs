//! What is logged while something runs on this thread.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing::{Level, Metadata, subscriber::DefaultGuard};
use tracing_subscriber::{Layer, filter::filter_fn, fmt, layer::SubscriberExt, registry};

/// A log that is written until this is dropped.
pub(crate) struct Log {
    lines: Lines,
    _scope: DefaultGuard,
}

impl Log {
    /// Everything that this crate says, and what libraries say but at `trace`: there they print requests, and the service
    /// never lets them.
    pub(crate) fn start() -> Self {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = fmt::layer()
            .with_writer(move || writer.clone())
            .with_filter(filter_fn(is_logged));
        let scope = tracing::subscriber::set_default(registry().with(layer));
        Self {
            lines,
            _scope: scope,
        }
    }

    pub(crate) fn text(&self) -> String {
        let bytes = self.lines.0.lock().unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn is_logged(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("credential_provider") || *metadata.level() <= Level::DEBUG
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
