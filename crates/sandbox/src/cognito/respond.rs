//! RespondToAuthChallenge: the password is proved, and what is asked after it is answered.
//!
//! Who does not know the password learns nothing about the user: that a user is disabled, not confirmed, or has to do
//! something first is told only after a right proof. A proof and a session count once and for some minutes.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{
    app_client::AppClient,
    draw,
    input::{Input, Parameters, missing_parameter},
    pool_user::{PoolUser, Status},
    refresh, rules, timestamp,
    user_pool::{self, UserPool},
};
use crate::{Call, Refusal, State};

/// How far the time in a proof may be off.
const SKEW: Duration = Duration::minutes(5);

const NEW_PASSWORD: &str = "NEW_PASSWORD_REQUIRED";

/// A challenge that waits for its answer.
pub(super) struct Asked {
    pub(super) client_id: String,
    pub(super) user: String,
    pub(super) challenge: &'static str,
    pub(super) begun_at: OffsetDateTime,
    pub(super) is_used: bool,
}

/// Takes the answer to a challenge.
pub(super) fn respond(state: &mut State, call: &Call, input: &Input<'_>) -> Result<Value, Refusal> {
    let client_id = input.required("ClientId", &rules::CLIENT_ID)?;
    let challenge = input.required("ChallengeName", &rules::CHALLENGE_NAME)?;
    let session = input.optional("Session", &rules::SESSION)?;
    let responses = input.map("ChallengeResponses")?;
    let (pool, client) = user_pool::of_client(state, call, client_id)?;
    let name = responses.required("USERNAME")?;
    client.check_hash(name, responses.optional("SECRET_HASH"))?;
    let user = if challenge == "PASSWORD_VERIFIER" {
        prove(pool, &client, session, &responses, call.now)?
    } else {
        let session = session.ok_or_else(|| missing_parameter("Session"))?;
        let responses = (challenge, &responses);
        renew_password(pool, &client, session, responses, call.now)?
    };
    admit(pool, &client, &user, call)
}

/// The user whose password was proved.
///
/// AWS's own clients send the session back, others rely on the secret block alone: so a session must be the right one only
/// where one is sent.
fn prove(
    pool: &mut UserPool,
    client: &AppClient,
    session: Option<&str>,
    responses: &Parameters<'_>,
    now: OffsetDateTime,
) -> Result<String, Refusal> {
    let name = responses.required("USERNAME")?;
    let signature = responses.required("PASSWORD_CLAIM_SIGNATURE")?;
    let secret_block = responses.required("PASSWORD_CLAIM_SECRET_BLOCK")?;
    let made_at = timestamp::read(responses.required("TIMESTAMP")?).ok_or_else(|| {
        let message = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.";
        Refusal::new(400, "InvalidParameterException", message)
    })?;

    let found = pool.exchanges.get_mut(secret_block);
    let exchanged = found
        .filter(|exchanged| exchanged.client_id == client.id)
        .ok_or_else(incorrect)?;
    if session.is_some_and(|session| session != exchanged.session) {
        return Err(not_authorized("Invalid session for the user."));
    }
    check_session(exchanged.is_used, exchanged.begun_at, client, now)?;
    exchanged.is_used = true;
    let exchanged = exchanged.clone();
    if (made_at - now).abs() > SKEW {
        return Err(incorrect());
    }

    let pool_name = pool.name().to_owned();
    let user = exchanged
        .user
        .and_then(|user| pool.user_mut(&user))
        .ok_or_else(incorrect)?;
    if user.lockout.holds(now) {
        return Err(not_authorized("Password attempts exceeded"));
    }
    let is_proved = name == exchanged.name
        && exchanged.exchange.is_proved_by(
            &BASE64_STANDARD.decode(signature).unwrap_or_default(),
            &pool_name,
            &exchanged.name,
            &BASE64_STANDARD.decode(secret_block).unwrap_or_default(),
            &timestamp::spell(made_at),
        );
    if !is_proved || user.status == Status::ResetRequired {
        user.lockout.fail(now);
        return Err(incorrect());
    }
    user.lockout.clear();
    Ok(user.username.clone())
}

