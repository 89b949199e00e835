//! Invoking a model: which form is taken, by which id, and what each refusal means.

use bedrock::report::{Name, Report};
use sandbox::{bedrock::Standing, demo::ACCOUNT};

use crate::stage::{LITE, SEVEN, SONNET, SONNET_PROFILE, Stage, flaws, invocations, told};

const BOTH: [&str; 2] = ["invoke passed", "invoke_stream passed"];
const WHOLE: [&str; 2] = ["invoke passed", "invoke_stream skipped not_applicable"];

async fn invoked(model: &str) -> (Stage, Report) {
    let stage = Stage::new().await;
    let report = stage.invoke(&stage.role(), model).await;
    (stage, report)
}

#[tokio::test]
async fn a_model_is_invoked_by_whatever_customers_call_it() {
    for model in [
        LITE,
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        SONNET,
        SONNET_PROFILE,
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/ap1sonnet045",
        "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/dp1lite00001",
        "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/pt1lite00001",
        "arn:aws:bedrock:us-east-1:123456789012:imported-model/im1llama0001",
    ] {
        let (_, report) = invoked(model).await;
        assert_eq!(invocations(&report), BOTH, "{model}");
    }
}

#[tokio::test]
async fn a_custom_model_is_invoked_by_what_makes_it_available() {
    let stage = Stage::new().await;
    let report = stage.test(&stage.role()).await;
    let catalogue = report.catalogue.unwrap();
    let mut models = catalogue.models.iter();
    let custom = models.find(|model| model.name == "support-tone").unwrap();
    let report = stage.invoke(&stage.role(), &custom.model_id).await;
    assert_eq!(invocations(&report), BOTH);
}

#[tokio::test]
async fn the_arn_of_a_model_that_needs_a_profile_is_told_which() {
    let model = format!("arn:aws:bedrock:us-east-1::foundation-model/{SONNET}");
    let (_, report) = invoked(&model).await;
    assert_eq!(
        flaws(&report),
        [
            "invoke failed on_demand_unsupported",
            "invoke_stream failed on_demand_unsupported"
        ]
    );
    for name in [Name::Invoke, Name::InvokeStream] {
        let diagnosis = told(&report, name);
        assert_eq!(
            diagnosis.remedy,
            format!("Use {SONNET_PROFILE} instead of the model's id.")
        );
        assert!(
            diagnosis.message.starts_with(&model),
            "{}",
            diagnosis.message
        );
    }
}

#[tokio::test]
async fn who_may_not_list_profiles_is_told_that_one_is_needed() {
    let stage = Stage::new().await;
    let report = stage.invoke(&stage.role_allowing(&SEVEN), SONNET).await;
    assert_eq!(
        told(&report, Name::Invoke).code.as_str(),
        "on_demand_unsupported"
    );
    assert!(
        told(&report, Name::Invoke)
            .remedy
            .contains("an inference profile")
    );
}

#[tokio::test]
async fn a_model_without_conversations_is_asked_in_its_own_form() {
    for model in [
        "amazon.titan-embed-text-v1",
        "amazon.titan-embed-text-v2:0",
        "cohere.embed-english-v3",
        "cohere.embed-v4:0",
        "amazon.nova-canvas-v1:0",
    ] {
        let (stage, report) = invoked(model).await;
        assert_eq!(invocations(&report), WHOLE, "{model}");
        assert_eq!(stage.world().count("InvokeModel"), 1);
        assert_eq!(stage.world().count("Converse"), 0, "{model}");
    }
}

#[tokio::test]
async fn so_it_is_if_nothing_could_be_listed() {
    let stage = Stage::new().await;
    let actions = [
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream",
    ];
    let role = stage.role_allowing(&actions);
    for model in ["amazon.titan-embed-text-v2:0", "cohere.embed-english-v3"] {
        let report = stage.invoke(&role, model).await;
        assert_eq!(invocations(&report), WHOLE, "{model}");
    }
    let report = stage.invoke(&role, LITE).await;
    assert_eq!(invocations(&report), BOTH);
}

#[tokio::test]
async fn an_imported_model_that_takes_no_conversation_is_asked_in_its_own_form_and_stays_with_it() {
    let stage = Stage::new().await;
    stage.change(|account| {
        account.bedrock.imported_models[0].architecture = "qwen2_5_vl".to_owned();
    });
    let model = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:imported-model/im1llama0001");
    let report = stage.invoke(&stage.role(), &model).await;
    assert_eq!(invocations(&report), BOTH);
    let counts = [
        "Converse",
        "InvokeModel",
        "ConverseStream",
        "InvokeModelWithResponseStream",
    ]
    .map(|operation| stage.world().count(operation));
    assert_eq!(counts, [1, 1, 0, 1]);
}

