//! The parameters of a request and AWS's limits to them. AWS tells all that is wrong at once.

use time::Duration;

use crate::{Call, Refusal, policy::Policy};

/// The parameters of one request, and what is wrong with them.
pub(super) struct Form<'a> {
    call: &'a Call,
    wrong: Vec<String>,
}

/// What a text must be.
pub(super) struct Rule {
    /// How many characters at least and at most.
    pub(super) length: (usize, usize),
    /// Which characters besides ASCII letters, digits and `_`; all, if there is no pattern.
    pub(super) also: Option<&'static str>,
    /// The pattern, as AWS writes it.
    pub(super) pattern: &'static str,
    /// Whether AWS keeps the value out of the refusal.
    pub(super) is_sensitive: bool,
}

/// The session policy and what it takes of the space for policies and tags.
pub(super) struct SessionPolicy {
    pub(super) policy: Option<Policy>,
    pub(super) packed_percent: usize,
}

const LONGEST_POLICY: usize = 2048;

impl<'a> Form<'a> {
    pub(super) const fn of(call: &'a Call) -> Self {
        Self {
            call,
            wrong: Vec::new(),
        }
    }

    /// A text that must be there; empty if it is wrong.
    pub(super) fn required(&mut self, name: &str, rule: &Rule) -> &'a str {
        if self.call.parameter(name).is_none() {
            self.refuse(name, None, "Member must not be null");
        }
        self.optional(name, rule).unwrap_or_default()
    }

    /// A text that may be there.
    pub(super) fn optional(&mut self, name: &str, rule: &Rule) -> Option<&'a str> {
        let text = self.call.parameter(name)?;
        let shown = (!rule.is_sensitive).then_some(text);
        let (shortest, longest) = rule.length;
        let length = text.chars().count();
        let is_allowed = |byte: u8| {
            let also = rule.also.is_none_or(|also| also.as_bytes().contains(&byte));
            byte.is_ascii_alphanumeric() || byte == b'_' || also
        };
        if length < shortest {
            let rule = format!("Member must have length greater than or equal to {shortest}");
            self.refuse(name, shown, &rule);
        } else if length > longest {
            let rule = format!("Member must have length less than or equal to {longest}");
            self.refuse(name, shown, &rule);
        } else if !text.bytes().all(is_allowed) {
            let rule = format!(
                "Member must satisfy regular expression pattern: {}",
                rule.pattern
            );
            self.refuse(name, shown, &rule);
        }
        Some(text)
    }

    /// How long the session shall last.
    pub(super) fn duration(&mut self) -> Duration {
        let Some(text) = self.call.parameter("DurationSeconds") else {
            return Duration::HOUR;
        };
        let seconds = text.parse::<i64>().unwrap_or_default();
        if seconds < 900 {
            let rule = "Member must have value greater than or equal to 900";
            self.refuse("DurationSeconds", Some(text), rule);
        } else if seconds > 43_200 {
            let rule = "Member must have value less than or equal to 43200";
            self.refuse("DurationSeconds", Some(text), rule);
        }
        Duration::seconds(seconds)
    }

    /// The session's tags, keys and values.
    pub(super) fn tags(&self) -> Vec<(&'a str, &'a str)> {
        (1..=50)
            .map_while(|number| {
                let of = |part| self.call.parameter(&format!("Tags.member.{number}.{part}"));
                Some((of("Key")?, of("Value").unwrap_or_default()))
            })
            .collect()
    }

    /// The refusal of what was wrong so far.
    ///
    /// # Errors
    /// It, if anything was.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let count = self.wrong.len();
        if count == 0 {
            return Ok(());
        }
        let errors = if count == 1 { "error" } else { "errors" };
        let message = format!(
            "{count} validation {errors} detected: {}",
            self.wrong.join("; ")
        );
        Err(validation(message))
    }

    /// The session policy.
    ///
    /// # Errors
    /// What AWS answers if it is too long, no policy, or too much together with the tags.
    pub(super) fn session_policy(mut self) -> Result<SessionPolicy, Refusal> {
        let text = self.call.parameter("Policy");
        if text.is_some_and(|text| text.chars().count() > LONGEST_POLICY) {
            let rule = format!("Member must have length less than or equal to {LONGEST_POLICY}");
            self.refuse("Policy", text, &rule);
        }
        self.check()?;
        if self.call.parameter("PolicyArns.member.1.arn").is_some() {
            return Err(validation("The sandbox has no managed policies."));
        }
        let policy = text
            .map(Policy::parse)
            .transpose()
            .map_err(|error| Refusal::new(400, "MalformedPolicyDocument", error.to_string()))?;
        let tags = self
            .tags()
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum::<usize>();
        // AWS packs in a way of its own; this is of the right order, and the same every time.
        let packed_percent = (text.map_or(0, packed) + tags).div_ceil(LONGEST_POLICY / 100);
        if packed_percent > 100 {
            let message = format!(
                "Packed size of session policy and tags consumes {packed_percent}% of allotted space."
            );
            return Err(Refusal::new(400, "PackedPolicyTooLarge", message));
        }
        Ok(SessionPolicy {
            policy,
            packed_percent,
        })
    }

    fn refuse(&mut self, name: &str, value: Option<&str>, rule: &str) {
        let mut member = name.to_owned();
        member[..1].make_ascii_lowercase();
        let value = value.map(|value| format!(" '{value}'")).unwrap_or_default();
        self.wrong.push(format!(
            "Value{value} at '{member}' failed to satisfy constraint: {rule}"
        ));
    }
}

/// A parameter, or several together, break a rule.
pub(super) fn validation(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "ValidationError", message)
}

/// A policy's size without white space.
fn packed(policy: &str) -> usize {
    policy.chars().filter(|char| !char.is_whitespace()).count()
}
