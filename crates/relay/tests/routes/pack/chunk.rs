//! Chunks over HTTP.

use almanac_protocol::limits::PACK_CHUNK_BYTES;
use almanac_protocol::pack::blob_name;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Scene, ask, chunk, get_chunk, hex, put_chunk};

#[tokio::test]
async fn an_upload_goes_on_where_it_broke_off() {
    let mut scene = Scene::new().await;
    let (bytes, ticket) = (chunk(5), scene.packs().await.ticket.to_vec());
    let (name, world) = (blob_name(&bytes), &scene.world);
    // Less comes than was announced: what came is kept.
    let request = format!(
        "PUT /v1/pack/{name}?offset=0 HTTP/1.1\r\nAuthorization: Bearer {}\r\n\
         Content-Length: {PACK_CHUNK_BYTES}\r\n",
        hex(&ticket)
    );
    let mut broken = TcpStream::connect(world.relay.addr()).await.unwrap();
    let head = format!("{request}Host: relay\r\n\r\n");
    let sent = [head.as_bytes(), &bytes[..1000]].concat();
    broken.write_all(&sent).await.unwrap();
    drop(broken);
    let request = format!(
        "HEAD /v1/pack/{name} HTTP/1.1\r\nAuthorization: Bearer {}\r\n",
        hex(&ticket)
    );
    // The relay hears of the broken connection on its own time.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let (head, _) = ask(world, &request, b"").await;
        if head.contains("upload-offset: 1000") {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{head}");
    }
    let again = put_chunk(world, &ticket, &name, 0, &bytes).await;
    assert!(again.starts_with("HTTP/1.1 409 "), "{again}");
    assert!(again.contains("upload-offset: 1000"), "{again}");
    let unread = get_chunk(world, &ticket, &name, "").await;
    assert!(unread.0.starts_with("HTTP/1.1 404 "), "not whole yet");
    let rest = put_chunk(world, &ticket, &name, 1000, &bytes[1000..]).await;
    assert!(
        rest.contains(&format!("upload-offset: {PACK_CHUNK_BYTES}")),
        "{rest}"
    );
    let (head, read) = get_chunk(world, &ticket, &name, "").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(read, bytes);
}

#[tokio::test]
async fn a_chunk_is_read_from_any_byte_on() {
    let mut scene = Scene::new().await;
    let mut bytes = chunk(5);
    bytes[PACK_CHUNK_BYTES - 2..].copy_from_slice(&[1, 2]);
    scene.upload(std::slice::from_ref(&bytes)).await;
    let ticket = scene.packs().await.ticket.to_vec();
    let name = blob_name(&bytes);
    let last = PACK_CHUNK_BYTES - 2;
    for (range, expected) in [
        (format!("bytes={last}-"), Some(&bytes[last..])),
        ("bytes=0-1".to_owned(), Some(&bytes[..2])),
        (format!("bytes={last}-9999999"), Some(&bytes[last..])),
        (format!("bytes={PACK_CHUNK_BYTES}-"), None),
    ] {
        let range = format!("Range: {range}\r\n");
        let (head, read) = get_chunk(&scene.world, &ticket, &name, &range).await;
        match expected {
            Some(part) => {
                assert!(head.starts_with("HTTP/1.1 206 "), "{range}: {head}");
                assert_eq!(read, part);
            }
            None => assert!(head.starts_with("HTTP/1.1 416 "), "{range}: {head}"),
        }
    }
}

#[tokio::test]
async fn bytes_that_are_not_the_chunk_are_forgotten() {
    let mut scene = Scene::new().await;
    let ticket = scene.packs().await.ticket.to_vec();
    let name = blob_name(&chunk(5));
    let answer = put_chunk(&scene.world, &ticket, &name, 0, &chunk(6)).await;
    assert!(answer.contains("upload-offset: 0"), "{answer}");
    let answer = put_chunk(&scene.world, &ticket, &name, 0, &chunk(5)).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
}

#[tokio::test]
async fn nobody_reaches_a_chunk_without_a_ticket_for_its_calendar() {
    let mut scene = Scene::new().await;
    let bytes = chunk(5);
    scene.upload(std::slice::from_ref(&bytes)).await;
    let name = blob_name(&bytes);
    let (head, _) = get_chunk(&scene.world, &[7; 32], &name, "").await;
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    let answer = put_chunk(&scene.world, &[7; 32], &name, 0, b"x").await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let (_, other, mut socket) = scene.world.owner(2).await;
    let ticket = super::packs_of(&mut socket, &other).await.ticket.to_vec();
    let (head, _) = get_chunk(&scene.world, &ticket, &name, "").await;
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
    let own = scene.packs().await.ticket.to_vec();
    let (head, _) = get_chunk(
        &scene.world,
        &own,
        &name,
        "Origin: https://evil.example\r\n",
    )
    .await;
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
}