#[tokio::test]
async fn models_that_think_before_they_answer_have_tokens_enough() {
    for model in [
        "us.deepseek.r1-v1:0",
        "openai.gpt-oss-120b-1:0",
        "amazon.nova-2-lite-v1:0",
    ] {
        let (_, report) = invoked(model).await;
        assert_eq!(invocations(&report), BOTH, "{model}");
    }
}

#[tokio::test]
async fn a_model_that_nothing_here_reaches_is_told_so() {
    for (model, code) in [
        ("amazon.nova-sonic-v1:0", "converse_unsupported"),
        ("amazon.no-such-model-v1:0", "model_not_found"),
        ("../../etc", "model_not_found"),
        (
            "arn:aws:bedrock:us-east-1:999999999999:provisioned-model/abc",
            "model_not_found",
        ),
    ] {
        let (_, report) = invoked(model).await;
        assert_eq!(told(&report, Name::Invoke).code.as_str(), code, "{model}");
    }
}

#[tokio::test]
async fn how_a_model_stands_is_told() {
    for (standing, code) in [
        (Standing::NoAccess, "model_access_not_granted"),
        (Standing::UseCaseFormMissing, "model_use_case_form_missing"),
        (
            Standing::MarketplaceDenied,
            "marketplace_subscription_missing",
        ),
        (Standing::AgreementPending, "model_access_pending"),
        (Standing::AccountBlocked, "account_blocked"),
        (Standing::EndOfLife, "model_end_of_life"),
        (Standing::LegacyUnused, "model_legacy"),
        (Standing::Throttled, "throttled"),
        (Standing::TokensThrottled, "throttled"),
        (Standing::QuotaExceeded, "quota_exceeded"),
        (Standing::NotReady, "model_not_ready"),
        (Standing::TimesOut, "model_timeout"),
        (Standing::Fails, "model_failed"),
        (Standing::InternalError, "aws_unavailable"),
        (Standing::Unavailable, "aws_unavailable"),
        (Standing::Overloaded, "model_overloaded"),
    ] {
        let stage = Stage::new().await;
        stage.stand(SONNET, standing);
        let report = stage.invoke(&stage.role(), SONNET).await;
        assert_eq!(
            flaws(&report),
            [
                format!("invoke failed {code}"),
                format!("invoke_stream failed {code}")
            ],
            "{standing:?}"
        );
        // Once each: what costs tokens, or was refused, is not tried again.
        assert_eq!(stage.world().count("Converse"), 1);
        assert_eq!(stage.world().count("ConverseStream"), 1);
    }
}

#[tokio::test]
async fn the_two_permissions_are_told_apart() {
    let stage = Stage::new().await;
    let whole = stage.role_allowing(&["bedrock:InvokeModel"]);
    let report = stage.invoke(&whole, LITE).await;
    assert_eq!(
        invocations(&report),
        ["invoke passed", "invoke_stream failed missing_permission"]
    );
    let remedy = &told(&report, Name::InvokeStream).remedy;
    assert!(
        remedy.contains(
            "Allow bedrock:InvokeModelWithResponseStream on \
             arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
        ),
        "{remedy}"
    );

    let stage = Stage::new().await;
    let streamed = stage.role_allowing(&["bedrock:InvokeModelWithResponseStream"]);
    let report = stage.invoke(&streamed, LITE).await;
    assert_eq!(
        invocations(&report),
        ["invoke failed missing_permission", "invoke_stream passed"]
    );
}

#[tokio::test]
async fn a_profile_that_leads_to_a_region_that_is_not_allowed_is_told_which() {
    let stage = Stage::new().await;
    let role = stage.role_allowing(&[]);
    let here = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "bedrock:List*", "Resource": "*" },
            { "Effect": "Allow", "Action": "bedrock:InvokeModel*", "Resource": [
                "arn:aws:bedrock:us-east-1::foundation-model/*",
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/*",
            ] },
        ],
    });
    stage.change(|account| {
        let mut roles = account.roles.iter_mut();
        let narrow = roles.find(|role| role.name == "Narrow").unwrap();
        narrow.policies = vec![sandbox::policy::Policy::of(&here)];
    });
    let report = stage.invoke(&role, SONNET).await;
    let diagnosis = told(&report, Name::Invoke);
    assert_eq!(diagnosis.code.as_str(), "missing_permission");
    assert!(
        diagnosis
            .remedy
            .contains("on arn:aws:bedrock:us-east-2::foundation-model/"),
        "{}",
        diagnosis.remedy
    );
}
