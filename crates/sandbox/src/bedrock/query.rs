//! The parameters of lists, checked as AWS checks them, and their pages.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{Call, Refusal};

/// How many items a page has if nobody says. AWS does not tell its own number; a small one shows who does not page.
const DEFAULT_PAGE: usize = 20;

const MAX_PAGE: usize = 1_000;

/// A parameter that has one of some values.
pub(crate) fn one_of<'a>(
    call: &'a Call,
    name: &str,
    member: &str,
    values: &[&str],
) -> Result<Option<&'a str>, Refusal> {
    match call.parameter(name) {
        Some(value) if !values.contains(&value) => Err(violation(
            value,
            member,
            &format!(
                "Member must satisfy enum value set: [{}]",
                values.join(", ")
            ),
        )),
        value => Ok(value),
    }
}

/// Whether a name has in it what the list was asked for.
pub(crate) fn name_matches(call: &Call, name: &str) -> bool {
    call.parameter("nameContains")
        .is_none_or(|part| name.to_lowercase().contains(&part.to_lowercase()))
}

/// Whether a value is the one that the list was asked for.
pub(crate) fn matches(asked: Option<&str>, value: &str) -> bool {
    asked.is_none_or(|asked| asked == value)
}

/// The page of `items` that was asked for, and the token of the next.
pub(crate) fn page<T>(call: &Call, items: Vec<T>) -> Result<(Vec<T>, Option<String>), Refusal> {
    let size = match call.parameter("maxResults") {
        None => DEFAULT_PAGE,
        Some(text) => max_results(text)?,
    };
    let start = match call.parameter("nextToken") {
        None => 0,
        Some(token) => offset(call, token, items.len())?,
    };
    let next = start + size;
    let token = (next < items.len()).then(|| token(call, next));
    let page = items.into_iter().skip(start).take(size).collect();
    Ok((page, token))
}

fn max_results(text: &str) -> Result<usize, Refusal> {
    let Ok(number) = text.parse::<i64>() else {
        return Err(Refusal::serialization());
    };
    let bound = if number < 1 {
        "Member must have value greater than or equal to 1"
    } else {
        "Member must have value less than or equal to 1000"
    };
    usize::try_from(number)
        .ok()
        .filter(|number| (1..=MAX_PAGE).contains(number))
        .ok_or_else(|| violation(text, "maxResults", bound))
}

/// A token is good for the operation and the region that gave it.
fn token(call: &Call, offset: usize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}/{}/{offset}", call.operation, call.region))
}

fn offset(call: &Call, token: &str, count: usize) -> Result<usize, Refusal> {
    let read = || {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let offset = text
            .strip_prefix(&format!("{}/{}/", call.operation, call.region))?
            .parse()
            .ok()?;
        (offset < count).then_some(offset)
    };
    read().ok_or_else(|| Refusal::validation("The provided nextToken is invalid."))
}

/// What AWS says to a value that breaks its rule.
pub(crate) fn violation(value: &str, member: &str, rule: &str) -> Refusal {
    Refusal::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"
    ))
}
