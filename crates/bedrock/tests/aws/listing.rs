//! What can be listed, and what is told where something cannot.

use bedrock::report::Name;
use sandbox::{Fault, Harm};

use crate::stage::{SEVEN, SONNET, Stage, flaws, told};

#[tokio::test]
async fn the_seven_permissions_are_enough() {
    let stage = Stage::new().await;
    let report = stage.test(&stage.role_allowing(&SEVEN)).await;
    assert_eq!(
        flaws(&report),
        ["list_inference_profiles warning missing_permission"]
    );
    assert!(report.ok && report.models.is_some());
    let remedy = &told(&report, Name::ListInferenceProfiles).remedy;
    assert!(
        remedy.contains("Allow bedrock:ListInferenceProfiles"),
        "{remedy}"
    );
}

#[tokio::test]
async fn a_list_that_has_no_step_fails_none() {
    let stage = Stage::new().await;
    for list in [
        "ListCustomModelDeployments",
        "ListImportedModels",
        "ListProvisionedModelThroughputs",
    ] {
        stage.refuse(list, 403, "AccessDeniedException", "");
    }
    let report = stage.test(&stage.role()).await;
    assert!(flaws(&report).is_empty());
    assert_eq!(report.catalogue.unwrap().gaps.len(), 3);
}

#[tokio::test]
async fn a_list_that_fails_takes_no_other_along() {
    let stage = Stage::new().await;
    stage.refuse(
        "ListFoundationModels",
        503,
        "ServiceUnavailableException",
        "",
    );
    let report = stage.test(&stage.role()).await;
    assert_eq!(flaws(&report), ["list_models failed aws_unavailable"]);
    assert!(told(&report, Name::ListModels).retryable);
    assert_eq!(report.models, None);
    assert!(report.catalogue.unwrap().find(SONNET).is_some());
    // A test tells what happened, not what a third attempt made of it.
    assert_eq!(stage.world().count("ListFoundationModels"), 1);
}

#[tokio::test]
async fn each_trouble_has_its_code() {
    for (harm, code) in [
        (Harm::Reset, "endpoint_unreachable"),
        (Harm::Nonsense("<html>"), "aws_unavailable"),
    ] {
        let stage = Stage::new().await;
        stage
            .world()
            .fault(Fault::always(harm).on("ListCustomModels"));
        let report = stage.test(&stage.role()).await;
        assert_eq!(
            flaws(&report),
            [format!("list_custom_models warning {code}")]
        );
        assert!(report.ok);
    }
    let stage = Stage::new().await;
    stage.refuse(
        "ListInferenceProfiles",
        429,
        "ThrottlingException",
        "Rate exceeded",
    );
    let report = stage.test(&stage.role()).await;
    assert_eq!(
        flaws(&report),
        ["list_inference_profiles warning throttled"]
    );
}

#[tokio::test]
async fn a_region_without_models_is_told_so() {
    let mut stage = Stage::new().await;
    stage.region = "ap-southeast-7".parse().unwrap();
    let report = stage.test(&stage.role()).await;
    assert_eq!(flaws(&report), ["list_models failed no_models_found"]);
    assert_eq!(report.models, Some(0));
    let diagnosis = told(&report, Name::ListModels);
    assert!(
        diagnosis.message.contains("ap-southeast-7"),
        "{}",
        diagnosis.message
    );
}
