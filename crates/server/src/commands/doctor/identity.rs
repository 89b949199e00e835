//! As whom this shell asks AWS, beside whom customers' roles trust: roles that are tested as somebody else refuse.

use credential_provider::iam_role::own_arn;

use crate::{Context, commands::output};

/// As whom, or what is wrong with that. None if the service has no identity of its own.
pub(super) async fn check(context: &Context) -> Option<Result<String, String>> {
    let principal = context.settings.aws.principal_arn.as_deref()?;
    Some(match own_arn(&context.aws).await {
        Ok(arn) if speaks_for(&arn, principal) => Ok(arn),
        Ok(arn) => Err(format!(
            "{arn} asks AWS here, and customers' roles trust {principal}: run this where and as whom the service runs, or mend BI_PRINCIPAL_ARN"
        )),
        Err(error) => Err(format!(
            "nobody asks AWS here ({}), and customers' roles trust {principal}: run this where and as whom the service runs",
            output::chain(&error)
        )),
    })
}

/// Whether a trust policy that names the principal means this caller. A session does not tell the path of its role.
fn speaks_for(caller: &str, principal: &str) -> bool {
    let (Some((place, caller)), Some((its_place, principal))) = (parts(caller), parts(principal))
    else {
        return false;
    };
    let role = caller
        .strip_prefix("assumed-role/")
        .and_then(|session| session.split('/').next());
    let is_named = match (role, principal.strip_prefix("role/")) {
        _ if principal == "root" => true,
        (Some(role), Some(path)) => path.rsplit('/').next() == Some(role),
        _ => caller == principal,
    };
    place == its_place && is_named
}

/// Partition and account, and what is named in them.
fn parts(arn: &str) -> Option<((&str, &str), &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, _, "", account, named] => Some(((partition, account), named)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_speaks_for_its_role_and_nobody_for_another() {
        let session = "arn:aws:sts::111122223333:assumed-role/Service/i-1";
        let user = "arn:aws:iam::111122223333:user/ops/ann";
        for (caller, principal, speaks) in [
            (session, "arn:aws:iam::111122223333:role/Service", true),
            (session, "arn:aws:iam::111122223333:role/a/b/Service", true),
            (session, "arn:aws:iam::111122223333:root", true),
            (session, "arn:aws:iam::111122223333:role/Servic", false),
            (session, "arn:aws:iam::111122223333:user/Service", false),
            (session, "arn:aws:iam::444455556666:role/Service", false),
            (
                session,
                "arn:aws-us-gov:iam::111122223333:role/Service",
                false,
            ),
            (user, user, true),
            (user, "arn:aws:iam::111122223333:user/ann", false),
            ("arn:aws:iam::111122223333:root", user, false),
            ("nobody", user, false),
        ] {
            assert_eq!(
                speaks_for(caller, principal),
                speaks,
                "{caller} {principal}"
            );
        }
    }
}
