//! What is not a connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::World;

async fn ask(world: &World, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(world.relay.addr())
        .await
        .expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: relay\r\n{headers}\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it takes a request");
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.expect("it answers");
    answer.truncate(read);
    String::from_utf8(answer).expect("a text")
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test]
async fn a_relay_says_that_it_lives() {
    let world = World::start().await;
    let answer = ask(&world, "/livez", "").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nok"),
        "{answer}"
    );
}

#[tokio::test]
async fn every_other_path_is_unknown() {
    let world = World::start().await;
    for path in ["/", "/v1", "/v1/socket/", "/livez/x", "/relay.db"] {
        assert!(
            ask(&world, path, "").await.starts_with("HTTP/1.1 404 "),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_web_page_is_not_served() {
    let world = World::start().await;
    let answer = ask(&world, "/v1/socket", UPGRADE).await;
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    let headers = format!("{UPGRADE}Origin: https://evil.example\r\n");
    assert!(
        ask(&world, "/v1/socket", &headers)
            .await
            .starts_with("HTTP/1.1 403 ")
    );
    assert!(
        ask(&world, "/v1/socket", "")
            .await
            .starts_with("HTTP/1.1 400 ")
    );
}
