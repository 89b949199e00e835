//! Streams and answers that break, each in its way.

use std::time::Duration;

use bedrock::transport::{Operation, Transport};
use credential_provider::Error;
use sandbox::{Harm, Refusal};
use tokio::{
    io,
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::{
    stage,
    talk::{Talk, kinds},
};

const STREAM: &str = "ConverseStream";
const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_stream_that_is_cut_did_not_end() {
    let talk = Talk::new().await;
    talk.harm(STREAM, 1, Harm::CutAfter(2));
    let answer = talk.ask(Operation::ConverseStream).await.unwrap();
    let (kinds, end) = kinds(answer).await;
    assert_eq!(kinds, ["messageStart", "contentBlockDelta"]);
    assert_eq!(end, Err(Error::Broken { operation: STREAM }));
}

#[tokio::test]
async fn what_goes_wrong_in_mid_stream_is_told_and_not_asked_again() {
    let talk = Talk::new().await;
    let refusal = Refusal::new(424, "ModelStreamErrorException", "The model gave up.");
    talk.harm(STREAM, 1, Harm::FailAfter(1, refusal));
    let answer = talk.ask(Operation::ConverseStream).await.unwrap();
    let (kinds, end) = kinds(answer).await;
    assert_eq!(kinds, ["messageStart"]);
    let error = end.unwrap_err();
    let aws = error.aws().unwrap();
    assert_eq!(
        (aws.status, &*aws.code, &*aws.message),
        (424, "ModelStreamErrorException", "The model gave up.")
    );
    assert_eq!(talk.stage.world().count(STREAM), 1);
}

#[tokio::test]
async fn a_stream_of_nonsense_is_a_fault() {
    let talk = Talk::new().await;
    talk.harm(
        STREAM,
        1,
        Harm::Nonsense("<html>Welcome to the hotel!</html>"),
    );
    let answer = talk.ask(Operation::ConverseStream).await.unwrap();
    let (kinds, end) = kinds(answer).await;
    assert!(kinds.is_empty());
    assert!(matches!(end, Err(Error::Faulty(_))));
}

/// Stands before the sandbox for one connection, and tells when the client has hung up.
async fn watched(talk: &mut Talk) -> oneshot::Receiver<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let behind = talk.stage.sandbox.url().replace("http://", "");
    let (tell, hung_up) = oneshot::channel();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = TcpStream::connect(behind).await.unwrap();
        let (mut asked, mut answers) = client.split();
        let (mut answered, mut asks) = server.split();
        tokio::select! {
            _ = io::copy(&mut asked, &mut asks) => tell.send(()).unwrap(),
            _ = io::copy(&mut answered, &mut answers) => {}
        }
    });
    talk.transport = Transport::new(stage::aws(&url, &talk.stage.clock, None));
    hung_up
}

#[tokio::test]
async fn what_does_not_begin_in_time_is_given_up_and_aws_sees_it() {
    let mut talk = Talk::new().await;
    talk.harm(STREAM, 1, Harm::Hang);
    talk.patience = SHORT;
    let hung_up = watched(&mut talk).await;
    let error = talk.ask(Operation::ConverseStream).await.err();
    let (operation, limit) = (STREAM, SHORT);
    assert_eq!(error, Some(Error::TimedOut { operation, limit }));
    hung_up.await.unwrap();
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_given_up_and_aws_sees_it() {
    let mut talk = Talk::new().await;
    talk.stage.change(|account| {
        account.bedrock.pace = Duration::from_secs(3_600);
    });
    let mut hung_up = watched(&mut talk).await;
    let mut frames = talk.ask(Operation::ConverseStream).await.unwrap().frames();
    let silence = frames.batch(SHORT).await.err();
    let (operation, limit) = (STREAM, SHORT);
    assert_eq!(silence, Some(Error::TimedOut { operation, limit }));

    assert!(hung_up.try_recv().is_err(), "it may go on being waited for");
    drop(frames);
    hung_up.await.unwrap();
}
