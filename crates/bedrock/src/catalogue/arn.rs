//! An ARN of Bedrock's, in its parts.

/// An ARN such as `arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0`, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    /// Such as `aws`.
    pub partition: &'a str,
    /// Such as `bedrock`.
    pub service: &'a str,
    /// Empty where the ARN names no region, as global inference profiles' models do.
    pub region: &'a str,
    /// Empty where nobody owns it, as AWS's own models.
    pub account: &'a str,
    /// What it names, such as `foundation-model`.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes `text` apart; none if it is no such ARN.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let (partition, service, region, account) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (kind, id) = parts.next()?.split_once('/')?;
        Some(Self {
            partition,
            service,
            region,
            account,
            kind,
            id,
        })
    }

    /// Whether it names one of AWS's own models.
    pub(super) fn is_foundation_model(&self) -> bool {
        self.kind == "foundation-model"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_taken_apart() {
        let arn =
            Arn::parse("arn:aws:bedrock:::foundation-model/anthropic.claude-v2:1:18k").unwrap();
        assert_eq!(
            (arn.region, arn.kind, arn.id),
            ("", "foundation-model", "anthropic.claude-v2:1:18k")
        );
        assert!(arn.is_foundation_model());
    }

    #[test]
    fn what_is_no_arn_is_none() {
        for text in [
            "",
            "amazon.nova-lite-v1:0",
            "arn:aws:bedrock",
            "arn:aws:bedrock:x::none",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
