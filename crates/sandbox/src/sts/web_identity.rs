//! AssumeRoleWithWebIdentity: who holds a token of an issuer that the role's account knows takes on a role. Nobody signs.

use super::{
    OidcProvider, Session,
    assume_role::{ROLE_ARN, SESSION_NAME, account_of, check_arn, find},
    form::{Form, Rule, validation},
    result, session_xml,
    token::Token,
};
use crate::{
    Call, Refusal, World,
    answer::{Answer, escape},
    policy::{Context, Guest, Trust},
};

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

const TOKEN: Rule = Rule {
    length: (4, 20_000),
    also: None,
    pattern: "",
    is_sensitive: true,
};

pub(super) async fn answer(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let mut form = Form::of(call);
    let role_arn = form.required("RoleArn", &ROLE_ARN);
    let session_name = form.required("RoleSessionName", &SESSION_NAME);
    let token = form.required("WebIdentityToken", &TOKEN);
    let lasting = form.duration();
    let session_policy = form.session_policy()?;
    check_arn(role_arn)?;
    if call.parameter("ProviderId").is_some() {
        return Err(validation(
            "ProviderId is not supported for OpenID Connect tokens.",
        ));
    }

    let token = Token::read(token)?;
    let role = find(world, call, role_arn)?;
    let account = account_of(role_arn)?;
    let provider = provider(world, account, token.issuer())?;
    token.check(&provider, call.now).await?;

    let name = provider.name();
    let context = Context::new()
        .with(&format!("{name}:sub"), token.subject())
        .with(&format!("{name}:aud"), token.audience())
        .with("sts:RoleSessionName", session_name);
    let arn = provider.arn(account);
    let role = role
        .filter(|role| role.trust.trusts(Guest::Federated(&arn), ACTION, &context) != Trust::None)
        .ok_or_else(|| {
            Refusal::new(
                403,
                "AccessDenied",
                format!("Not authorized to perform {ACTION}"),
            )
        })?;
    if lasting > role.max_session {
        return Err(validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }

    let guest = role.principal(account, session_name, session_policy.policy);
    let assumed = session_xml(&Session::open(world, call, guest.clone(), lasting), &guest);
    let packed = session_policy.packed_percent;
    let (subject, audience) = (escape(token.subject()), escape(token.audience()));
    let issuer = escape(token.issuer());
    Ok(result(
        call,
        &format!(
            "{assumed}<PackedPolicySize>{packed}</PackedPolicySize>\
             <SubjectFromWebIdentityToken>{subject}</SubjectFromWebIdentityToken>\
             <Audience>{audience}</Audience><Provider>{issuer}</Provider>"
        ),
    ))
}

fn provider(
    world: &World,
    account: domain::AccountId,
    issuer: &str,
) -> Result<OidcProvider, Refusal> {
    let state = world.state();
    let providers = state
        .accounts
        .get(&account)
        .map(|account| &account.oidc_providers);
    providers
        .into_iter()
        .flatten()
        .find(|provider| provider.issuer == issuer)
        .cloned()
        .ok_or_else(|| {
            let message = format!("No OpenIDConnect provider found in your account for {issuer}");
            Refusal::new(400, "InvalidIdentityToken", message)
        })
}