/// The user who set a new password. The other challenges are answered by codes, which nobody ever got.
fn renew_password(
    pool: &mut UserPool,
    client: &AppClient,
    session: &str,
    (challenge, responses): (&str, &Parameters<'_>),
    now: OffsetDateTime,
) -> Result<String, Refusal> {
    let name = responses.required("USERNAME")?;
    let found = pool.asked.get_mut(session);
    let asked = found
        .filter(|asked| {
            asked.client_id == client.id && asked.challenge == challenge && asked.user == name
        })
        .ok_or_else(|| not_authorized("Invalid session for the user."))?;
    check_session(asked.is_used, asked.begun_at, client, now)?;
    if challenge != NEW_PASSWORD {
        let message = "Invalid code received for user";
        return Err(Refusal::new(400, "CodeMismatchException", message));
    }
    let password = responses.required("NEW_PASSWORD")?;
    if password.chars().count() < 8 {
        let message = "Password did not conform with policy: Password not long enough";
        return Err(Refusal::new(400, "InvalidPasswordException", message));
    }
    asked.is_used = true;
    let user = asked.user.clone();
    let user = pool.user_mut(&user).ok_or_else(incorrect)?;
    password.clone_into(&mut user.password);
    user.status = Status::Confirmed;
    Ok(user.username.clone())
}

/// Gives tokens to a user who knows the password, or asks for more, or refuses after all.
fn admit(
    pool: &mut UserPool,
    client: &AppClient,
    username: &str,
    call: &Call,
) -> Result<Value, Refusal> {
    let user = pool.find_user(username).ok_or_else(incorrect)?;
    if !user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    match user.status {
        Status::Unconfirmed => Err(Refusal::new(
            400,
            "UserNotConfirmedException",
            "User is not confirmed.",
        )),
        Status::TemporaryPasswordExpired => Err(not_authorized(
            "Temporary password has expired and must be reset by an administrator.",
        )),
        Status::ForceChangePassword => {
            let attributes = attributes(user).to_string();
            let parameters = [
                ("requiredAttributes", "[]"),
                ("userAttributes", &attributes),
            ];
            Ok(ask(
                pool,
                client,
                username,
                (NEW_PASSWORD, &parameters),
                call,
            ))
        }
        Status::Confirmed | Status::ResetRequired => match user.challenge {
            Some(challenge) => {
                let challenge = (challenge.name(), challenge.parameters());
                Ok(ask(pool, client, username, challenge, call))
            }
            None => Ok(refresh::first(pool, client, username, call)),
        },
    }
}

fn ask(
    pool: &mut UserPool,
    client: &AppClient,
    username: &str,
    (challenge, parameters): (&'static str, &[(&str, &str)]),
    call: &Call,
) -> Value {
    let session = draw::text::<360>(call);
    let asked = Asked {
        client_id: client.id.clone(),
        user: username.to_owned(),
        challenge,
        begun_at: call.now,
        is_used: false,
    };
    pool.asked.insert(session.clone(), asked);
    let mut answer = json!({
        "ChallengeName": challenge,
        "Session": session,
        "ChallengeParameters": { "USER_ID_FOR_SRP": username },
    });
    for (name, value) in parameters {
        answer["ChallengeParameters"][name] = json!(value);
    }
    answer
}

fn attributes(user: &PoolUser) -> Value {
    user.email.as_ref().map_or_else(
        || json!({}),
        |email| json!({ "email": email, "email_verified": "true" }),
    )
}

fn check_session(
    is_used: bool,
    begun_at: OffsetDateTime,
    client: &AppClient,
    now: OffsetDateTime,
) -> Result<(), Refusal> {
    if is_used {
        let message = "Invalid session for the user, session can only be used once.";
        return Err(not_authorized(message));
    }
    if now >= begun_at + client.session_lifetime {
        let message = "Invalid session for the user, session is expired.";
        return Err(not_authorized(message));
    }
    Ok(())
}

fn incorrect() -> Refusal {
    not_authorized("Incorrect username or password.")
}

fn not_authorized(message: &str) -> Refusal {
    Refusal::new(400, "NotAuthorizedException", message)
}
