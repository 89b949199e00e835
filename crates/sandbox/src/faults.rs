//! What goes wrong on purpose.

use std::time::Duration;

use crate::{Call, Refusal, Service, World};

/// Something that goes wrong, for the requests it names.
#[derive(Debug, Clone)]
pub struct Fault {
    /// For which service; every one if none is named.
    pub service: Option<Service>,
    /// For which operation; every one if none is named.
    pub operation: Option<&'static str>,
    /// For which access key or session; everybody's if none is named.
    pub access_key: Option<String>,
    /// How many requests more it strikes; for ever if it is not counted.
    pub times: Option<usize>,
    /// What happens.
    pub harm: Harm,
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Harm {
    /// It is answered, later.
    Slow(Duration),
    /// It is never answered.
    Hang,
    /// The connection is closed without an answer.
    Reset,
    /// It is refused so.
    Refuse(Refusal),
    /// It is answered with status 200 and this body, which is nonsense.
    Nonsense(&'static str),
    /// A stream ends without an end after this many events.
    CutAfter(usize),
    /// A stream ends after this many events as if that were all.
    EndAfter(usize),
    /// A stream is broken off by this error event after this many events.
    FailAfter(usize, Refusal),
}

impl Fault {
    /// Something that goes wrong with every request.
    pub const fn always(harm: Harm) -> Self {
        Self {
            service: None,
            operation: None,
            access_key: None,
            times: None,
            harm,
        }
    }

    /// The same for one operation only.
    #[must_use]
    pub const fn on(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// The same for so many requests only.
    #[must_use]
    pub const fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// Whether it strikes this request, which `access_key` signs.
    fn strikes(&self, call: &Call, access_key: Option<&str>) -> bool {
        self.times != Some(0)
            && self.service.is_none_or(|service| service == call.service)
            && self
                .operation
                .is_none_or(|operation| operation == call.operation)
            && self
                .access_key
                .as_deref()
                .is_none_or(|key| access_key == Some(key))
    }
}

impl World {
    /// What goes wrong with this request: the first fault that strikes it, which is counted.
    pub(crate) fn harm(&self, call: &Call) -> Option<Harm> {
        let mut state = self.state();
        let fault = state
            .faults
            .iter_mut()
            .find(|fault| fault.strikes(call, call.access_key()))?;
        fault.times = fault.times.map(|times| times - 1);
        Some(fault.harm.clone())
    }
}
