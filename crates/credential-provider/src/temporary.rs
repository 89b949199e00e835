//! Temporary credentials, as STS and identity pools give them.

use aws_credential_types::Credentials;
use aws_smithy_types::DateTime;
use time::OffsetDateTime;

use crate::{Identity, Lease};

/// What AWS gave. What AWS promised and did not give, the SDK makes empty: no text, or the year 1970.
pub(crate) struct Temporary<'a> {
    pub(crate) access_key_id: Option<&'a str>,
    pub(crate) secret: Option<&'a str>,
    pub(crate) session_token: Option<&'a str>,
    pub(crate) expires_at: Option<&'a DateTime>,
}

impl Temporary<'_> {
    /// A lease of them, unless something is missing.
    pub(crate) fn lease(&self) -> Option<Lease> {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let ends = self.expires_at.filter(|ends| ends.secs() > 0)?;
        let expires_at = OffsetDateTime::from_unix_timestamp(ends.secs()).ok()?;
        let credentials = Credentials::new(
            given(self.access_key_id)?,
            given(self.secret)?,
            Some(given(self.session_token)?),
            None,
            "lease",
        );
        Some(Lease::new(
            Identity::Credentials(credentials),
            Some(expires_at),
        ))
    }
}
