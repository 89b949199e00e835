//! What a verdict weighs when nobody asked for it: a refusal may pass, since AWS's own changes take a while to arrive
//! everywhere.

use bedrock::diagnosis::Code;

use crate::app::trials::Verdict;

/// How many refusals in a row make a connection failing.
const ENOUGH: u16 = 2;

/// What comes of a verdict after so many refusals in a row, and how many they are then.
pub(super) fn weigh(verdict: Verdict, refusals: u16, fails_already: bool) -> (Verdict, u16) {
    match verdict {
        Verdict::Works => (Verdict::Works, 0),
        Verdict::Fails(code) => {
            let refusals = refusals.saturating_add(1);
            if fails_already || is_certain(code) || refusals >= ENOUGH {
                (Verdict::Fails(code), refusals)
            } else {
                (Verdict::Unclear, refusals)
            }
        }
        Verdict::Unclear => (Verdict::Unclear, refusals),
    }
}

/// What was found out and not just refused, and what is never tried again.
const fn is_certain(code: Code) -> bool {
    matches!(
        code,
        Code::AccountChanged
            | Code::ExternalIdNotEnforced
            | Code::ApiKeyExpired
            | Code::RegionMismatch
            | Code::PartitionNotAssumable
            | Code::CognitoBadCredentials
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: Verdict = Verdict::Fails(Code::MissingPermission);

    #[test]
    fn the_second_refusal_in_a_row_counts() {
        assert_eq!(weigh(REFUSED, 0, false), (Verdict::Unclear, 1));
        assert_eq!(weigh(Verdict::Unclear, 1, false), (Verdict::Unclear, 1));
        assert_eq!(weigh(REFUSED, 1, false), (REFUSED, 2));
        assert_eq!(weigh(Verdict::Works, 1, false), (Verdict::Works, 0));
    }

    #[test]
    fn what_fails_already_fails_for_its_present_reason() {
        assert_eq!(weigh(REFUSED, 0, true), (REFUSED, 1));
    }

    #[test]
    fn what_is_certain_counts_at_once() {
        let changed = Verdict::Fails(Code::AccountChanged);
        assert_eq!(weigh(changed, 0, false), (changed, 1));
    }
}
