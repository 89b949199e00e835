//! What retries are paid from, access by access: one that is throttled takes no retry away from the others.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::AccessId;
use time::Duration;

/// How many retries an access has in a row.
const MOST: i32 = 10;
/// How long it takes until it has another.
const EACH: Duration = Duration::seconds(1);
/// The most accesses that owe something. Beyond them nobody retries: then AWS as a whole has trouble.
const ACCESSES: usize = 10_000;

/// The accesses that spent retries lately, and when they will have all of them again. All others have them.
#[derive(Debug, Default)]
pub(super) struct Budgets(Mutex<HashMap<AccessId, Duration>>);

impl Budgets {
    /// Takes a retry of the access's, if it has one left `now`.
    pub(super) fn take(&self, access: AccessId, now: Duration) -> bool {
        // Nothing panics while it holds the lock.
        let mut owing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if owing.len() >= ACCESSES {
            owing.retain(|_, until| *until > now);
        }
        if owing.len() >= ACCESSES && !owing.contains_key(&access) {
            return false;
        }
        let until = owing.entry(access).or_insert(now);
        let then = now.max(*until) + EACH;
        let has_one = then - now <= EACH * MOST;
        if has_one {
            *until = then;
        }
        has_one
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn access(number: usize) -> AccessId {
        Uuid::from_u128(number as u128).into()
    }

    /// How many retries in a row it has.
    fn spend(budgets: &Budgets, access: AccessId, now: Duration) -> usize {
        std::iter::repeat_with(|| budgets.take(access, now))
            .take_while(|has_one| *has_one)
            .count()
    }

    #[test]
    fn who_spent_all_takes_nothing_from_others_and_gets_more_with_time() {
        let budgets = Budgets::default();
        let start = Duration::days(3);
        assert_eq!(spend(&budgets, access(1), start), 10);
        assert_eq!(spend(&budgets, access(2), start), 10);
        assert_eq!(
            spend(&budgets, access(1), start + Duration::milliseconds(999)),
            0
        );
        assert_eq!(
            spend(&budgets, access(1), start + Duration::milliseconds(2_500)),
            2
        );
        assert_eq!(spend(&budgets, access(1), start + Duration::hours(1)), 10);
    }

    #[test]
    fn only_who_owes_is_remembered_and_never_too_many() {
        let budgets = Budgets::default();
        let start = Duration::ZERO;
        for number in 0..ACCESSES {
            assert!(budgets.take(access(number), start));
        }
        assert!(!budgets.take(access(ACCESSES), start));
        assert!(budgets.take(access(7), start), "who owes has the rest");
        let later = start + Duration::minutes(1);
        assert!(budgets.take(access(ACCESSES), later));
        assert_eq!(budgets.0.lock().unwrap().len(), 1);
    }
}
