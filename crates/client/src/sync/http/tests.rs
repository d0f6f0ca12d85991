//! Answers as relays and proxies give them, and as nobody should.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

const BYTES: &[u8] = b"what stands under this name";

/// Something that gives these answers, one to each request, on as many connections as it is asked
/// on; after an answer that ends in nothing it closes. Gives the requests.
async fn server(answers: Vec<Vec<u8>>) -> (RelayAddress, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut requests, mut answers) = (Vec::new(), answers.into_iter());
        while answers.len() > 0 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut part = vec![0; 4096];
            loop {
                let read = stream.read(&mut part).await.unwrap_or_default();
                let Some(answer) = answers.next().filter(|_| read > 0) else {
                    break;
                };
                requests.push(String::from_utf8_lossy(&part[..read]).into_owned());
                stream.write_all(&answer).await.unwrap();
                if !answer.starts_with(b"HTTP/1.1 200 kept") {
                    break;
                }
            }
        }
        requests
    });
    (RelayAddress::parse(&url).unwrap(), serving)
}

fn http(relay: &RelayAddress) -> Http<'_> {
    let recorder = Recorder::without_profile(relay.origin(), ContactReason::Packs);
    Http::with(relay, &[7; 32], recorder)
}

fn chunked(extra: &str) -> Vec<u8> {
    let (first, rest) = BYTES.split_at(10);
    let mut answer = b"HTTP/1.1 200 kept\r\nTransfer-Encoding: chunked\r\n\r\na;of=it\r\n".to_vec();
    answer.extend_from_slice(first);
    answer.extend_from_slice(format!("\r\n{:X}\r\n", rest.len()).as_bytes());
    answer.extend_from_slice(rest);
    answer.extend_from_slice(format!("\r\n0\r\n{extra}\r\n").as_bytes());
    answer
}

fn with(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), b"\r\n\r\n", body].concat()
}

#[tokio::test]
async fn a_body_is_whole_in_each_of_its_three_forms() {
    let length = format!("HTTP/1.1 200 kept\r\nContent-Length: {}", BYTES.len());
    let answers = vec![
        chunked(""),
        chunked("Checked: yes\r\n"),
        with(&length, BYTES),
        with("HTTP/1.0 200 OK", BYTES),
    ];
    let count = answers.len();
    let (relay, serving) = server(answers).await;
    let mut http = http(&relay);
    for turn in 0..count {
        let got = http.get(&blob_name(BYTES), 100).await;
        assert_eq!(got.as_deref(), Some(BYTES), "answer {turn}");
    }
    assert_eq!(serving.await.unwrap().len(), count);
}

#[tokio::test]
async fn what_came_in_chunks_before_a_break_is_not_asked_for_again() {
    let broken = with(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
        b"a\r\nwhat stand",
    );
    let (_, rest) = BYTES.split_at(10);
    let on = format!("HTTP/1.1 206 on\r\nContent-Length: {}", rest.len());
    let (relay, serving) = server(vec![broken, with(&on, rest)]).await;
    let got = http(&relay).get(&blob_name(BYTES), 100).await;
    assert_eq!(got.as_deref(), Some(BYTES));
    let requests = serving.await.unwrap();
    assert!(requests[1].contains("Range: bytes=10-"), "{requests:?}");
}

#[tokio::test]
async fn more_than_may_be_is_not_taken_in_any_form() {
    for answer in [
        chunked(""),
        with(
            &format!("HTTP/1.1 200 OK\r\nContent-Length: {}", BYTES.len()),
            BYTES,
        ),
        with("HTTP/1.0 200 OK", BYTES),
        with("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip", BYTES),
    ] {
        let is_strange = answer.windows(4).any(|four| four == b"gzip");
        // A form that is not understood is asked for again, as after a break.
        let tries = if is_strange { TRIES } else { 1 };
        let (relay, serving) = server(vec![answer; tries]).await;
        let got = http(&relay).get(&blob_name(BYTES), 20).await;
        assert_eq!(got, None);
        assert_eq!(serving.await.unwrap().len(), tries);
    }
}
